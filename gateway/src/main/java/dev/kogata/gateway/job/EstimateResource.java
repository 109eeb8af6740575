package dev.kogata.gateway.job;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.orchestrator.v1.JobRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code POST /v1/jobs:estimate}: what a job would cost, before it is started. */
@Path("/v1/jobs:estimate")
@Tag(name = "jobs")
public class EstimateResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final StrictJson json;

    @Inject
    EstimateResource(OrchestratorClient orchestrator, CurrentCaller caller, StrictJson json) {
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.json = json;
    }

    /** Estimates; starts nothing. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "What a job would cost", description = "Takes the body of POST /v1/jobs, starts nothing. What was never measured is left out, and the notes say so.")
    @RequestBody(content = @Content(schema = @Schema(ref = "JobRequest")))
    @APIResponse(responseCode = "200", description = "The estimate", content = @Content(schema = @Schema(ref = "JobEstimate")))
    public String estimate(InputStream body) {
        JobRequest request = JobRequests.checked(StrictJson.merge(json.object(body), JobRequest.newBuilder()).build());
        return ProtoJson.print(orchestrator.as(caller.tenant()).estimate(request));
    }
}
