package dev.kogata.gateway.catalog;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.PageSize;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.orchestrator.v1.Model;
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
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/models}: one tar or zip of a bundle, or its files by relative name. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "models", description = "Uploaded: one tar or zip of a bundle, or its files by relative name.")
public class ModelResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final Catalog catalog;
    private final StrictJson json;

    @Inject
    ModelResource(OrchestratorClient orchestrator, CurrentCaller caller, Catalog catalog, StrictJson json) {
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.catalog = catalog;
        this.json = json;
    }

    /** Makes a model of uploads. The same uploads again give the same model. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Make a model of uploads", description = "Of one tar or zip of a bundle, or its files by relative name. The same uploads, or the same Idempotency-Key and body, give the same model.")
    @RequestBody(content = @Content(schema = @Schema(ref = "Uploaded")))
    @APIResponse(responseCode = "201", description = "The model", content = @Content(schema = @Schema(ref = "Model")))
    public Response create(@HeaderParam("Idempotency-Key") @DefaultValue("") String key, InputStream body) throws IOException {
        UploadsRequest request = UploadsRequest.parse(json.object(body));
        Model model = catalog.model(caller.tenant(), request.uploads(), request.displayName(), key);
        return Response.status(Response.Status.CREATED).header("Location", "/v1/" + model.getName()).entity(ProtoJson.print(model)).build();
    }

    /** Lists models. */
    @GET
    @Operation(summary = "List models, newest first", description = "filter: sha256=... or display_name=...")
    @APIResponse(responseCode = "200", description = "A page", content = @Content(schema = @Schema(ref = "ListModelsResponse")))
    public String list(@QueryParam("page_size") String pageSize, @QueryParam("page_token") @DefaultValue("") String pageToken,
        @QueryParam("filter") @DefaultValue("") String filter) {
        return ProtoJson.print(orchestrator().models(PageSize.parse(pageSize), pageToken, filter));
    }

    /** One model. */
    @GET
    @Path("/{id}")
    @Operation(summary = "A model")
    @APIResponse(responseCode = "200", description = "The model", content = @Content(schema = @Schema(ref = "Model")))
    public String get(@PathParam("id") String id) {
        return ProtoJson.print(orchestrator().model(OrchestratorClient.name("models", id)));
    }

    /** Removes a model. */
    @DELETE
    @Path("/{id}")
    @Operation(summary = "Remove a model", description = "IN_USE while a job that has not ended needs it. Removing it again changes nothing and is no error.")
    @APIResponse(responseCode = "204", description = "It is gone")
    public Response delete(@PathParam("id") String id) {
        orchestrator().deleteModel(OrchestratorClient.name("models", id));
        return Response.noContent().build();
    }

    private OrchestratorClient orchestrator() {
        return orchestrator.as(caller.tenant());
    }
}
