package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.gateway.problem.Problems;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.ArtifactStore;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A file of a result as an answer: whole or a part of it, with its SHA-256 as entity tag (RFC 9110). Immutable. */
final class StoredFile {
    private final ArtifactStore store;
    private final ManifestFile file;

    StoredFile(ArtifactStore store, ManifestFile file) {
        this.store = store;
        this.file = file;
    }

    /** The answer to a HEAD or GET with these headers. */
    Response answer(String method, HttpHeaders headers) {
        String tag = "\"" + file.getSha256() + "\"";
        String known = headers.getHeaderString("If-None-Match");
        if (known != null && matches(known, tag)) {
            return Response.notModified().header("ETag", tag).build();
        }
        long size = file.getSizeBytes();
        String of = headers.getHeaderString("If-Range");
        ByteRange.Wanted wanted = ByteRange.parse(of == null || of.equals(tag) ? headers.getHeaderString("Range") : null, size);
        if (wanted instanceof ByteRange.Unsatisfiable) {
            Response refused = Problems.response(Response.Status.REQUESTED_RANGE_NOT_SATISFIABLE.getStatusCode(),
                Refusal.argument("Range", "The file has " + size + " bytes, none of which is in the range asked for."));
            refused.getHeaders().putSingle("Content-Range", "bytes */" + size);
            return refused;
        }
        Response.ResponseBuilder response = Response.ok();
        long first = 0;
        long length = size;
        if (wanted instanceof ByteRange.Part part) {
            first = part.range().first();
            length = part.range().length();
            response.status(Response.Status.PARTIAL_CONTENT).header("Content-Range", part.range().contentRange(size));
        }
        if (method.equals(HttpMethod.GET)) {
            // Opened before the answer begins, so that a missing artifact still is a problem document. Only the whole can be checked.
            response.entity(new StreamedBytes(length == size ? store.open(file.getSha256()) : new CompleteBytes(store.open(file.getSha256(), first, length), length)));
        }
        return response.type(mediaType(file.getPath())).header("Content-Length", length).header("ETag", tag).header("Accept-Ranges", "bytes")
            .header("Cache-Control", "private, no-cache").header("X-Content-Type-Options", "nosniff")
            // A report holds texts of strangers' models: it may draw, and do nothing else in this origin.
            .header("Content-Security-Policy", "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
                + "style-src 'unsafe-inline'; img-src data:; font-src data:").build();
    }

    private static boolean matches(String header, String tag) {
        List<String> tags = Arrays.stream(header.split(",")).map(String::trim).toList();
        return tags.contains("*") || tags.contains(tag) || tags.contains("W/" + tag);
    }

    private static String mediaType(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".html")) {
            return "text/html;charset=UTF-8";
        }
        if (lower.endsWith(".json")) {
            return "application/json";
        }
        return lower.endsWith(".txt") || lower.endsWith(".md") ? "text/plain;charset=UTF-8" : "application/octet-stream";
    }
}
