package dev.kogata.kit.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * One service's schema in the database that {@code kogata.database.url} names: migrated when opened, pooled, H2 or
 * PostgreSQL. Thread-safe.
 *
 * <p>The kit's tables come from {@code db/kit}, the service's own from {@code db/SCHEMA}; each folder has its own
 * history, so that both may grow.
 */
public final class Database implements AutoCloseable {
    /** H2 speaks PostgreSQL's dialect, and writes at each commit: by default it loses the last half second when killed. */
    private static final String H2_SETTINGS =
            ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";

    /** A transaction that could not be serialized, and one that was chosen to end a deadlock. */
    private static final Set<String> GIVEN_UP = Set.of("40001", "40P01");
    private static final int ATTEMPTS = 5;

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final String schema;

    private Database(HikariDataSource pool, String schema) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        this.schema = schema;
    }

    /** Opens and migrates the schema, and waits for a server that is not there yet; {@code UNAVAILABLE} where it does not answer in time. */
    public static Database open(KogataConfig.Database config, String schema) {
        if (!schema.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException("'" + schema + "' is no name for a schema");
        }
        // An H2 in memory lives as long as a connection to it: the second pool opens before the first one closes.
        try (HikariDataSource migrating = pool(config, null, 3)) {
            migrate(migrating, schema, WholeMigration.file(config.url()));
            return new Database(pool(config, schema, config.connections()), schema);
        } catch (FlywayException | HikariPool.PoolInitializationException e) {
            throw new KogataException(Reason.UNAVAILABLE,
                    "The database cannot be opened or migrated (schema " + schema + "); see the log.", Map.of("schema", schema), e);
        }
    }

    private static HikariDataSource pool(KogataConfig.Database config, String schema, int connections) {
        HikariConfig hikari = new HikariConfig();
        boolean h2 = config.url().startsWith("jdbc:h2:");
        // By name: in an application's class loader the driver manager does not find drivers by itself.
        hikari.setDriverClassName(h2 ? "org.h2.Driver" : "org.postgresql.Driver");
        ConnectionUrl connection = h2 ? new ConnectionUrl(config.url() + H2_SETTINGS, Map.of()) : ConnectionUrl.of(config.url());
        hikari.setJdbcUrl(connection.url());
        connection.login().forEach(hikari::addDataSourceProperty);
        hikari.setUsername(config.user().orElse(null));
        hikari.setPassword(config.password().orElse(null));
        hikari.setSchema(schema);
        hikari.setPoolName(schema);
        hikari.setMaximumPoolSize(connections);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(config.connectionTimeout().toMillis());
        if (!h2) {
            // A server may be started after those who need it; a file of H2 that cannot be opened stays as it is.
            hikari.setInitializationFailTimeout(Math.max(1, config.patience().toMillis()));
            // A connection whose other end is gone says nothing, for hours; what the URL says comes first. A migration takes as long as it takes.
            hikari.addDataSourceProperty("tcpKeepAlive", "true");
            if (schema != null) {
                hikari.addDataSourceProperty("socketTimeout", Long.toString(Math.max(1, config.answerTimeout().toSeconds())));
            }
        }
        return new HikariDataSource(hikari);
    }

    private static void migrate(DataSource database, String schema, Path file) {
        if (file == null) {
            flyway(database, schema, "kit").migrate();
            flyway(database, schema, schema).migrate();
            return;
        }
        WholeMigration whole = new WholeMigration(database, schema, file);
        whole.undoHalf();
        Flyway kit = flyway(database, schema, "kit");
        Flyway own = flyway(database, schema, schema);
        // The service's own come on top of the kit's, also where only one of them has something new.
        if (kit.info().pending().length + own.info().pending().length > 0) {
            whole.run(() -> {
                kit.migrate();
                own.migrate();
            });
        }
    }

    private static Flyway flyway(DataSource database, String schema, String folder) {
        return Flyway.configure(Database.class.getClassLoader())
                .dataSource(database)
                .schemas(schema)
                .defaultSchema(schema)
                .table("migrations_" + folder)
                .locations("classpath:db/" + folder)
                // The second folder finds the first one's tables there already.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                // Migrations of one version were written side by side: a home that knows a later number still lacks an earlier one.
                .outOfOrder(true)
                // A newer release may have migrated this schema while replicas of this one still run, and start again.
                .ignoreMigrationPatterns("*:missing", "*:future")
                .failOnMissingLocations(folder.equals("kit"))
                .load();
    }

    /** The schema's name. */
    public String schema() {
        return schema;
    }

    /**
     * Runs {@code work} in one transaction (read committed); an exception rolls it back and comes out. Where the database gave it up for
     * another one's sake (a deadlock), it is run again: it must have no effect but on the database.
     */
    public <T, X extends Exception> T inTransaction(HandleCallback<T, X> work) throws X {
        for (int attempt = 1;; attempt++) {
            try {
                return jdbi.inTransaction(work);
            } catch (JdbiException e) {
                if (attempt == ATTEMPTS || !givenUp(e)) {
                    throw unreachable(e);
                }
                stepAside(attempt);
            }
        }
    }

    /** By chance, so that two that met do not meet again. */
    private static void stepAside(int attempt) {
        try {
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(50 * attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean givenUp(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && GIVEN_UP.contains(String.valueOf(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /** Runs {@code work} on a connection without a transaction of its own. */
    public <T, X extends Exception> T withHandle(HandleCallback<T, X> work) throws X {
        try {
            return jdbi.withHandle(work);
        } catch (JdbiException e) {
            throw unreachable(e);
        }
    }

    /** Whether the database answers a query now. */
    public boolean answers() {
        try {
            return jdbi.withHandle((Handle handle) -> handle.createQuery("select 1").mapTo(int.class).one()) == 1;
        } catch (JdbiException e) {
            return false;
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    /** A lost database is a state to wait for, and so is a service that is stopping and has closed its own; anything else is a fault of ours. */
    private RuntimeException unreachable(JdbiException e) {
        if (pool.isClosed()) {
            return new KogataException(Reason.UNAVAILABLE, "This service is being stopped; try again.", Map.of(), e);
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            boolean lost = cause instanceof SQLNonTransientConnectionException || cause instanceof SQLTransientException || givenUp(cause)
                    || cause instanceof SQLException sql && sql.getSQLState() != null
                            && (sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P"));
            if (lost) {
                return new KogataException(Reason.UNAVAILABLE, "The database does not answer; try again.", Map.of(), e);
            }
        }
        return e;
    }
}
