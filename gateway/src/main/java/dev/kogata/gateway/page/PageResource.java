package dev.kogata.gateway.page;

import dev.kogata.gateway.page.PageFiles.PageFile;
import dev.kogata.gateway.problem.Refusal;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * {@code /}: the page for browsers, a pointer for everybody else; {@code /page/...}: what the page consists of;
 * {@code /schemas/report.json}: the schema of reports.
 */
@Path("/")
@Singleton
public class PageResource {
    /** Only what the gateway itself serves, and no script or style inside markup: text of models and datasets can never become either. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    /** The frame that a report is shown in: its scripts run, without origin, network and storage. */
    private static final String FRAME_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        + "sandbox allow-scripts allow-modals";

    private final PageFiles files = new PageFiles();

    /** A pointer to the description of the API. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public String pointer() {
        return "{\"service\":\"kogata\",\"openapi\":\"/openapi.json\",\"health\":\"/health\",\"jobs\":\"/v1/jobs\",\"page\":\"/\"}";
    }

    /** The page. */
    @GET
    @Produces("text/html;qs=0.9")
    @Operation(hidden = true)
    public Response page(@HeaderParam("If-None-Match") String known) {
        return file("index.html", known);
    }

    /** A file of the page. */
    @GET
    @Path("/page/{name}")
    @Operation(hidden = true)
    public Response file(@PathParam("name") String name, @HeaderParam("If-None-Match") String known) {
        PageFile file = files.find(name).orElseThrow(() -> Refusal.notFound("page/" + name));
        Response.ResponseBuilder response = file.tag().equals(known) ? Response.notModified() : Response.ok(file.bytes()).type(file.type());
        return response.header("ETag", file.tag()).header("Cache-Control", "no-cache").header("X-Content-Type-Options", "nosniff").header("Referrer-Policy", "no-referrer")
            .header("Content-Security-Policy", name.equals("report-frame.html") ? FRAME_POLICY : POLICY).build();
    }

    /** The schema of report.json. */
    @GET
    @Path("/schemas/report.json")
    @Operation(summary = "The JSON Schema of report.json")
    public Response schema(@HeaderParam("If-None-Match") String known) {
        return file("report.schema.json", known);
    }
}
