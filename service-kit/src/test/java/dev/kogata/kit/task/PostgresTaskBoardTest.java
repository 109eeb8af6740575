package dev.kogata.kit.task;

import dev.kogata.kit.TestConfig;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/** The board on the cluster's database, where one is given. */
@EnabledIf("isGiven")
class PostgresTaskBoardTest extends TaskBoardContract {
    static boolean isGiven() {
        return TestConfig.POSTGRES.isPresent();
    }

    @Override
    Map<String, String> databaseSettings() {
        return Map.of("kogata.database.url", TestConfig.POSTGRES.orElseThrow());
    }
}
