package dev.kogata.kit.event;

import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.Backoff;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.fault.FaultPoint;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Takes the events of a topic as work, shared with other processes of the same group. An event is done with when the handler
 * returns, or when it lies in {@code kogata.dead} with its reason; only then the next one of its partition is taken, and the
 * place is remembered. So every event is handled at least once: the handler must not mind a second time.
 *
 * <p>A handler that fails with {@code UNAVAILABLE} or {@code DISK_FULL} is asked again for as long as patience lasts: what Kogata
 * itself lacks for a while is no reason to give up somebody's event. A handler may take hours; the broker is kept company meanwhile. Survives a
 * broker that is missing, or that came back empty.
 */
public final class EventIntake implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EventIntake.class);
    /** Largest value of a record that is looked at, in bytes. */
    public static final int LARGEST = 256 << 10;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TOPICS_AGE = Duration.ofSeconds(10);
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));

    private final String topic;
    private final String source;
    private final Duration patience;
    private final Map<String, Object> settings;
    private final Topics topics;
    private final EventSender sender;
    private final Consumer<CloudEvent> handler;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService handling;
    private final Thread thread;
    private volatile boolean listening;

    /**
     * Takes events from now on.
     *
     * @param source of dead letters, {@code //kogata.dev/SERVICE}
     * @param patience how long one event is tried before it is given up
     * @param handler does what an event asks for; its {@code KogataException} is the reason of a dead letter
     */
    public EventIntake(KogataConfig.Kafka config, String topic, String group, String source, Duration patience, EventSender sender,
            Consumer<CloudEvent> handler) {
        this.topic = topic;
        this.source = source;
        this.patience = patience;
        this.settings = ClientSettings.of(config, Map.of(
                ConsumerConfig.GROUP_ID_CONFIG, group,
                ConsumerConfig.CLIENT_ID_CONFIG, group,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1,
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000,
                ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5000,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4000));
        this.topics = new Topics(config);
        this.sender = sender;
        this.handler = handler;
        this.handling = Executors.newSingleThreadExecutor(work -> daemon(work, "intake-" + topic));
        this.thread = daemon(this::run, "intake-poll-" + topic);
        thread.start();
    }

    /** Whether a partition of the topic is this process's now. */
    public boolean listening() {
        return listening;
    }

    /** Stops; what is being handled is left to whoever takes the event next. */
    @Override
    public void close() {
        closed.countDown();
        // Never an interrupt: the handler may be at H2's file.
        handling.shutdown();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        topics.close();
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run() {
        boolean quiet = false;
        while (!isClosed()) {
            try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                ensureTopics();
                consumer.subscribe(List.of(topic), new Assigned());
                quiet = false;
                long ensured = System.nanoTime();
                while (!isClosed()) {
                    if (System.nanoTime() - ensured > TOPICS_AGE.toNanos()) {
                        ensureTopics();
                        ensured = System.nanoTime();
                    }
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        take(consumer, record);
                    }
                }
            } catch (WakeupException e) {
                // Closing; the loop looks.
            } catch (RuntimeException e) {
                if (!quiet) {
                    LOG.warnf("events of %s are not taken, trying again: %s", topic, e.getMessage());
                }
                quiet = true;
                pause(1000);
            } finally {
                listening = false;
            }
        }
    }

    /** Now and then anew: a broker that came back empty tells a consumer nothing, it just never has a record. */
    private void ensureTopics() {
        for (String needed : List.of(topic, Event.DEAD)) {
            topics.forget(needed);
            topics.ensure(needed).toCompletableFuture().join();
        }
    }

    /** Handles one record on a thread of its own, and polls meanwhile: a consumer that does not poll loses its place in the group. */
    private void take(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Future<?> work = handling.submit(() -> handle(record));
        while (!work.isDone() && !isClosed()) {
            consumer.pause(consumer.assignment());
            // Everything is paused, but what a rebalance has just brought: that is for later.
            for (ConsumerRecord<byte[], byte[]> early : consumer.poll(Duration.ofMillis(20))) {
                consumer.seek(new TopicPartition(early.topic(), early.partition()), early.offset());
            }
        }
        if (!work.isDone()) {
            return;
        }
        try {
            work.get();
        } catch (Exception e) {
            if (isClosed()) {
                return;
            }
            throw new IllegalStateException("an event of " + topic + " could be neither handled nor put away", e);
        }
        FaultPoint.reach("intake.before-commit");
        if (consumer.assignment().contains(partition)) {
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(record.offset() + 1)));
        }
        consumer.resume(consumer.assignment());
    }

    private void handle(ConsumerRecord<byte[], byte[]> record) {
        long began = System.nanoTime();
        for (int attempt = 1; !isClosed(); attempt++) {
            try {
                handler.accept(event(record));
                return;
            } catch (KogataException e) {
                if (!e.passes() || System.nanoTime() - began > patience.toNanos()) {
                    putAway(record, e);
                    return;
                }
                LOG.infof("the event at %s/%d waits: %s", record.topic(), record.offset(), e.getMessage());
            } catch (RuntimeException e) {
                putAway(record, Incident.of(e));
                return;
            }
            pause(PAUSES.after(attempt).toMillis());
        }
        throw new IllegalStateException("closing");
    }

    /** The event that a record is; EVENT_INVALID or LIMIT_EXCEEDED where it is none. */
    static CloudEvent event(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            throw invalid("value", "The record has no value.", null);
        }
        if (record.value().length > LARGEST) {
            throw new KogataException(Reason.LIMIT_EXCEEDED, "The record has " + record.value().length + " bytes; at most " + LARGEST + " are read.",
                    Map.of("limit", Integer.toString(LARGEST), "value", Integer.toString(record.value().length)));
        }
        try {
            return KafkaMessageFactory.createReader(record).toEvent();
        } catch (CloudEventRWException | IllegalArgumentException | IllegalStateException | NullPointerException e) {
            throw invalid("event", "The record is no CloudEvent 1.0 in binary mode: it needs the headers ce_specversion, ce_id, ce_source and ce_type.", e);
        }
    }

    private static KogataException invalid(String field, String message, Exception cause) {
        return new KogataException(Reason.EVENT_INVALID, message, Map.of("field", field), cause);
    }

    /** Again and again until the broker has the letter: without it the record may not be passed over. */
    private void putAway(ConsumerRecord<byte[], byte[]> record, KogataException error) {
        DeadLetter letter = DeadLetters.of(record, error);
        LOG.infof("the event at %s is put into %s: %s", DeadLetters.id(letter), Event.DEAD, error.getMessage());
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        while (!isClosed()) {
            try {
                sender.send(Event.DEAD, key, DeadLetters.event(letter, source)).join();
                return;
            } catch (CompletionException e) {
                LOG.infof("%s does not take a letter yet: %s", Event.DEAD, e.getCause().getMessage());
                pause(500);
            }
        }
        throw new IllegalStateException("closing");
    }

    private void pause(long millis) {
        try {
            closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Assigned implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            listening = false;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            listening = !partitions.isEmpty();
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
