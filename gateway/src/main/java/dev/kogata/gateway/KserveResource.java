package dev.kogata.gateway;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.health.SmallRyeHealthReporter;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v2}: health as the Open Inference Protocol (KServe v2) names it, for probes that speak it. Kogata answers no inference. */
@Path("/v2")
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "health", description = "Health as the Open Inference Protocol (KServe v2) names it.")
public class KserveResource {
    private final SmallRyeHealthReporter health;

    @Inject
    KserveResource(SmallRyeHealthReporter health) {
        this.health = health;
    }

    /** Who answers. */
    @GET
    @Operation(summary = "Name and version of this server")
    public String server() {
        return "{\"name\":\"kogata\",\"version\":\"1\",\"extensions\":[]}";
    }

    /** Whether this process lives. */
    @GET
    @Path("/health/live")
    @Operation(summary = "Whether this process lives")
    public Response live() {
        return answer("live", health.getLiveness().isDown());
    }

    /** Whether requests can be answered now. */
    @GET
    @Path("/health/ready")
    @Operation(summary = "Whether requests can be answered now")
    public Response ready() {
        return answer("ready", health.getReadiness().isDown());
    }

    private static Response answer(String what, boolean down) {
        return Response.status(down ? Response.Status.SERVICE_UNAVAILABLE : Response.Status.OK).entity("{\"" + what + "\":" + !down + "}").build();
    }
}
