package dev.kogata.orchestrator;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are cancelled, killed, failed, or run by two orchestrators. */
class InterruptedJobTest {

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
    void cancelsWithinASecondAndStopsWhatRuns() {
        CountDownLatch release = holdUp("/trial/3");
        Job job = mesh.create(mesh.request());
        eventually(() -> assertThat(mesh.workers.operations.begun).anyMatch(id -> id.endsWith("/trial/3")));

        Job cancelled = mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build());

        assertThat(cancelled.getState()).isEqualTo(JobState.CANCELLED);
        eventually(Duration.ofSeconds(1), () -> assertThat(mesh.workers.operations.cancelled).hasSize(1).first().asString().contains("trial-3"));
        release.countDown();
        List<JobEvent> events = mesh.events(job.getName());
        assertThat(events.get(events.size() - 1).getState()).isEqualTo(JobState.CANCELLED);
        assertThat(mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build())).isEqualTo(cancelled);
        assertThat(mesh.workers.operations.begun).noneMatch(id -> id.endsWith("/trial/4"));
    }

    @Test
    void stopsWhatRunsForACancelledJobAlsoWhereTheOrchestratorDiedInBetween() throws Exception {
        CountDownLatch release = holdUp("/trial/3");
        Job job = mesh.create(mesh.request());
        eventually(() -> assertThat(mesh.workers.operations.begun).anyMatch(id -> id.endsWith("/trial/3")));
        mesh.workers.operations.deaf = true;
        mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build());
        mesh.stop();
        assertThat(mesh.workers.operations.cancelled).isEmpty();

        mesh.workers.operations.deaf = false;
        mesh.start();

        eventually(() -> assertThat(mesh.workers.operations.cancelled).hasSize(1).first().asString().contains("trial-3"));
        release.countDown();
        assertThat(mesh.job(job.getName()).getState()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void neverBeginsATaskWhoseJobIsCancelledWhileItsStartIsOnTheWay() {
        CountDownLatch ended = new CountDownLatch(1);
        mesh.workers.beforeStart = id -> {
            if (id.endsWith("/trial/3")) {
                mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName("jobs/" + id.substring(0, id.indexOf('/'))).build());
                eventually(() -> assertThat(mesh.workers.operations.cancelled).hasSize(1).first().asString().contains("trial-3"));
                ended.countDown();
            }
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());

        assertThat(job.getState()).isEqualTo(JobState.CANCELLED);
        eventually(() -> assertThat(ended.getCount()).isZero());
        assertThat(mesh.workers.operations.begun).anyMatch(id -> id.endsWith("/trial/2")).noneMatch(id -> id.endsWith("/trial/3"));
    }

    @Test
    void goesOnAfterARestartInMidSearchAndEndsInTheSamePlan() throws Exception {
        Job whole = mesh.ended(mesh.create(mesh.request()).getName());
        CountDownLatch release = holdUp("/trial/7");
        Job job = mesh.create(mesh.request());
        eventually(() -> assertThat(mesh.workers.operations.begun).anyMatch(id -> id.contains(id(job)) && id.endsWith("/trial/7")));

        mesh.stop();
        mesh.start();
        release.countDown();

        assertThat(mesh.ended(job.getName()).getState()).isEqualTo(JobState.SUCCEEDED);
        JsonNode expected = mesh.document(whole.getName(), "plan.json");
        JsonNode plan = mesh.document(job.getName(), "plan.json");
        assertThat(plan).isEqualTo(expected);
        assertThat(mesh.document(job.getName(), "report.json").get("search").get("history"))
                .isEqualTo(mesh.document(whole.getName(), "report.json").get("search").get("history"));
        assertThat(mesh.workers.operations.begun).as("no task was done twice").doesNotHaveDuplicates();
        assertContiguous(mesh.events(job.getName()));
    }

    @Test
    void goesOnAfterARestartInEveryStage() throws Exception {
        for (String stage : List.of("/profile", "/elastic", "/selection/", "/bundle/", "/bundle-selection/", "/verify")) {
            CountDownLatch release = holdUp(stage);
            Job job = mesh.create(mesh.request().setTrials(3));
            eventually(() -> assertThat(mesh.workers.operations.begun).anyMatch(id -> id.contains(id(job)) && id.contains(stage)));
            mesh.stop();
            mesh.start();
            release.countDown();
            assertThat(mesh.ended(job.getName()).getState()).as(stage).isEqualTo(JobState.SUCCEEDED);
            assertContiguous(mesh.events(job.getName()));
        }
        assertThat(mesh.workers.operations.begun).as("no task was done twice").doesNotHaveDuplicates();
    }

    @Test
    void isRunByOneOfTwoOrchestratorsAtATime() throws Exception {
        mesh.start();
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            jobs.add(mesh.create(mesh.request().setTrials(5).setSeed(i + 1)));
        }
        for (Job job : jobs) {
            assertThat(mesh.ended(job.getName()).getState()).isEqualTo(JobState.SUCCEEDED);
            assertContiguous(mesh.events(job.getName()));
        }
        assertThat(mesh.workers.operations.begun).hasSameSizeAs(new HashSet<>(mesh.workers.operations.begun));
    }

    @Test
    void failsWithTheReasonOfTheTaskThatFailed() {
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/elastic")) {
                throw new KogataException(Reason.WEIGHT_NOT_FINITE, "The weight q_proj of layer 1 holds a value that is not a number.", Map.of("weight", "q_proj"));
            }
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());

        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        KogataException error = KogataException.of(job.getError());
        assertThat(error.reason()).isEqualTo(Reason.WEIGHT_NOT_FINITE);
        assertThat(error.metadata()).containsEntry("weight", "q_proj");
        assertThat(job.getMessage()).isEqualTo("The weight q_proj of layer 1 holds a value that is not a number.");
        List<JobEvent> events = mesh.events(job.getName());
        assertThat(events.get(events.size() - 1).getError()).isEqualTo(job.getError());
    }

    @Test
    void failsWhereTheDeliveredLossIsNotTheSelectedOne() {
        mesh.workers.damage = 1.5;
        Job job = mesh.ended(mesh.create(mesh.request()).getName());

        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        assertThat(KogataException.of(job.getError()).reason()).isEqualTo(Reason.VERIFICATION_FAILED);
    }

    @Test
    void waitsForAServiceThatIsAwayForAWhile() {
        AtomicInteger calls = new AtomicInteger();
        mesh.workers.beforeStart = id -> {
            if (id.endsWith("/profile") && calls.incrementAndGet() < 4) {
                throw new KogataException(Reason.UNAVAILABLE, "A service of the mesh does not answer; try again.");
            }
        };
        assertThat(mesh.ended(mesh.create(mesh.request().setTrials(2)).getName()).getState()).isEqualTo(JobState.SUCCEEDED);
        assertThat(calls).hasValue(4);
    }

    @Test
    void failsWhereAServiceStaysAway() throws Exception {
        mesh.close();
        mesh = new Mesh(folder, Map.of("kogata.jobs.patience", "PT0.3S"));
        mesh.workers.beforeStart = id -> {
            throw new KogataException(Reason.UNAVAILABLE, "A service of the mesh does not answer; try again.");
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        assertThat(KogataException.of(job.getError()).reason()).isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void waitsForRoomInTheStoreAndSaysSo() {
        AtomicInteger full = new AtomicInteger();
        mesh.beforeWrite = () -> {
            if (full.incrementAndGet() <= 2) {
                throw new KogataException(Reason.DISK_FULL, "The store has no space left; free some and try again.");
            }
        };
        Job job = mesh.ended(mesh.create(mesh.request().setTrials(2)).getName());
        assertThat(job.getState()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.getRemarksList()).contains("The job waited: The store has no space left; free some and try again.");
        assertThat(full.get()).isGreaterThan(2);
    }

    @Test
    void failsWhereTheStoreStaysFull() throws Exception {
        mesh.close();
        mesh = new Mesh(folder, Map.of("kogata.jobs.patience", "PT0.3S"));
        mesh.beforeWrite = () -> {
            throw new KogataException(Reason.DISK_FULL, "The store has no space left; free some and try again.");
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        assertThat(KogataException.of(job.getError()).reason()).isEqualTo(Reason.DISK_FULL);
    }

    @Test
    void failsAtOnceWhereATaskHasWaitedForItsStoreInVain() {
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/profile")) {
                throw new KogataException(Reason.UNAVAILABLE, "The store cannot be read or written now; try again.");
            }
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        assertThat(KogataException.of(job.getError()).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(job.getRemarksList()).isEmpty();
    }

    @Test
    void showsNothingOfAnUnplannedError() {
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/profile")) {
                throw new KogataException(Reason.INTERNAL, "Something failed inside Kogata.");
            }
        };
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        assertThat(job.getState()).isEqualTo(JobState.FAILED);
        assertThat(job.getError().toString()).doesNotContain("dev.kogata.orchestrator", "Exception");
    }

    private static String id(Job job) {
        return job.getName().substring("jobs/".length());
    }

    private static void assertContiguous(List<JobEvent> events) {
        assertThat(events).extracting(JobEvent::getSequence).containsExactlyElementsOf(LongStream.rangeClosed(1, events.size()).boxed().toList());
        assertThat(events).extracting(JobEvent::getProgress).isSorted();
        assertThat(events).extracting(event -> event.getState().getNumber()).isSorted();
    }

    /** Holds up every task whose request id contains this, until the latch is released. */
    private CountDownLatch holdUp(String part) {
        CountDownLatch release = new CountDownLatch(1);
        mesh.workers.beforeTask = id -> {
            if (id.contains(part)) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        return release;
    }
}
