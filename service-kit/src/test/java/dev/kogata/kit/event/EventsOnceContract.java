package dev.kogata.kit.event;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.broker.BrokerProcess;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Delivered often, out of order, hours late or all over again: an event has its effect once, on any database and with a real broker. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class EventsOnceContract {
    private static final int EVENTS = 20;

    private final String schema = TestConfig.freshSchema();
    private final AtomicInteger deliveries = new AtomicInteger();
    private BrokerProcess broker;
    private KogataConfig config;
    private Database database;
    private EventSender sender;

    abstract Map<String, String> databaseSettings();

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        broker = new BrokerProcess(folder.resolve("broker")).start();
        Map<String, String> settings = new HashMap<>(databaseSettings());
        settings.put("kogata.kafka.bootstrap-servers", broker.address());
        config = TestConfig.with(settings);
        database = Database.open(config.database(), schema);
        database.withHandle(handle -> handle.execute("create table effect (id varchar(100))"));
        sender = new EventSender(config.kafka());
    }

    @AfterAll
    void close() throws Exception {
        sender.close();
        database.withHandle(handle -> handle.execute("drop schema " + schema + " cascade"));
        database.close();
        broker.close();
    }

    @AfterEach
    void forget() {
        deliveries.set(0);
        database.withHandle(handle -> handle.execute("delete from effect") + handle.execute("delete from inbox"));
    }

    @Test
    void deliveredThriceOutOfOrderAndThenAllOverAgainHaveTheirEffectOnce() {
        List<CloudEvent> sent = new ArrayList<>();
        for (int copy = 0; copy < 3; copy++) {
            IntStream.range(0, EVENTS).forEach(number -> sent.add(event("a" + number, OffsetDateTime.now())));
        }
        Collections.shuffle(sent, new Random(1));
        sent.forEach(event -> send("often", event));
        try (EventIntake intake = intake("often", "first", this::once)) {
            eventually(() -> assertThat(deliveries).hasValueGreaterThanOrEqualTo(sent.size()));
        }
        assertThat(effects()).containsExactlyElementsOf(IntStream.range(0, EVENTS).mapToObj(number -> "a" + number).sorted().toList());

        int before = deliveries.get();
        try (EventIntake fromTheBeginning = intake("often", "second", this::once)) {
            eventually(() -> assertThat(deliveries).hasValueGreaterThanOrEqualTo(before + sent.size()));
        }
        assertThat(effects()).as("after a replay").hasSize(EVENTS).doesNotHaveDuplicates();
    }

    @Test
    void thatComeHoursLateHaveTheirEffectAndNotASecondOne() {
        OffsetDateTime hoursAgo = OffsetDateTime.now().minusHours(30);
        try (EventIntake intake = intake("late", "group", this::once)) {
            send("late", event("late", hoursAgo));
            eventually(() -> assertThat(effects()).contains("late"));
            // As if it had been heard thirty hours ago, and were delivered once more now.
            database.withHandle(handle -> handle.execute("update inbox set create_time = create_time - interval '30' hour"));
            send("late", event("late", hoursAgo));
            send("late", event("next", OffsetDateTime.now()));
            eventually(() -> assertThat(effects()).contains("next"));
        }
        assertThat(effects()).containsOnlyOnce("late");
    }

    @Test
    void whoseHandlerFailsBeforeItsCommitHaveNoEffectUntilTheyAreHandledAgain() {
        AtomicInteger failures = new AtomicInteger(2);
        try (EventIntake intake = intake("failing", "group", event -> {
            once(event, handle -> {
                if (event.getId().equals("failing") && failures.getAndDecrement() > 0) {
                    throw new KogataException(Reason.UNAVAILABLE, "away");
                }
            });
        })) {
            send("failing", event("failing", OffsetDateTime.now()));
            eventually(() -> assertThat(effects()).containsOnlyOnce("failing"));
        }
        assertThat(failures.get()).as("it was tried three times").isNegative();
    }

    @Test
    void deliveredToEightAtTheSameTimeHaveTheirEffectOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 10; round++) {
                CloudEvent event = event("same" + round, OffsetDateTime.now());
                Callable<Object> delivery = () -> {
                    once(event);
                    return event;
                };
                for (Future<Object> done : threads.invokeAll(Collections.nCopies(8, delivery))) {
                    done.get();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(effects()).hasSize(10).doesNotHaveDuplicates();
    }

    private void once(CloudEvent event) {
        once(event, handle -> { });
    }

    /** What a consumer does: the effect and the memory of it in one transaction. */
    private void once(CloudEvent event, Consumer<Handle> beforeCommit) {
        database.inTransaction(handle -> {
            if (Inbox.accept(handle, event)) {
                handle.execute("insert into effect (id) values (?)", event.getId());
            }
            beforeCommit.accept(handle);
            return null;
        });
        deliveries.incrementAndGet();
    }

    private void send(String topic, CloudEvent event) {
        sender.send(topic, "key", event).join();
    }

    private EventIntake intake(String topic, String group, Consumer<CloudEvent> handler) {
        return new EventIntake(config.kafka(), topic, topic + "-" + group, "//kogata.dev/test", Duration.ofMinutes(5), sender, handler);
    }

    private List<String> effects() {
        return database.withHandle(handle -> handle.createQuery("select id from effect order by id").mapTo(String.class).list());
    }

    private static CloudEvent event(String id, OffsetDateTime time) {
        return CloudEventBuilder.v1().withId(id).withType("t").withSource(URI.create("//test")).withTime(time).withData("text/plain", new byte[1]).build();
    }
}
