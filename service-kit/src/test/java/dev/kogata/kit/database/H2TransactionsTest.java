package dev.kogata.kit.database;

import java.util.Map;

/** Transactions of the embedded mesh's database. */
class H2TransactionsTest extends TransactionsContract {
    @Override
    Map<String, String> settings() {
        return Map.of();
    }
}
