package dev.kogata.kit.event;

import dev.kogata.kit.config.KogataConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics when they are first needed: brokers in production do not create them by themselves. Thread-safe. */
final class Topics implements AutoCloseable {
    /** A broker refuses records whose senders' clocks are an hour ahead of its own, unless the time that counts is its own; events carry theirs. */
    private static final Map<String, String> ON_ITS_OWN_CLOCK = Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");

    private final KogataConfig.Kafka config;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private Admin admin;

    Topics(KogataConfig.Kafka config) {
        this.config = config;
    }

    /** Completes when the topic is there, exceptionally when the broker has not answered within a few seconds. */
    CompletionStage<Void> ensure(String topic) {
        if (known.contains(topic)) {
            return CompletableFuture.completedFuture(null);
        }
        return admin().createTopics(List.of(new NewTopic(topic, config.partitions(), config.replicas()).configs(ON_ITS_OWN_CLOCK))).all().toCompletionStage()
                .handle((created, error) -> {
                    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
                    if (cause != null && !(cause instanceof TopicExistsException)) {
                        throw new KafkaException(cause.getMessage(), cause);
                    }
                    known.add(topic);
                    return null;
                });
    }

    /** The topic may be gone. */
    void forget(String topic) {
        known.remove(topic);
    }

    private synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(ClientSettings.of(config, Map.of(
                    AdminClientConfig.CLIENT_ID_CONFIG, "kogata-topics",
                    AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000,
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000,
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 4000)));
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
