package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.json.ProtoJson;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.orchestrator.v1.JobResult;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/jobs/ID/result} and what hangs on it: the files of a job that has SUCCEEDED. */
@Path("/v1/jobs/{id}")
@Tag(name = "results", description = "The files of a job that has SUCCEEDED.")
public class ResultResource {
    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;
    private final ResultFiles files;

    @Inject
    ResultResource(OrchestratorClient orchestrator, CurrentCaller caller, ResultFiles files) {
        this.orchestrator = orchestrator;
        this.caller = caller;
        this.files = files;
    }

    /** Lists the files. */
    @GET
    @Path("/result")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "List the files of a result")
    @APIResponse(responseCode = "200", description = "The files", content = @Content(schema = @Schema(ref = "JobResult")))
    public String list(@PathParam("id") String id) {
        return ProtoJson.print(result(id));
    }

    /** One file. */
    @GET
    @Path("/result/{path: .+}")
    @Operation(summary = "One file of a result", description = "Answers ranges. The ETag is the file's SHA-256.")
    public Response file(@PathParam("id") String id, @PathParam("path") String path, @Context Request request, @Context HttpHeaders headers) {
        JobResult result = result(id);
        for (ManifestFile file : result.getFilesList()) {
            if (file.getPath().equals(path)) {
                return DownloadAnswer.to(request.getMethod(), headers, files.file(file)).header("X-Content-Type-Options", "nosniff")
                    // A report holds texts of strangers' models: it may draw, and do nothing else in this origin.
                    .header("Content-Security-Policy", "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
                        + "style-src 'unsafe-inline'; img-src data:; font-src data:").build();
            }
        }
        throw Refusal.notFound(result.getJob() + "/result/" + path);
    }

    /** The report for people. */
    @GET
    @Path("/report.html")
    @Operation(summary = "The report for people")
    public Response html(@PathParam("id") String id, @Context Request request, @Context HttpHeaders headers) {
        return file(id, "report.html", request, headers);
    }

    /** The report for scripts. */
    @GET
    @Path("/report.json")
    @Operation(summary = "The report for scripts")
    public Response json(@PathParam("id") String id, @Context Request request, @Context HttpHeaders headers) {
        return file(id, "report.json", request, headers);
    }

    /** All files. */
    @GET
    @Path("/result.tar")
    @Operation(summary = "All files of a result as one tar", description = "Answers ranges: what broke off goes on where it was.")
    public Response tar(@PathParam("id") String id, @Context Request request, @Context HttpHeaders headers) {
        JobResult result = result(id);
        return DownloadAnswer.to(request.getMethod(), headers, files.tar(result.getFilesList()))
            .header("Content-Disposition", "attachment; filename=\"" + result.getJob().replace('/', '-') + ".tar\"").build();
    }

    private JobResult result(String id) {
        return orchestrator().result(OrchestratorClient.name("jobs", id));
    }

    private OrchestratorClient orchestrator() {
        return orchestrator.as(caller.tenant());
    }
}
