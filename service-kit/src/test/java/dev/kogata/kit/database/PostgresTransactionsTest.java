package dev.kogata.kit.database;

import dev.kogata.kit.TestConfig;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/** Transactions of the cluster's database, where one is given. */
@EnabledIf("isGiven")
class PostgresTransactionsTest extends TransactionsContract {
    static boolean isGiven() {
        return TestConfig.POSTGRES.isPresent();
    }

    @Override
    Map<String, String> settings() {
        return Map.of("kogata.database.url", TestConfig.POSTGRES.orElseThrow());
    }
}
