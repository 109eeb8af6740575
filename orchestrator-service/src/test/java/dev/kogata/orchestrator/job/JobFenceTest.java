package dev.kogata.orchestrator.job;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.common.v1.Quality;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.catalog.ResourceIds;
import dev.kogata.orchestrator.quota.QuotaConfig;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.TrialEvent;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a dead, frozen or late orchestrator can still do to a job: nothing. And what a journal keeps: everything. */
class JobFenceTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private Database database;
    private JobStore store;

    @BeforeEach
    void open() {
        database = Database.open(TestConfig.with(Map.of()).database(), "orchestrator");
        store = new JobStore(database, (handle, event) -> { }, new JobBell(), new Quotas(new SmallRyeConfigBuilder().withMapping(QuotaConfig.class)
                .addDiscoveredConverters().build().getConfigMapping(QuotaConfig.class)));
        Job job = Job.newBuilder().setName("jobs/one").setState(JobState.QUEUED).setLastSequence(1).setCreateTime(ResourceIds.now()).build();
        assertThat(store.insert("default", "one", job, "", Optional.empty())).isPresent();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void isClaimedOnceWhileItsLeaseLasts() {
        JobLease lease = leases("a", LONG).claim().orElseThrow();
        assertThat(lease).isEqualTo(new JobLease("one", "a", 1));
        assertThat(leases("b", LONG).claim()).isEmpty();
    }

    @Test
    void isClaimedByAnotherOneWhenItsLeaseHasEndedAndRefusesTheOldOne() {
        JobLeases frozen = leases("frozen", SHORT);
        JobLease old = frozen.claim().orElseThrow();
        AtomicReference<JobLease> next = new AtomicReference<>();
        eventually(() -> next.set(leases("b", LONG).claim().orElseThrow()));

        assertThat(next.get().fence()).isGreaterThan(old.fence());
        assertThat(frozen.renew(old)).isFalse();
        JobRun late = new JobRun(store, old);
        assertThatThrownBy(() -> late.advance(JobState.SEARCHING, 0.5, "late")).isInstanceOfSatisfying(JobLost.class, lost -> assertThat(lost.ended()).isFalse());
        assertThatThrownBy(() -> late.taskAsked("profile", "profile/requests/one/profile")).isInstanceOf(JobLost.class);
        assertThatThrownBy(() -> late.trialAsked(trial())).isInstanceOf(JobLost.class);
        assertThatThrownBy(() -> late.succeed(JobResult.getDefaultInstance(), "done")).isInstanceOf(JobLost.class);
        assertThat(store.find("default", "one").orElseThrow().getState()).isEqualTo(JobState.QUEUED);
        assertThat(store.events("one", 0, 10)).hasSize(1);
        new JobRun(store, next.get()).advance(JobState.INSPECTING, 0.1, "goes on");
        assertThat(store.events("one", 0, 10)).extracting(JobEvent::getSequence).containsExactly(1L, 2L);
    }

    @Test
    void isClaimedAtOnceWhenItWasGivenBack() {
        JobLeases leases = leases("a", LONG);
        leases.release(leases.claim().orElseThrow());
        assertThat(leases("b", LONG).claim()).isPresent();
    }

    @Test
    void refusesEverythingOnceItHasEnded() {
        JobLeases leases = leases("a", LONG);
        JobLease lease = leases.claim().orElseThrow();
        store.cancel("default", "one");

        assertThat(leases.renew(lease)).isFalse();
        assertThatThrownBy(() -> new JobRun(store, lease).succeed(JobResult.getDefaultInstance(), "done"))
                .isInstanceOfSatisfying(JobLost.class, lost -> assertThat(lost.ended()).isTrue());
        assertThat(store.result("default", "one")).isEmpty();
        leases.release(lease);
        assertThat(leases.claim()).isEmpty();
    }

    @Test
    void decidesCancelAgainstCompletionOnce() throws Exception {
        JobLeases leases = leases("a", LONG);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 20; i++) {
                String id = "race-" + i;
                Job job = Job.newBuilder().setName("jobs/" + id).setState(JobState.QUEUED).setLastSequence(1).setCreateTime(ResourceIds.now()).build();
                store.insert("default", id, job, "", Optional.empty());
                store.cancel("default", "one");
                JobRun run = new JobRun(store, leases.claim().orElseThrow());
                assertThat(run.lease().job()).isEqualTo(id);
                CyclicBarrier together = new CyclicBarrier(2);
                Future<Boolean> completed = threads.submit(() -> {
                    together.await();
                    try {
                        run.succeed(JobResult.newBuilder().setJob("jobs/" + id).build(), "done");
                        return true;
                    } catch (JobLost lost) {
                        return false;
                    }
                });
                Future<Job> cancelled = threads.submit(() -> {
                    together.await();
                    return store.cancel("default", id).orElseThrow();
                });
                JobState state = completed.get() ? JobState.SUCCEEDED : JobState.CANCELLED;
                assertThat(cancelled.get().getState()).isEqualTo(state);
                assertThat(store.find("default", id).orElseThrow().getState()).isEqualTo(state);
                assertThat(store.result("default", id).isPresent()).isEqualTo(completed.get());
                assertThat(store.events(id, 0, 10)).extracting(JobEvent::getState).containsExactly(JobState.QUEUED, state);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void neverGoesBackWhenItIsRunAgain() {
        JobRun run = new JobRun(store, leases("a", LONG).claim().orElseThrow());
        run.advance(JobState.SEARCHING, 0.5, "searching");
        run.advance(JobState.PROFILING, 0.1, "again from the start");
        run.advance(JobState.SEARCHING, 0.2, "searching on");
        assertThat(run.job().getState()).isEqualTo(JobState.SEARCHING);
        assertThat(run.job().getProgress()).isEqualTo(0.5);
        assertThat(store.events("one", 0, 10)).extracting(JobEvent::getProgress).containsExactly(0.0, 0.5, 0.5);
    }

    @Test
    void keepsATrialBitForBit() {
        JobRun run = new JobRun(store, leases("a", LONG).claim().orElseThrow());
        Trial asked = trial();
        run.trialAsked(asked);
        assertThat(run.journal()).singleElement().satisfies(kept -> assertSame(kept, asked));

        Trial measured = asked.measured(Quality.newBuilder().setKl(Math.nextUp(0.1)).build());
        run.trialMeasured(measured, 0.3, "trial", TrialEvent.newBuilder().setBestLoss(measured.loss()).build());
        assertThat(run.journal()).singleElement().satisfies(kept -> assertSame(kept, measured));
        assertThat(run.job().getFinishedTrials()).isEqualTo(1);
    }

    private static void assertSame(Trial kept, Trial expected) {
        assertThat(Arrays.stream(kept.parameters()).mapToLong(Double::doubleToRawLongBits).toArray())
                .isEqualTo(Arrays.stream(expected.parameters()).mapToLong(Double::doubleToRawLongBits).toArray());
        assertThat(kept.plan()).isEqualTo(expected.plan());
        assertThat(kept.quality()).isEqualTo(expected.quality());
        assertThat(kept.origin()).isEqualTo(expected.origin());
        assertThat(kept.bytes()).isEqualTo(expected.bytes());
    }

    private static Trial trial() {
        ElasticPlan plan = ElasticPlan.newBuilder().addWeights(ElasticWeightPlan.newBuilder().setWeight("m.onnx#a").setStep(17).setRowsAtNextStep(3)).build();
        return Trial.asked(0, "tpe", new double[] {-0.0, Math.PI, Double.MIN_VALUE, 1e300}, plan, 12345, 3, 0.25);
    }

    @Test
    void aTenantsJobsWaitWhileAsManyOfThemAreRunAsItMayHave() {
        Job job = store.find("default", "one").orElseThrow();
        store.insert("default", "two", job.toBuilder().setName("jobs/two").build(), "", Optional.empty());
        store.insert("other", "three", job.toBuilder().setName("jobs/three").build(), "", Optional.empty());
        JobLeases leases = new JobLeases(database, "a", LONG, tenant -> 1);
        assertThat(leases.claim()).map(JobLease::job).contains("one");
        assertThat(leases.claim()).as("the other tenant's, though it came last").map(JobLease::job).contains("three");
        assertThat(leases.claim()).isEmpty();
        store.cancel("default", "one");
        assertThat(leases.claim()).map(JobLease::job).contains("two");
    }

    private JobLeases leases(String owner, Duration length) {
        return new JobLeases(database, owner, length, tenant -> 0);
    }
}
