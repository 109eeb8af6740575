package dev.kogata.orchestrator.scale;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.kit.TestConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.tasks.v1.TaskCount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an API server in this process, over HTTP. */
@EnableKubernetesMockClient(crud = true)
class WorkerJobsTest {
    private static final String TEMPLATE = """
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: evaluator-worker
              annotations: {kogata.dev/max-workers: "5"}
              labels: {app.kubernetes.io/part-of: kogata}
            spec:
              backoffLimit: 2
              ttlSecondsAfterFinished: 300
              template:
                metadata: {labels: {kogata.dev/role: worker}}
                spec:
                  restartPolicy: Never
                  containers: [{name: worker, image: kogata/evaluator}]
            """;

    KubernetesClient client;

    @TempDir
    Path templates;

    private Database database;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong running = new AtomicLong();
    /** How often it was asked how much work there is. */
    private final AtomicLong looks = new AtomicLong();
    private final List<WorkerJobs> open = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        Files.writeString(templates.resolve("evaluate.yaml"), TEMPLATE);
        database = Database.open(TestConfig.with(Map.of()).database(), "orchestrator");
    }

    @AfterEach
    void close() {
        open.forEach(WorkerJobs::close);
        database.close();
    }

    @Test
    void startsWhatIsMissingAndNoMore() {
        start("a");
        waiting.set(2);
        eventually(() -> assertThat(jobs()).hasSize(2));
        lookAgain();
        assertThat(jobs()).as("those that are starting are counted").hasSize(2);
        waiting.set(1);
        running.set(2);
        eventually(() -> assertThat(jobs()).hasSize(3));
        assertThat(jobs().get(0)).satisfies(job -> {
            assertThat(job.getSpec().getBackoffLimit()).isEqualTo(2);
            assertThat(job.getSpec().getTemplate().getMetadata().getLabels()).containsEntry("kogata.dev/role", "worker");
            assertThat(job.getMetadata().getLabels()).containsEntry("app.kubernetes.io/part-of", "kogata").containsEntry("kogata.dev/task-type", "evaluate");
        });
    }

    @Test
    void takesTheTemplateOfASuspendedCronJobWhereNoFileHasOne() throws IOException {
        Files.delete(templates.resolve("evaluate.yaml"));
        client.resource("""
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: evaluator-worker, namespace: kogata, labels: {kogata.dev/task-type: evaluate}}
                spec:
                  schedule: "0 0 1 1 *"
                  suspend: true
                  jobTemplate:
                    metadata: {annotations: {kogata.dev/max-workers: "2"}, labels: {queue: any}}
                    spec: {backoffLimit: 3, template: {spec: {restartPolicy: Never, containers: [{name: worker, image: kogata/evaluator}]}}}
                """).create();
        waiting.set(1000);
        start("a");
        eventually(() -> assertThat(jobs()).hasSize(2));
        lookAgain();
        assertThat(jobs()).hasSize(2).allSatisfy(job -> {
            assertThat(job.getMetadata().getLabels()).containsEntry("queue", "any").containsEntry("kogata.dev/task-type", "evaluate");
            assertThat(job.getSpec().getBackoffLimit()).isEqualTo(3);
        });
    }

    @Test
    void neverStartsMoreThanTheTemplateAllows() {
        start("a");
        waiting.set(1000);
        eventually(() -> assertThat(jobs()).hasSize(5));
        lookAgain();
        assertThat(jobs()).hasSize(5);
    }

    @Test
    void startsAnotherOneForAJobThatHasEndedWhileTasksWait() {
        start("a");
        waiting.set(1);
        eventually(() -> assertThat(jobs()).hasSize(1));
        Job ended = new JobBuilder(jobs().get(0)).withNewStatus().addNewCondition().withType("Failed").withStatus("True").endCondition().endStatus().build();
        client.resource(ended).updateStatus();
        eventually(() -> assertThat(jobs()).hasSize(2));
        lookAgain();
        assertThat(jobs()).hasSize(2);
    }

    @Test
    void startsNothingWhileNothingWaits() {
        running.set(3);
        start("a");
        lookAgain();
        assertThat(jobs()).isEmpty();
    }

    @Test
    void onlyOneOfTwoOrchestratorsStartsWorkers() {
        start("a");
        start("b");
        waiting.set(3);
        eventually(() -> assertThat(jobs()).hasSize(3));
        lookAgain();
        assertThat(jobs()).hasSize(3);
        Turns first = new Turns(database, "x", Duration.ofMinutes(5));
        Turns second = new Turns(database, "y", Duration.ofMinutes(5));
        assertThat(first.take("something")).isTrue();
        assertThat(second.take("something")).isFalse();
        assertThat(first.take("something")).isTrue();
    }

    private void start(String owner) {
        KubernetesConfig config = new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(KubernetesConfig.class)
                .withSources(new PropertiesConfigSource(Map.of("kogata.kubernetes.workers", "jobs", "kogata.kubernetes.templates", templates.toString(),
                        "kogata.kubernetes.check", "PT0.05S"), "test", 1000)).build().getConfigMapping(KubernetesConfig.class);
        WorkLoad load = new WorkLoad(type -> {
            looks.incrementAndGet();
            return TaskCount.newBuilder().setType(type).setWaiting(waiting.get()).setRunning(running.get()).build();
        });
        open.add(new WorkerJobs(client, "kogata", config, load, new Turns(database, owner, Duration.ofMinutes(5))));
    }

    /** Two whole looks: the second began after the first had seen everything. */
    private void lookAgain() {
        long before = looks.get();
        eventually(() -> assertThat(looks.get()).isGreaterThan(before + 5));
    }

    private List<Job> jobs() {
        return client.batch().v1().jobs().inNamespace("kogata").list().getItems();
    }
}
