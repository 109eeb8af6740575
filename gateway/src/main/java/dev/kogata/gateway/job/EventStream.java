package dev.kogata.gateway.job;

import dev.kogata.gateway.identity.Caller;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One browser or script that watches a job: each event is asked for when the one before it is sent, so that a slow
 * watcher costs no memory, and no thread waits. Ends when the job's last event was sent, or when the watcher goes.
 * Where the orchestrator fails, or the watcher's token expires, the stream ends and the watcher comes back with Last-Event-ID.
 */
final class EventStream implements ClientResponseObserver<WatchJobRequest, JobEvent> {
    private final Sse sse;
    private final SseEventSink sink;
    private final ScheduledFuture<?> heartbeat;
    private final Future<?> expiry;
    private volatile ClientCallStreamObserver<WatchJobRequest> call;

    EventStream(Sse sse, SseEventSink sink, Caller caller, ScheduledExecutorService timer, Duration silence) {
        this.sse = sse;
        this.sink = sink;
        long period = silence.toMillis();
        // At once, so that the watcher sees the answer begin although nothing has happened yet.
        this.heartbeat = timer.scheduleAtFixedRate(this::beat, 0, period, TimeUnit.MILLISECONDS);
        this.expiry = caller.whenExpired(timer, this::expired);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchJobRequest> started) {
        call = started;
        started.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(JobEvent event) {
        OutboundSseEvent sent = sse.newEventBuilder().id(Long.toString(event.getSequence())).data(ProtoJson.print(event)).build();
        send(sent, () -> call.request(1));
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onCompleted() {
        end();
    }

    private void beat() {
        send(sse.newEventBuilder().comment("").build(), () -> { });
    }

    private void send(OutboundSseEvent event, Runnable then) {
        if (sink.isClosed()) {
            leave();
            return;
        }
        sink.send(event).whenComplete((sent, failure) -> {
            if (failure == null) {
                then.run();
            } else {
                leave();
            }
        });
    }

    private void expired() {
        leave();
        sink.close();
    }

    /** The watcher is gone: nothing more is asked for. */
    private void leave() {
        stop(heartbeat);
        stop(expiry);
        ClientCallStreamObserver<WatchJobRequest> running = call;
        if (running != null) {
            running.cancel("the watcher is gone", null);
        }
    }

    private void end() {
        stop(heartbeat);
        stop(expiry);
        sink.close();
    }

    /** Either may run before the other is there. */
    private static void stop(Future<?> waiting) {
        if (waiting != null) {
            waiting.cancel(false);
        }
    }
}
