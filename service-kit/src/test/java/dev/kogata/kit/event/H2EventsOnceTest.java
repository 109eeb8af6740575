package dev.kogata.kit.event;

import java.util.Map;

/** Once, on the embedded mesh's database. */
class H2EventsOnceTest extends EventsOnceContract {
    @Override
    Map<String, String> databaseSettings() {
        return Map.of();
    }
}
