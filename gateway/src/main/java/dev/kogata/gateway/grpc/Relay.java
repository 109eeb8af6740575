package dev.kogata.gateway.grpc;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;

/** Hands a job's events on to a watcher. The next one is asked for when the watcher has taken the one before; no thread waits. */
final class Relay implements ClientResponseObserver<WatchJobRequest, JobEvent> {
    private final ServerCallStreamObserver<JobEvent> watcher;
    private ClientCallStreamObserver<WatchJobRequest> source;
    /** An event that the watcher was not ready for yet. */
    private JobEvent held;
    private boolean over;

    private Relay(ServerCallStreamObserver<JobEvent> watcher) {
        this.watcher = watcher;
    }

    /** Begins; to be called inside the gRPC method, where the watcher's handlers can still be set. */
    static void events(OrchestratorClient orchestrator, String job, long after, ServerCallStreamObserver<JobEvent> watcher) {
        Relay relay = new Relay(watcher);
        watcher.setOnCancelHandler(relay::leave);
        watcher.setOnReadyHandler(relay::ready);
        orchestrator.watch(job, after, relay);
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
        if (held != null && watcher.isReady()) {
            watcher.onNext(held);
            held = null;
            if (over) {
                watcher.onCompleted();
            } else {
                source.request(1);
            }
        }
    }

    @Override
    public synchronized void onError(Throwable failure) {
        if (!watcher.isCancelled()) {
            watcher.onError(KogataException.of(Status.fromThrowable(failure).asRuntimeException(Status.trailersFromThrowable(failure))).toGrpc());
        }
    }

    @Override
    public synchronized void onCompleted() {
        over = true;
        if (held == null) {
            watcher.onCompleted();
        }
    }

    private void leave() {
        source.cancel("the watcher is gone", null);
    }
}
