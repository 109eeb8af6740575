package dev.kogata.gateway.catalog;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.PageSize;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.orchestrator.v1.Dataset;
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

/** {@code /v1/datasets}: JSON lines with pictures, as one tar or zip, or as files. */
@Path("/v1/datasets")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "datasets", description = "Uploaded: JSON lines with pictures, as one tar or zip, or as files.")
public class DatasetResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final Catalog catalog;
    private final StrictJson json;

    @Inject
    DatasetResource(OrchestratorClient orchestrator, CurrentCaller caller, Catalog catalog, StrictJson json) {
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.catalog = catalog;
        this.json = json;
    }

    /** Makes a dataset of uploads. The same uploads again give the same dataset. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Make a dataset of uploads", description = "Of JSON lines with pictures, as one tar or zip, or as files. The same uploads, or the same Idempotency-Key and body, give the same dataset.")
    @RequestBody(content = @Content(schema = @Schema(ref = "Uploaded")))
    @APIResponse(responseCode = "201", description = "The dataset", content = @Content(schema = @Schema(ref = "Dataset")))
    public Response create(@HeaderParam("Idempotency-Key") @DefaultValue("") String key, InputStream body) throws IOException {
        UploadsRequest request = UploadsRequest.parse(json.object(body));
        Dataset dataset = catalog.dataset(caller.tenant(), request.uploads(), request.displayName(), key);
        return Response.status(Response.Status.CREATED).header("Location", "/v1/" + dataset.getName()).entity(ProtoJson.print(dataset)).build();
    }

    /** Lists datasets. */
    @GET
    @Operation(summary = "List datasets, newest first", description = "filter: sha256=... or display_name=...")
    @APIResponse(responseCode = "200", description = "A page", content = @Content(schema = @Schema(ref = "ListDatasetsResponse")))
    public String list(@QueryParam("page_size") String pageSize, @QueryParam("page_token") @DefaultValue("") String pageToken,
        @QueryParam("filter") @DefaultValue("") String filter) {
        return ProtoJson.print(orchestrator().datasets(PageSize.parse(pageSize), pageToken, filter));
    }

    /** One dataset. */
    @GET
    @Path("/{id}")
    @Operation(summary = "A dataset")
    @APIResponse(responseCode = "200", description = "The dataset", content = @Content(schema = @Schema(ref = "Dataset")))
    public String get(@PathParam("id") String id) {
        return ProtoJson.print(orchestrator().dataset(OrchestratorClient.name("datasets", id)));
    }

    /** Removes a dataset. */
    @DELETE
    @Path("/{id}")
    @Operation(summary = "Remove a dataset", description = "IN_USE while a job that has not ended needs it. Removing it again changes nothing and is no error.")
    @APIResponse(responseCode = "204", description = "It is gone")
    public Response delete(@PathParam("id") String id) {
        orchestrator().deleteDataset(OrchestratorClient.name("datasets", id));
        return Response.noContent().build();
    }

    private OrchestratorClient orchestrator() {
        return orchestrator.as(caller.tenant());
    }
}
