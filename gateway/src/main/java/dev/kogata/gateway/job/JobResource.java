package dev.kogata.gateway.job;

import dev.kogata.common.v1.Budget;
import dev.kogata.gateway.GatewayConfig;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.PageSize;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.orchestrator.v1.ContinueJobRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/jobs}: start, look, cancel. */
@Path("/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "jobs", description = "Compressions, from request to result.")
public class JobResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final StrictJson json;
    private final GatewayConfig config;

    @Inject
    JobResource(OrchestratorClient orchestrator, CurrentCaller caller, StrictJson json, GatewayConfig config) {
        this.config = config;
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.json = json;
    }

    /** Starts a job. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Start a job", description = "The same Idempotency-Key and body give the same job.")
    @RequestBody(content = @Content(schema = @Schema(ref = "JobRequest")))
    @APIResponse(responseCode = "201", description = "The job", content = @Content(schema = @Schema(ref = "Job")))
    public Response create(@HeaderParam("Idempotency-Key") @DefaultValue("") String key, InputStream body) {
        JobRequest request = JobRequests.checked(StrictJson.merge(json.object(body), JobRequest.newBuilder()).build());
        return created(orchestrator().createJob(request, JobRequests.key(key)));
    }

    /** Lists jobs. */
    @GET
    @Operation(summary = "List jobs, newest first", description = "filter: state=SEARCHING, or active.")
    @APIResponse(responseCode = "200", description = "A page of jobs", content = @Content(schema = @Schema(ref = "ListJobsResponse")))
    public String list(@QueryParam("page_size") String pageSize, @QueryParam("page_token") @DefaultValue("") String pageToken,
        @QueryParam("filter") @DefaultValue("") String filter) {
        return ProtoJson.print(orchestrator().jobs(PageSize.parse(pageSize), pageToken, filter));
    }

    /** One job; with {@code wait}, when something has happened to it or the time is over. */
    @GET
    @Path("/{id}")
    @Blocking
    @Operation(summary = "A job", description = "With wait (for instance 30s): when it has an event after the sequence number in after (by default: any further one), or the time is over.")
    @APIResponse(responseCode = "200", description = "The job", content = @Content(schema = @Schema(ref = "Job")))
    public CompletionStage<String> get(@PathParam("id") String id, @QueryParam("wait") String wait, @QueryParam("after") String after) {
        OrchestratorClient client = orchestrator();
        Duration longest = WaitTime.parse(wait, config.events().longestWait());
        long known = after == null ? -1 : WaitTime.sequence(after);
        Job job = client.job(OrchestratorClient.name("jobs", id));
        return JobWaits.changed(client, job, known < 0 ? job.getLastSequence() : known, longest, Infrastructure.getDefaultWorkerPool()).thenApply(ProtoJson::print);
    }

    /** Cancels a job. */
    @POST
    @Path("/{id: [^/:]+}:cancel")
    @Operation(summary = "Cancel a job", description = "A job that has ended stays as it is.")
    @APIResponse(responseCode = "200", description = "The job", content = @Content(schema = @Schema(ref = "Job")))
    public String cancel(@PathParam("id") String id) {
        return ProtoJson.print(orchestrator().cancelJob(OrchestratorClient.name("jobs", id)));
    }

    /** Removes a job. */
    @DELETE
    @Path("/{id}")
    @Operation(summary = "Remove a job", description = "With its events and result; STATE_WRONG for a job that has not ended: cancel it first. Removing it again changes nothing and is no error.")
    @APIResponse(responseCode = "204", description = "It is gone")
    public Response delete(@PathParam("id") String id) {
        orchestrator().deleteJob(OrchestratorClient.name("jobs", id));
        return Response.noContent().build();
    }

    private OrchestratorClient orchestrator() {
        return orchestrator.as(caller.tenant());
    }

    /** Goes on with a job's search. */
    @POST
    @Path("/{id: [^/:]+}:continue")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Go on with the search of a job that has ended", description = "Starts a new job with the journal of this one and \"trials\" more; this one stays as it is. "
            + "The same Idempotency-Key and body give the same job.")
    @RequestBody(content = @Content(schema = @Schema(ref = "ContinueJobRequest")))
    @APIResponse(responseCode = "201", description = "The new job", content = @Content(schema = @Schema(ref = "Job")))
    public Response continueJob(@PathParam("id") String id, @HeaderParam("Idempotency-Key") @DefaultValue("") String key, InputStream body) {
        ContinueJobRequest request = StrictJson.merge(json.object(body), ContinueJobRequest.newBuilder()).build();
        Job job = orchestrator().continueJob(OrchestratorClient.name("jobs", id), request.getTrials(), JobRequests.key(key));
        return created(job);
    }

    /** Estimates another budget. */
    @GET
    @Path("/{id: [^/:]+}/what-if")
    @Operation(summary = "Estimate what another budget would lose", description = "From the journal of the job's search alone; nothing is measured. "
            + "budget: a share of the dense bytes such as 0.5, or a number of bytes.")
    @APIResponse(responseCode = "200", description = "The estimate", content = @Content(schema = @Schema(ref = "WhatIfResponse")))
    public String whatIf(@PathParam("id") String id, @QueryParam("budget") @DefaultValue("") String budget) {
        return ProtoJson.print(orchestrator().whatIf(OrchestratorClient.name("jobs", id), budget(budget)));
    }

    private static Budget budget(String asked) {
        if (asked.matches("[0-9]{1,18}") && !asked.matches("[01]")) {
            return Budget.newBuilder().setBytes(Long.parseLong(asked)).build();
        }
        if (asked.matches("[0-9]{0,3}(\\.[0-9]{1,17})?") && !asked.isEmpty()) {
            return Budget.newBuilder().setRatio(Double.parseDouble(asked)).build();
        }
        throw Refusal.argument("budget", "The parameter budget is a share of the dense bytes such as 0.5, or a whole number of bytes.");
    }

    private static Response created(Job job) {
        return Response.status(Response.Status.CREATED).header("Location", "/v1/" + job.getName()).entity(ProtoJson.print(job)).build();
    }
}
