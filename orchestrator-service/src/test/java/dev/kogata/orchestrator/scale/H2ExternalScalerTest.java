package dev.kogata.orchestrator.scale;

import java.util.Map;

/** The scaler over the embedded mesh's database. */
class H2ExternalScalerTest extends ExternalScalerContract {
    @Override
    Map<String, String> databaseSettings() {
        return Map.of();
    }
}
