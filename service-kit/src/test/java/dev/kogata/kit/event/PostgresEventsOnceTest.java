package dev.kogata.kit.event;

import dev.kogata.kit.TestConfig;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/** Once, on the cluster's database, where one is given. */
@EnabledIf("isGiven")
class PostgresEventsOnceTest extends EventsOnceContract {
    static boolean isGiven() {
        return TestConfig.POSTGRES.isPresent();
    }

    @Override
    Map<String, String> databaseSettings() {
        return Map.of("kogata.database.url", TestConfig.POSTGRES.orElseThrow());
    }
}
