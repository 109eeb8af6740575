package dev.kogata.gateway.identity;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.json.ProtoJson;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/usage}: what the tenant uses of its quotas. */
@Path("/v1/usage")
@Tag(name = "usage", description = "Quotas of the tenant.")
public class UsageResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;

    @Inject
    UsageResource(OrchestratorClient orchestrator, CurrentCaller caller) {
        this.orchestrator = orchestrator;
        this.caller = caller;
    }

    /** Usage and limits; a limit of 0 is none. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "What my tenant uses of its quotas", description = "A limit of 0 is none.")
    @APIResponse(responseCode = "200", description = "Usage and limits", content = @Content(schema = @Schema(ref = "Usage")))
    public String usage() {
        return ProtoJson.print(orchestrator.as(caller.tenant()).usage());
    }
}
