package dev.kogata.gateway.upload;

import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.problem.Refusal;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code /v1/uploads}: tus 1.0.0 with creation, checksum, expiration and termination (https://tus.io/protocols/resumable-upload). */
@Path("/v1/uploads")
@Tag(name = "uploads", description = "Resumable uploads, tus 1.0.0. Any tus client will do.")
public class UploadResource {
    private final Uploads uploads;
    private final UploadCreation creation;
    private final CurrentCaller caller;
    private final ReadingThreads threads;

    @Inject
    UploadResource(Uploads uploads, UploadCreation creation, CurrentCaller caller, ReadingThreads threads) {
        this.threads = threads;
        this.uploads = uploads;
        this.creation = creation;
        this.caller = caller;
    }

    /** What this server can do. */
    @OPTIONS
    @Operation(summary = "What this server can do")
    public Response options() {
        return Response.noContent().header("Tus-Extension", "creation,checksum,expiration,termination")
            .header("Tus-Checksum-Algorithm", Checksum.OFFERED).header("Tus-Max-Size", uploads.limits().mostBytes())
            .header("Allow", "OPTIONS, POST").build();
    }

    /** The same for one upload. */
    @OPTIONS
    @Path("/{id}")
    @Operation(hidden = true)
    public Response optionsOfOne(@PathParam("id") String id) {
        return options();
    }

    /** Creates an upload. */
    @POST
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Create an upload",
        description = "Upload-Metadata may have filename (a relative path) and sha256 (of the whole file, hexadecimal). The same Idempotency-Key, length and metadata give the same upload.")
    public Response create(@HeaderParam("Upload-Length") String length, @HeaderParam("Upload-Metadata") String metadata,
        @HeaderParam("Idempotency-Key") @DefaultValue("") String key) throws IOException {
        UploadStatus status = creation.create(caller.tenant(), number("Upload-Length", length), UploadMetadata.parse(metadata), key);
        // Relative: a proxy in front may go by another name.
        return progress(Response.status(Response.Status.CREATED), status).header("Location", "/v1/" + status.info().name())
            .entity("{\"name\":\"" + status.info().name() + "\"}").build();
    }

    /** Where an upload stands. */
    @HEAD
    @Path("/{id}")
    @Operation(summary = "Where an upload stands")
    public Response head(@PathParam("id") String id) throws IOException {
        UploadStatus status = own().status(id);
        Response.ResponseBuilder response = progress(Response.ok(), status).header("Cache-Control", "no-store")
            .header("Upload-Length", status.info().length());
        return (status.info().metadata().isEmpty() ? response : response.header("Upload-Metadata", status.info().metadata())).build();
    }

    /** Adds bytes at an offset. */
    @PATCH
    @Path("/{id}")
    @Consumes("application/offset+octet-stream")
    @Operation(summary = "Add bytes at an offset")
    public Response append(@PathParam("id") String id, @HeaderParam("Upload-Offset") String offset,
        @HeaderParam("Upload-Checksum") String checksum, InputStream bytes) throws IOException {
        long from = number("Upload-Offset", offset);
        Checksum sum = checksum == null ? null : Checksum.parse(checksum);
        try (ReadingThreads.Reading reading = threads.read(bytes)) {
            return progress(Response.noContent(), own().append(id, from, reading, sum)).build();
        }
    }

    /** Removes an upload. */
    @DELETE
    @Path("/{id}")
    @Operation(summary = "Remove an upload")
    public Response terminate(@PathParam("id") String id) throws IOException {
        own().terminate(id);
        return Response.noContent().build();
    }

    private Uploads own() {
        return uploads.as(caller.tenant());
    }

    private static Response.ResponseBuilder progress(Response.ResponseBuilder response, UploadStatus status) {
        return response.header("Upload-Offset", status.offset())
            .header("Upload-Expires", DateTimeFormatter.RFC_1123_DATE_TIME.format(status.expires().atOffset(ZoneOffset.UTC)));
    }

    private static long number(String header, String value) {
        if (value == null || !value.matches("\\d{1,18}")) {
            throw Refusal.argument(header, "The header " + header + " has to be a whole number, 0 or more.");
        }
        return Long.parseLong(value);
    }
}
