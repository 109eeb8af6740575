package dev.kogata.kit.event;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.kogata.broker.BrokerProcess;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.trace.Traces;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outbox, bell and inbox with a real broker that comes, goes and loses everything. */
class EventsTest {
    @TempDir
    Path folder;

    @Test
    void delayNobodyAndLoseNothingWhileTheBrokerIsAway() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker"))) {
            KogataConfig config = config(broker);
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            try (Database database = Database.open(config.database(), "events");
                    EventSender sender = new EventSender(config.kafka());
                    Outbox outbox = new Outbox(database, sender);
                    Bell bell = bell(config, heard)) {
                long before = System.nanoTime();
                add(database, outbox, "1");
                add(database, outbox, "2");
                assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(2));
                assertThat(outbox.waiting()).isEqualTo(2);

                broker.start();
                eventually(() -> assertThat(outbox.waiting()).isZero());
                eventually(() -> assertThat(bell.listening()).isTrue());

                long rung = System.nanoTime();
                add(database, outbox, "3");
                eventually(() -> assertThat(heard).contains("3"));
                assertThat(System.nanoTime() - rung).isLessThan(TimeUnit.SECONDS.toNanos(2));
            }
        }
    }

    @Test
    void areSentToAndHeardFromABrokerThatCameBackEmpty() throws Exception {
        int port = BrokerProcess.freePort();
        try (BrokerProcess first = new BrokerProcess(folder.resolve("first"), port);
                BrokerProcess empty = new BrokerProcess(folder.resolve("empty"), port)) {
            first.start();
            KogataConfig config = config(first);
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            try (Database database = Database.open(config.database(), "events");
                    EventSender sender = new EventSender(config.kafka());
                    Outbox outbox = new Outbox(database, sender);
                    Bell bell = bell(config, heard)) {
                eventually(() -> assertThat(bell.listening()).isTrue());
                add(database, outbox, "1");
                eventually(() -> assertThat(heard).containsExactly("1"));
                first.kill();
                add(database, outbox, "2");
                empty.start();
                eventually(Duration.ofSeconds(40), () -> assertThat(outbox.waiting()).isZero());
                eventually(Duration.ofSeconds(40), () -> {
                    add(database, outbox, "3");
                    assertThat(heard).contains("3");
                });
            }
        }
    }

    @Test
    void areNotDisturbedByRecordsThatAreNone() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start()) {
            KogataConfig config = config(broker);
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            try (Database database = Database.open(config.database(), "events");
                    EventSender sender = new EventSender(config.kafka());
                    Outbox outbox = new Outbox(database, sender);
                    Bell bell = bell(config, heard)) {
                eventually(() -> assertThat(bell.listening()).isTrue());
                try (KafkaProducer<String, String> other = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.address()), new StringSerializer(), new StringSerializer())) {
                    other.send(new ProducerRecord<>("kogata.jobs", "no CloudEvent")).get();
                    other.send(new ProducerRecord<>("kogata.jobs", null)).get();
                }
                add(database, outbox, "1");
                eventually(() -> assertThat(heard).containsExactly("1"));
            }
        }
    }

    @Test
    void carryTheTraceOfTheirJobWhereTracesAreMade() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start()) {
            KogataConfig config = TestConfig.with(Map.of("kogata.kafka.bootstrap-servers", broker.address(), "kogata.traces.endpoint", "http://127.0.0.1:1"));
            Queue<Object> parents = new ConcurrentLinkedQueue<>();
            try (Database database = Database.open(config.database(), "events");
                    EventSender sender = new EventSender(config.kafka());
                    Outbox outbox = new Outbox(database, sender);
                    Bell bell = new Bell(config.kafka(), List.of(Event.JOBS), event -> parents.add(String.valueOf(event.getExtension("traceparent"))))) {
                eventually(() -> assertThat(bell.listening()).isTrue());
                try (AutoCloseable traces = Traces.open(config.traces(), "test")) {
                    add(database, outbox, "1");
                    eventually(() -> assertThat(parents).containsExactly(Traces.parentOfJob("jobs/1")));
                }
            }
        }
    }

    @Test
    void areNotSentWhenTheirTransactionIsRolledBack() {
        KogataConfig config = TestConfig.with(Map.of());
        try (Database database = Database.open(config.database(), "events");
                EventSender sender = new EventSender(config.kafka());
                Outbox outbox = new Outbox(database, sender)) {
            assertThatIllegalStateException().isThrownBy(() -> database.inTransaction(handle -> {
                outbox.add(handle, event("1"));
                throw new IllegalStateException("changed my mind");
            }));
            assertThat(outbox.waiting()).isZero();
        }
    }

    @Test
    void haveTheirEffectOnce() {
        KogataConfig config = TestConfig.with(Map.of());
        try (Database database = Database.open(config.database(), "events")) {
            CloudEvent event = CloudEventBuilder.v1().withId("1").withType("t")
                    .withSource(URI.create("//kogata.dev/test")).build();
            assertThat(database.<Boolean, RuntimeException>inTransaction(handle -> Inbox.accept(handle, event))).isTrue();
            assertThat(database.<Boolean, RuntimeException>inTransaction(handle -> Inbox.accept(handle, event))).isFalse();
            database.withHandle(handle -> handle.execute("update inbox set create_time = create_time - interval '2' hour"));
            assertThat(database.<Integer, RuntimeException>inTransaction(handle -> Inbox.purge(handle, Duration.ofHours(1)))).isEqualTo(1);
        }
    }

    private static KogataConfig config(BrokerProcess broker) {
        return TestConfig.with(Map.of("kogata.kafka.bootstrap-servers", broker.address()));
    }

    private static Bell bell(KogataConfig config, Queue<String> heard) {
        return new Bell(config.kafka(), List.of(Event.JOBS), event -> {
            try {
                heard.add(StringValue.parseFrom(event.getData().toBytes()).getValue());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    private static void add(Database database, Outbox outbox, String text) {
        database.inTransaction(handle -> {
            outbox.add(handle, event(text));
            return null;
        });
    }

    private static Event event(String text) {
        return new Event(Event.JOBS, "jobs/1", text, "//kogata.dev/test", Event.JOB_CHANGED, StringValue.of(text));
    }
}
