package dev.kogata.kit.database;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Two releases on the embedded mesh's database. */
class H2OlderReleaseTest extends OlderReleaseContract {
    @TempDir
    Path folder;

    @Override
    Map<String, String> databaseSettings() {
        return Map.of("kogata.database.url", "jdbc:h2:file:" + folder.resolve("database") + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH");
    }
}
