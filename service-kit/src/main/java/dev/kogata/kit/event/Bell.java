package dev.kogata.kit.event;

import dev.kogata.kit.config.KogataConfig;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;

/**
 * Hears the events of some topics from now on, without a consumer group: every process hears all of them, none is heard
 * twice, one that was missed is gone. Good for ringing, not for work: whoever hears it looks into the database, and looks
 * there now and then anyway. Survives a missing broker and missing topics.
 */
public final class Bell implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Bell.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Map<String, Object> settings;
    private final Topics known;
    private final List<String> topics;
    private final Consumer<CloudEvent> listener;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile KafkaConsumer<String, CloudEvent> current;
    private volatile boolean listening;

    /** Calls {@code listener} for every event of {@code topics}, one at a time, on a thread of the bell. */
    public Bell(KogataConfig.Kafka config, List<String> topics, Consumer<CloudEvent> listener) {
        this.settings = ClientSettings.of(config, Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG, "kogata-bell-" + String.join("+", topics),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5000,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4000));
        this.known = new Topics(config);
        this.topics = List.copyOf(topics);
        this.listener = listener;
        this.thread = new Thread(this::run, "bell-" + String.join("+", topics));
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether events are heard now. */
    public boolean listening() {
        return listening;
    }

    @Override
    public void close() {
        closed.countDown();
        KafkaConsumer<String, CloudEvent> consumer = current;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean quiet = false;
        while (closed.getCount() > 0) {
            try (KafkaConsumer<String, CloudEvent> consumer =
                    new KafkaConsumer<>(settings, new StringDeserializer(), new CloudEventDeserializer())) {
                current = consumer;
                listen(consumer);
            } catch (WakeupException e) {
                // Closing; the loop looks.
            } catch (RuntimeException e) {
                if (!quiet) {
                    LOG.warnf("events of %s are not heard, trying again: %s", topics, e.getMessage());
                }
                quiet = !listening;
                pause();
            } finally {
                listening = false;
                current = null;
            }
        }
        known.close();
    }

    private void listen(KafkaConsumer<String, CloudEvent> consumer) {
        topics.forEach(topic -> {
            known.forget(topic);
            known.ensure(topic).toCompletableFuture().join();
        });
        List<TopicPartition> partitions = topics.stream().flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // seekToEnd is lazy: only the position fixes where "from now on" begins.
        partitions.forEach(consumer::position);
        listening = true;
        while (closed.getCount() > 0) {
            try {
                for (ConsumerRecord<String, CloudEvent> record : consumer.poll(POLL)) {
                    ring(record);
                }
            } catch (RecordDeserializationException e) {
                LOG.warnf("%s has a record that is no CloudEvent at offset %d", e.topicPartition(), e.offset());
                consumer.seek(e.topicPartition(), e.offset() + 1);
            }
        }
    }

    private void ring(ConsumerRecord<String, CloudEvent> record) {
        try {
            if (record.value() != null) {
                listener.accept(record.value());
            }
        } catch (RuntimeException e) {
            LOG.warnf(e, "an event of %s was not understood", record.topic());
        }
    }

    private void pause() {
        try {
            closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
