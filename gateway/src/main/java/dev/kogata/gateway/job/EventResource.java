package dev.kogata.gateway.job;

import dev.kogata.gateway.GatewayConfig;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/jobs/ID/events}: what happens to a job, as server-sent events, or by long polling where {@code wait} is given. */
@Path("/v1/jobs/{id}/events")
@Singleton
@Tag(name = "jobs")
public class EventResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final GatewayConfig.Events config;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "event-heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    @Inject
    EventResource(OrchestratorClient orchestrator, CurrentCaller caller, GatewayConfig config) {
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.config = config.events();
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
    }

    /** Streams events; a watcher that comes back after the last one is told with 204 to stay away. */
    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Blocking
    @Operation(summary = "Watch a job", description = "Server-sent events; the id of each is its sequence number, its data a JobEvent.")
    public void stream(@PathParam("id") String id, @QueryParam("after") String after, @HeaderParam("Last-Event-ID") String last,
        SseEventSink sink, Sse sse) {
        long from = WaitTime.sequence(last == null || last.isEmpty() ? after : last);
        Job job = orchestrator().job(OrchestratorClient.name("jobs", id));
        if (JobWaits.hasEnded(job) && from >= job.getLastSequence()) {
            throw new WebApplicationException(Response.noContent().build());
        }
        orchestrator().watch(job.getName(), from, new EventStream(sse, sink, caller.get(), timer, config.heartbeat()));
    }

    /** Answers with the events after {@code after}, or waits for one. */
    @GET
    @Produces("application/json;qs=0.5")
    @Operation(summary = "Wait for the next events of a job", description = "Answers with a list of JobEvent, empty when nothing "
        + "happened within wait (for instance 20s).")
    public String poll(@PathParam("id") String id, @QueryParam("after") String after, @QueryParam("wait") String wait) {
        long from = WaitTime.sequence(after);
        Duration longest = WaitTime.parse(wait, config.longestWait());
        Job job = orchestrator().job(OrchestratorClient.name("jobs", id));
        if (from >= job.getLastSequence() && (JobWaits.hasEnded(job) || longest.isZero())) {
            return "[]";
        }
        boolean waiting = from >= job.getLastSequence();
        long until = waiting ? from + 1 : Math.min(job.getLastSequence(), from + config.maxCount());
        return ProtoJson.print(collect(job.getName(), from, until, waiting ? longest : config.longestWait()));
    }

    private List<JobEvent> collect(String name, long from, long until, Duration longest) {
        List<JobEvent> events = new ArrayList<>();
        Context.CancellableContext context = Context.current().withCancellation();
        try {
            context.run(() -> {
                Iterator<JobEvent> stream = orchestrator().watch(name, from, longest);
                while (stream.hasNext()) {
                    JobEvent event = stream.next();
                    events.add(event);
                    if (event.getSequence() >= until) {
                        return;
                    }
                }
            });
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                throw KogataException.of(e);
            }
        } finally {
            context.cancel(null);
        }
        return events;
    }

    private OrchestratorClient orchestrator() {
        return orchestrator.as(caller.tenant());
    }
}
