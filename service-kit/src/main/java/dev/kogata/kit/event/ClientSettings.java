package dev.kogata.kit.event;

import dev.kogata.kit.config.KogataConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/** Settings of a Kafka client: its own, and over them what the installation says for all. Stateless. */
final class ClientSettings {
    private ClientSettings() {}

    static Map<String, Object> of(KogataConfig.Kafka config, Map<String, Object> own) {
        return of(config.bootstrapServers(), config.client(), own);
    }

    static Map<String, Object> of(String bootstrapServers, Map<String, String> client, Map<String, Object> own) {
        Map<String, Object> all = new HashMap<>(own);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.putAll(client);
        return all;
    }
}
