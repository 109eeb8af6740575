package dev.kogata.kit.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * While a service is rolled, replicas of two releases work on one schema, which the newer one has migrated. The older release is there as
 * the statements that it sends, {@code upgrade/kit-0.1.sql}, and as the columns that it reads.
 */
abstract class OlderReleaseContract {
    private static final List<String> READ = List.of("number", "name", "request_sha256", "job", "request", "state", "progress", "message", "attempts",
            "attempts_left", "fence", "worker", "result", "error");

    private final String schema = TestConfig.freshSchema();
    private Map<String, String> older;
    private KogataConfig config;
    private Database database;
    private EventSender sender;
    private TaskBoard newer;

    abstract Map<String, String> databaseSettings();

    @BeforeEach
    void open() throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/upgrade/kit-0.1.sql")) {
            older = Stream.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("(?m)^-- ")).filter(text -> !text.isBlank())
                    .collect(Collectors.toMap(text -> text.substring(0, text.indexOf('\n')), text -> text.substring(text.indexOf('\n')).strip().replaceAll(";$", "")));
        }
        Map<String, String> settings = new HashMap<>(databaseSettings());
        settings.put("kogata.task.lease", "PT5M");
        config = TestConfig.with(settings);
        database = Database.open(config.database(), schema);
        sender = new EventSender(config.kafka());
        newer = new TaskBoard("profile", database, sender, config.task());
    }

    @AfterEach
    void close() {
        newer.close();
        sender.close();
        database.withHandle(handle -> handle.execute("drop schema " + schema + " cascade"));
        database.close();
    }

    @Test
    void aTaskThatTheOlderReleaseStartsIsDoneByTheNewerOne() {
        String name = startByOlder();
        Task task = newer.claim("w").orElseThrow();
        assertThat(task.getName()).isEqualTo(name);
        newer.finish(name, task.getFence(), Any.pack(StringValue.of("done")));
        Map<String, Object> seen = readByOlder(name);
        assertThat(seen).containsEntry("state", "SUCCEEDED").containsKeys(READ.toArray(String[]::new));
        assertThat(seen.get("result")).isNotNull();
    }

    @Test
    void aTaskThatTheNewerReleaseStartsGoesThroughTheHandsOfBoth() {
        Operation operation = newer.start("request", "jobs/1", StringValue.of("x"));
        long number = claimByOlder("old worker");
        sql("renew", Map.of("until", OffsetDateTime.now().plusHours(1), "progress", 0.5, "message", "half", "number", number));
        assertThat(OperationClient.metadata(newer.get(operation.getName()))).satisfies(metadata -> {
            assertThat(metadata.getState()).isEqualTo(TaskState.RUNNING);
            assertThat(metadata.getProgress()).isEqualTo(0.5);
            assertThat(metadata.getWorker()).isEqualTo("old worker");
        });
        // An attempt ends at the newer release, which writes down why; the older one claims it and hands it back, and leaves that as it is.
        newer.fail(operation.getName(), 1, new KogataException(Reason.INTERNAL, "Not now.").toStatus(), true, false);
        claimByOlder("old worker");
        sql("wait again", Map.of("left", 1, "number", number));
        Task last = newer.claim("new worker").orElseThrow();
        assertThat(last.getFence()).isEqualTo(3);
        assertThat(OperationClient.metadata(newer.get(operation.getName())).getEndedAttemptsList()).singleElement()
                .satisfies(end -> assertThat(end.getMessage()).isEqualTo("Not now."));
        Map<String, Object> end = new HashMap<>(Map.of("state", "SUCCEEDED", "result", Any.pack(StringValue.of("by the older one")).toByteArray(), "progress", 1.0, "number", number));
        end.put("error", null);
        sql("end", end);
        assertThat(OperationClient.result(newer.get(operation.getName()), StringValue.class).getValue()).isEqualTo("by the older one");
        sql("delete", Map.of("name", operation.getName()));
    }

    @Test
    void theOlderReleaseSeesLostLeasesAndTellsEvents() {
        String name = startByOlder();
        claimByOlder("w");
        assertThat(rows("lost", Map.of("now", OffsetDateTime.now().plusDays(1)))).extracting(row -> row.get("name")).containsExactly(name);
        sql("tell", Map.of("topic", "kogata.tasks.profile", "key", "jobs/1", "id", name + "/1/RUNNING", "source", "//kogata.dev/test", "type", "t", "payload", new byte[] {1}));
        sql("told", Map.of("number", 1));
        assertThat(sql("heard", Map.of("source", "s", "id", "1"))).isEqualTo(1);
        assertThat(sql("heard", Map.of("source", "s", "id", "1"))).isZero();
    }

    @Test
    void anOlderReleaseStartsAgainOnASchemaWithMigrationsThatItDoesNotKnow() {
        Flyway.configure(getClass().getClassLoader()).dataSource(config.database().url(), config.database().user().orElse(null), config.database().password().orElse(null))
                .schemas(schema).defaultSchema(schema).table("migrations_kit").locations("classpath:db/kit", "classpath:upgrade/newer").outOfOrder(true).load().migrate();
        try (Database again = Database.open(config.database(), schema)) {
            assertThat(again.answers()).isTrue();
        }
    }

    private String startByOlder() {
        String name = "profile/operations/" + UUID.randomUUID();
        byte[] request = Any.pack(StringValue.of("x")).toByteArray();
        assertThat(sql("start", Map.of("name", name, "requestId", name, "sha256", Sha256.of(request), "job", "jobs/1", "request", request, "attempts", 2))).isEqualTo(1);
        return name;
    }

    private long claimByOlder(String worker) {
        long number = (Long) rows("oldest waiting", Map.of()).get(0).get("number");
        assertThat(sql("claim", Map.of("worker", worker, "until", OffsetDateTime.now().plusHours(1), "number", number))).isEqualTo(1);
        return number;
    }

    private Map<String, Object> readByOlder(String name) {
        return rows("read", Map.of("name", name)).get(0);
    }

    private int sql(String statement, Map<String, Object> values) {
        return database.inTransaction(handle -> handle.createUpdate(statement(statement)).bindMap(values).execute());
    }

    private List<Map<String, Object>> rows(String statement, Map<String, Object> values) {
        return database.inTransaction(handle -> handle.createQuery(statement(statement)).bindMap(values).mapToMap().list());
    }

    private String statement(String name) {
        return Optional.ofNullable(older.get(name)).orElseThrow();
    }
}
