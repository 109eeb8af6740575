package dev.kogata.gateway.job;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Callers that wait for a job, however many: no thread waits with them. Stateless. */
public final class JobWaits {
    private JobWaits() {}

    /** True where a job changes no more. */
    public static boolean hasEnded(Job job) {
        return job.getState() == JobState.SUCCEEDED || job.getState() == JobState.FAILED || job.getState() == JobState.CANCELLED;
    }

    /**
     * The job when it has an event after {@code after}, or the time is over.
     *
     * @param workers for the call that asks for the job then
     */
    public static CompletionStage<Job> changed(OrchestratorClient orchestrator, Job job, long after, Duration wait, Executor workers) {
        return hasEnded(job) || job.getLastSequence() > after || wait.isZero() ? CompletableFuture.completedStage(job)
            : watched(orchestrator, job, after, wait, false, workers);
    }

    /** The job when it has ended, or the time is over. */
    public static CompletionStage<Job> ended(OrchestratorClient orchestrator, Job job, Duration wait, Executor workers) {
        return hasEnded(job) || wait.isZero() ? CompletableFuture.completedStage(job)
            : watched(orchestrator, job, job.getLastSequence(), wait, true, workers);
    }

    private static CompletionStage<Job> watched(OrchestratorClient orchestrator, Job job, long after, Duration wait, boolean toTheEnd, Executor workers) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        orchestrator.watch(job.getName(), after, wait, new Watch(over, toTheEnd));
        return over.thenApplyAsync(done -> orchestrator.job(job.getName()), workers);
    }

    private static final class Watch implements ClientResponseObserver<WatchJobRequest, JobEvent> {
        private final CompletableFuture<Void> over;
        private final boolean toTheEnd;
        private ClientCallStreamObserver<WatchJobRequest> call;

        Watch(CompletableFuture<Void> over, boolean toTheEnd) {
            this.over = over;
            this.toTheEnd = toTheEnd;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchJobRequest> started) {
            call = started;
        }

        @Override
        public void onNext(JobEvent event) {
            if (!toTheEnd && over.complete(null)) {
                call.cancel("seen", null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (Status.fromThrowable(failure).getCode() == Status.Code.DEADLINE_EXCEEDED) {
                over.complete(null);
            } else {
                over.completeExceptionally(KogataException.of(Status.fromThrowable(failure).asRuntimeException(Status.trailersFromThrowable(failure))));
            }
        }

        @Override
        public void onCompleted() {
            over.complete(null);
        }
    }
}
