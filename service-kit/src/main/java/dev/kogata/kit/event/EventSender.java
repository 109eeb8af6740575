package dev.kogata.kit.event;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.trace.Traces;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends CloudEvents to Kafka in binary mode, each once per call (idempotent producer, all replicas). One per process.
 * Thread-safe. Topics that are missing are created on the way.
 */
public final class EventSender implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;
    private final Topics topics;

    /** A sender to the broker of {@code config}; nothing is connected before the first event. */
    public EventSender(KogataConfig.Kafka config) {
        this.topics = new Topics(config);
        this.producer = new KafkaProducer<>(ClientSettings.of(config, Map.of(
                ProducerConfig.CLIENT_ID_CONFIG, "kogata",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.BUFFER_MEMORY_CONFIG, 8 << 20,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 4000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8000,
                ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000)), new StringSerializer(), new ByteArraySerializer());
    }

    /** Sends one event; completes when the broker has it, exceptionally when that did not happen in a few seconds. */
    CompletableFuture<Void> send(String topic, String key, CloudEvent event) {
        CompletableFuture<Void> sent = topics.ensure(topic).toCompletableFuture().thenCompose(there -> produce(topic, key, event));
        return sent.whenComplete((done, error) -> {
            // A broker that came back empty has lost its topics: look again before the next event.
            if (error != null) {
                topics.forget(topic);
            }
        });
    }

    private CompletableFuture<Void> produce(String topic, String key, CloudEvent event) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        // CloudEvents' own extension for traces: whoever reads the event can go on with the job's.
        CloudEvent traced = key.startsWith("jobs/") && Traces.isOn()
                ? CloudEventBuilder.v1(event).withExtension("traceparent", Traces.parentOfJob(key)).build() : event;
        ProducerRecord<String, byte[]> record = KafkaMessageFactory.<String>createWriter(topic, key).writeBinary(traced);
        producer.send(record, (metadata, error) -> {
            if (error == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(error);
            }
        });
        return sent;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
        topics.close();
    }
}
