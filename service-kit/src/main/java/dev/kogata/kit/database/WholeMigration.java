package dev.kogata.kit.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Migrates a schema of an H2 in a file wholly or not at all. PostgreSQL does so by itself; H2 commits every statement that changes a table, so a
 * process that is killed in the middle leaves half a migration, which no later one gets past. Here the schema as it was is kept beside the
 * database until the migration is done; whoever finds it there begins with that. Used by one thread, in the only process that has the file.
 */
final class WholeMigration {
    private static final String URL = "jdbc:h2:file:";

    private final DataSource database;
    private final String schema;
    private final Path before;

    /** @param file the database's file without its ending */
    WholeMigration(DataSource database, String schema, Path file) {
        this.database = database;
        this.schema = schema;
        this.before = file.resolveSibling(file.getFileName() + "." + schema + ".before.sql");
    }

    /** The file of an H2's URL without its ending; null where it has none. */
    static Path file(String url) {
        return url.startsWith(URL) ? Path.of(url.substring(URL.length()).split(";", 2)[0].replaceFirst("^~", System.getProperty("user.home"))) : null;
    }

    /** Undoes what a migration that never ended has done. */
    void undoHalf() {
        if (Files.exists(before)) {
            boolean empty = before.toFile().length() == 0;
            execute("drop schema if exists \"" + schema + "\" cascade", empty ? "" : "runscript from '" + quoted(before) + "'");
        }
    }

    /** Runs {@code migration} so that its half can be undone. */
    void run(Runnable migration) {
        keep();
        migration.run();
        done();
    }

    private void keep() {
        Path half = before.resolveSibling(before.getFileName() + ".half");
        try {
            Files.deleteIfExists(half);
            if (exists()) {
                execute("script to '" + quoted(half) + "' schema \"" + schema + "\"", "");
            } else {
                Files.createFile(half);
            }
            try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(half, before, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void done() {
        try {
            Files.deleteIfExists(before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean exists() {
        try (Connection connection = database.getConnection(); var schemas = connection.getMetaData().getSchemas(null, schema)) {
            return schemas.next();
        } catch (SQLException e) {
            throw new IllegalStateException("the schemas of the database cannot be listed", e);
        }
    }

    private void execute(String first, String second) {
        try (Connection connection = database.getConnection(); var statement = connection.createStatement()) {
            statement.execute(first);
            if (!second.isEmpty()) {
                statement.execute(second);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the schema " + schema + " cannot be kept or brought back", e);
        }
    }

    private static String quoted(Path file) {
        return file.toAbsolutePath().toString().replace("'", "''");
    }
}
