package dev.kogata.gateway.grpc;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.Caller;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;

/** Hands a job's events on to a watcher. The next one is asked for when the watcher has taken the one before; no thread waits. */
final class Relay implements ClientResponseObserver<WatchJobRequest, JobEvent> {
    private final ServerCallStreamObserver<JobEvent> watcher;
    private ClientCallStreamObserver<WatchJobRequest> source;
    /** An event that the watcher was not ready for yet. */
    private JobEvent held;
    private boolean over;
    private boolean ended;
    private volatile Future<?> expiry;

    private Relay(ServerCallStreamObserver<JobEvent> watcher) {
        this.watcher = watcher;
    }

    /**
     * Begins; to be called inside the gRPC method, where the watcher's handlers can still be set. It may last for hours: where the watcher's token
     * expires, so does the watching.
     */
    static void events(OrchestratorClient orchestrator, String job, long after, ServerCallStreamObserver<JobEvent> watcher, Caller caller, ScheduledExecutorService clock) {
        Relay relay = new Relay(watcher);
        watcher.setOnCancelHandler(relay::leave);
        watcher.setOnReadyHandler(relay::ready);
        orchestrator.watch(job, after, relay);
        relay.expiry = caller.whenExpired(clock, relay::expired);
    }

    private synchronized void expired() {
        if (!ended && !watcher.isCancelled()) {
            ended = true;
            leave();
            watcher.onError(new KogataException(Reason.UNAUTHENTICATED, "The token has expired; go on with a new one, after the last event that came.").toGrpc());
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchJobRequest> call) {
        source = call;
        call.disableAutoRequestWithInitial(1);
    }

    @Override
    public synchronized void onNext(JobEvent event) {
        held = event;
        ready();
    }

    private synchronized void ready() {
        if (held != null && !ended && watcher.isReady()) {
            watcher.onNext(held);
            held = null;
            if (over) {
                complete();
            } else {
                source.request(1);
            }
        }
    }

    @Override
    public synchronized void onError(Throwable failure) {
        if (!ended && !watcher.isCancelled()) {
            end();
            watcher.onError(KogataException.of(Status.fromThrowable(failure).asRuntimeException(Status.trailersFromThrowable(failure))).toGrpc());
        }
    }

    @Override
    public synchronized void onCompleted() {
        over = true;
        if (held == null && !ended) {
            complete();
        }
    }

    private void complete() {
        end();
        watcher.onCompleted();
    }

    private void end() {
        ended = true;
        Future<?> waiting = expiry;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private void leave() {
        Future<?> waiting = expiry;
        if (waiting != null) {
            waiting.cancel(false);
        }
        source.cancel("the watcher is gone", null);
    }
}
