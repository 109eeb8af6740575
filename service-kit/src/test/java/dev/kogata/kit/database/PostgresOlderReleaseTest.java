package dev.kogata.kit.database;

import dev.kogata.kit.TestConfig;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/** Two releases on the cluster's database, where one is given. */
@EnabledIf("isGiven")
class PostgresOlderReleaseTest extends OlderReleaseContract {
    static boolean isGiven() {
        return TestConfig.POSTGRES.isPresent();
    }

    @Override
    Map<String, String> databaseSettings() {
        return Map.of("kogata.database.url", TestConfig.POSTGRES.orElseThrow());
    }
}
