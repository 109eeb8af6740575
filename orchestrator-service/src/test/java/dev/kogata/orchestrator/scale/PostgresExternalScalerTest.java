package dev.kogata.orchestrator.scale;

import dev.kogata.kit.TestConfig;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/** The scaler over the cluster's database, where one is given. */
@EnabledIf("isGiven")
class PostgresExternalScalerTest extends ExternalScalerContract {
    static boolean isGiven() {
        return TestConfig.POSTGRES.isPresent();
    }

    @Override
    Map<String, String> databaseSettings() {
        return Map.of("kogata.database.url", TestConfig.POSTGRES.orElseThrow());
    }
}
