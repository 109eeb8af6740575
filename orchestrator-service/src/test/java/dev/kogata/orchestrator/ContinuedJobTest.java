package dev.kogata.orchestrator;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.ContinueJobRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose search goes on after they have ended. */
class ContinuedJobTest {

    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of());
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void endsWhereOneSearchOfAllTrialsEndsAndMeasuresNothingTwice() {
        Job first = mesh.ended(mesh.create(mesh.request().setTrials(40)).getName());
        Job more = mesh.ended(continued(first, 15, "").getName());

        assertThat(more.getState()).as(more.getMessage()).isEqualTo(JobState.SUCCEEDED);
        assertThat(more.getRequest().getTrials()).isEqualTo(55);
        assertThat(more.getRequest().getContinueFrom()).isEqualTo(first.getName());
        assertThat(more.getFinishedTrials()).isEqualTo(55);
        assertThat(mesh.workers.operations.begun).filteredOn(id -> id.startsWith(id(more)) && id.contains("/trial/")).hasSize(15);
        assertThat(mesh.workers.operations.begun).noneMatch(id -> id.startsWith(id(more)) && (id.endsWith("/profile") || id.endsWith("/elastic") || id.contains("/probe/")));

        Job atOnce = mesh.ended(mesh.create(mesh.request().setTrials(55)).getName());
        assertThat(history(more)).isEqualTo(history(atOnce));
        assertThat(mesh.document(more.getName(), "plan.json")).isEqualTo(mesh.document(atOnce.getName(), "plan.json"));
        assertThat(mesh.job(first.getName())).as("the first job stays as it was").isEqualTo(first);
    }

    @Test
    void goesOnWithWhatACancelledJobHadMeasured() {
        CountDownLatch release = new CountDownLatch(1);
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/trial/9")) {
                await(release);
            }
        };
        Job job = mesh.create(mesh.request());
        eventually(() -> assertThat(mesh.workers.operations.begun).anyMatch(id -> id.endsWith("/trial/9")));
        mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build());
        release.countDown();

        Job more = mesh.ended(continued(job, 5, "").getName());
        assertThat(more.getState()).as(more.getMessage()).isEqualTo(JobState.SUCCEEDED);
        assertThat(history(more)).hasSize(25).isEqualTo(history(mesh.ended(mesh.create(mesh.request().setTrials(25)).getName())));
    }

    @Test
    void refusesJobsThatRunAndRulesThatHaveNoMorePlansAndKeepsToItsKey() {
        CountDownLatch release = new CountDownLatch(1);
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/profile")) {
                await(release);
            }
        };
        Job running = mesh.create(mesh.request());
        assertThatThrownBy(() -> continued(running, 5, "")).hasMessageContaining("only a job that has ended");
        release.countDown();
        Job rule = mesh.ended(mesh.create(mesh.request().setSearch("uniform")).getName());
        assertThatThrownBy(() -> continued(rule, 5, "")).hasMessageContaining("no more plans");
        Job ended = mesh.ended(running.getName());
        assertThatThrownBy(() -> continued(ended, 0, "")).hasMessageContaining("from 1 to");
        assertThatThrownBy(() -> mesh.create(mesh.request().setContinueFrom(ended.getName()))).hasMessageContaining(":continue");
        assertThat(continued(ended, 5, "key").getName()).isEqualTo(continued(ended, 5, "key").getName());
    }

    private Job continued(Job job, int trials, String key) {
        return mesh.orchestrator.continueJob(ContinueJobRequest.newBuilder().setName(job.getName()).setTrials(trials).setIdempotencyKey(key).build());
    }

    private JsonNode history(Job job) {
        return mesh.document(job.getName(), "report.json").get("search").get("history");
    }

    private static String id(Job job) {
        return job.getName().substring("jobs/".length());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
