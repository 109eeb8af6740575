package dev.kogata.kit.event;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.kogata.broker.BrokerProcess;
import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events as work: each handled, or in kogata.dead with its reason, whatever is sent and whatever happens to the broker. */
class EventIntakeTest {
    private static final Map<String, String> ATTRIBUTES = Map.of("ce_specversion", "1.0", "ce_id", "1", "ce_source", "//test", "ce_type", "t");

    @TempDir
    Path folder;
    private final Queue<String> handled = new ConcurrentLinkedQueue<>();

    @Test
    @Tag("hostile-62")
    void putAwayWhatCannotBeUsedAndGoOn() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start()) {
            KogataConfig config = config(broker);
            Map<String, ProducerRecord<byte[], byte[]>> bad = new LinkedHashMap<>();
            bad.put("no value", record(ATTRIBUTES, null));
            bad.put("no CloudEvent", record(Map.of(), "text".getBytes(StandardCharsets.UTF_8)));
            bad.put("no id", record(without("ce_id"), new byte[1]));
            bad.put("no type", record(without("ce_type"), new byte[1]));
            bad.put("no source", record(without("ce_source"), new byte[1]));
            bad.put("unknown version", record(with("ce_specversion", "9.9"), new byte[1]));
            bad.put("no URI as source", record(with("ce_source", "a b"), new byte[1]));
            bad.put("no time as time", record(with("ce_time", "yesterday"), new byte[1]));
            bad.put("structured mode", record(Map.of("content-type", "application/cloudevents+json"), "{}".getBytes(StandardCharsets.UTF_8)));
            bad.put("too large", record(ATTRIBUTES, new byte[EventIntake.LARGEST + 1]));
            bad.put("too large to be kept", record(ATTRIBUTES, new byte[DeadLetters.LARGEST_VALUE + 1]));
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> handled.add(event.getId()))) {
                for (ProducerRecord<byte[], byte[]> record : bad.values()) {
                    send(broker, record);
                }
                send(broker, record(with("ce_id", "good"), new byte[1]), record(with("ce_time", "2999-01-01T00:00:00Z", "ce_id", "future"), new byte[1]));
                eventually(() -> assertThat(handled).containsExactly("good", "future"));
            }
            Map<String, DeadLetter> letters = new DeadLetterBox(config.kafka()).letters();
            assertThat(letters.keySet()).containsExactlyElementsOf(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).stream().map(at -> "requests/0/" + at).toList());
            List<DeadLetter> all = new ArrayList<>(letters.values());
            assertThat(all.subList(0, 9)).extracting(EventIntakeTest::reason).containsOnly("EVENT_INVALID");
            assertThat(all.subList(9, 11)).extracting(EventIntakeTest::reason).containsOnly("LIMIT_EXCEEDED");
            assertThat(all).extracting(letter -> letter.getError().getMessage()).noneMatch(text -> text.contains("Exception") || text.contains("cloudevents."));
            assertThat(all.get(10).getValueDropped()).isTrue();
            assertThatThrownBy(() -> new DeadLetterBox(config.kafka()).replay("requests/0/10")).isInstanceOf(KogataException.class).hasMessageContaining("too large");
            assertThat(lag(broker)).as("no record is waited for any more").isZero();
        }
    }

    @Test
    void replayedAfterTheCauseIsMended() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start()) {
            KogataConfig config = config(broker);
            AtomicInteger seen = new AtomicInteger();
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> {
                if (seen.incrementAndGet() == 1) {
                    throw KogataException.notFound("The model", "models/1");
                }
                handled.add(new String(event.getData().toBytes(), StandardCharsets.UTF_8) + event.getExtension("mine"));
            })) {
                send(broker, record(with("ce_mine", "!"), "payload".getBytes(StandardCharsets.UTF_8)));
                DeadLetterBox box = new DeadLetterBox(config.kafka());
                eventually(() -> assertThat(box.letters()).containsOnlyKeys("requests/0/0"));
                assertThat(reason(box.letter("requests/0/0"))).isEqualTo("NOT_FOUND");
                box.replay("requests/0/0");
                eventually(() -> assertThat(handled).containsExactly("payload!"));
                assertThatThrownBy(() -> box.replay("requests/0/77")).isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
            }
        }
    }

    @Test
    void triedAgainWhileSomethingIsAwayAndTakenUpByTheNextProcess() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start()) {
            KogataConfig config = config(broker);
            AtomicInteger tries = new AtomicInteger();
            CountDownLatch tried = new CountDownLatch(3);
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> {
                tries.incrementAndGet();
                tried.countDown();
                throw new KogataException(Reason.UNAVAILABLE, "away");
            })) {
                send(broker, record(ATTRIBUTES, new byte[1]));
                tried.await();
            }
            assertThat(new DeadLetterBox(config.kafka()).letters()).isEmpty();
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> handled.add(event.getId()))) {
                eventually(() -> assertThat(handled).containsExactly("1"));
            }
            try (EventSender sender = new EventSender(config.kafka());
                    EventIntake impatient = new EventIntake(config.kafka(), "requests", "group", "//kogata.dev/test", Duration.ZERO, sender, event -> {
                        throw new KogataException(Reason.UNAVAILABLE, "away");
                    })) {
                send(broker, record(with("ce_id", "2"), new byte[1]));
                eventually(() -> assertThat(new DeadLetterBox(config.kafka()).letters()).containsOnlyKeys("requests/0/1"));
            }
        }
    }

    @Test
    void goOnWithABrokerThatCameBackEmpty() throws Exception {
        int port = BrokerProcess.freePort();
        try (BrokerProcess first = new BrokerProcess(folder.resolve("first"), port); BrokerProcess empty = new BrokerProcess(folder.resolve("empty"), port)) {
            KogataConfig config = config(first);
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> handled.add(event.getId()))) {
                first.start();
                eventually(() -> assertThat(intake.listening()).isTrue());
                send(first, record(ATTRIBUTES, new byte[1]));
                eventually(() -> assertThat(handled).containsExactly("1"));
                first.kill();
                empty.start();
                eventually(Duration.ofSeconds(60), () -> {
                    send(empty, record(with("ce_id", "2"), new byte[1]));
                    assertThat(handled).contains("2");
                });
            }
        }
    }

    /** Nothing fails then: without a record, and without a place to remember, nobody misses the topic but those who want to send. */
    @Test
    void goOnWithABrokerThatCameBackEmptyBeforeTheFirstRecord() throws Exception {
        int port = BrokerProcess.freePort();
        try (BrokerProcess first = new BrokerProcess(folder.resolve("first"), port); BrokerProcess empty = new BrokerProcess(folder.resolve("empty"), port)) {
            KogataConfig config = config(first);
            first.start();
            try (EventSender sender = new EventSender(config.kafka()); EventIntake intake = intake(config, sender, event -> handled.add(event.getId()))) {
                eventually(() -> assertThat(intake.listening()).isTrue());
                first.kill();
                empty.start();
                eventually(Duration.ofSeconds(60), () -> {
                    send(empty, record(ATTRIBUTES, new byte[1]));
                    assertThat(handled).contains("1");
                });
            }
        }
    }

    private static KogataConfig config(BrokerProcess broker) {
        return TestConfig.with(Map.of("kogata.kafka.bootstrap-servers", broker.address()));
    }

    private static EventIntake intake(KogataConfig config, EventSender sender, Consumer<CloudEvent> handler) {
        return new EventIntake(config.kafka(), "requests", "group", "//kogata.dev/test", Duration.ofMinutes(5), sender, handler);
    }

    private static Map<String, String> without(String attribute) {
        Map<String, String> attributes = new LinkedHashMap<>(ATTRIBUTES);
        attributes.remove(attribute);
        return attributes;
    }

    private static Map<String, String> with(String... values) {
        Map<String, String> attributes = new LinkedHashMap<>(ATTRIBUTES);
        for (int i = 0; i < values.length; i += 2) {
            attributes.put(values[i], values[i + 1]);
        }
        return attributes;
    }

    private static ProducerRecord<byte[], byte[]> record(Map<String, String> headers, byte[] value) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("requests", value);
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    @SafeVarargs
    private static void send(BrokerProcess broker, ProducerRecord<byte[], byte[]>... records) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", broker.address(), "max.block.ms", 5000),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (ProducerRecord<byte[], byte[]> record : records) {
                producer.send(record).get();
            }
        }
    }

    private static long lag(BrokerProcess broker) throws Exception {
        TopicPartition partition = new TopicPartition("requests", 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            OffsetAndMetadata done = admin.listConsumerGroupOffsets("group").partitionsToOffsetAndMetadata().get().get(partition);
            long end = admin.listOffsets(Map.of(partition, org.apache.kafka.clients.admin.OffsetSpec.latest())).partitionResult(partition).get().offset();
            return end - done.offset();
        }
    }

    private static String reason(DeadLetter letter) {
        try {
            return letter.getError().getDetails(0).unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
