package dev.kogata.kit.event;

import dev.kogata.kit.config.KogataConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics when they are first needed: brokers in production do not create them by themselves. Thread-safe. */
final class Topics implements AutoCloseable {
    private final KogataConfig.Kafka config;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private Admin admin;

    Topics(KogataConfig.Kafka config) {
        this.config = config;
    }

    /** Returns when the topic is there; fails with a {@link KafkaException} after a few seconds. */
    void ensure(String topic) {
        if (known.contains(topic)) {
            return;
        }
        try {
            admin().createTopics(List.of(new NewTopic(topic, config.partitions(), config.replicas()))).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new KafkaException(e.getCause().getMessage(), e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while creating topic " + topic, e);
        }
        known.add(topic);
    }

    /** The topic may be gone. */
    void forget(String topic) {
        known.remove(topic);
    }

    private synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers(),
                    AdminClientConfig.CLIENT_ID_CONFIG, "kogata-topics",
                    AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000,
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000,
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 4000));
        }
        return admin;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
    }
}
