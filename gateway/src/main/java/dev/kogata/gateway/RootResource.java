package dev.kogata.gateway;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code /}: tells who found the port where to read on. */
@Path("/")
public class RootResource {
    /** A pointer to the description of the API. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public String pointer() {
        return "{\"service\":\"kogata\",\"openapi\":\"/openapi.json\",\"health\":\"/health\",\"jobs\":\"/v1/jobs\"}";
    }
}
