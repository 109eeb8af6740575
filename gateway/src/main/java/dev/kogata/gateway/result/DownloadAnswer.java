package dev.kogata.gateway.result;

import dev.kogata.gateway.problem.Problems;
import dev.kogata.gateway.problem.Refusal;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;

/** A download as an answer: whole or a part of it, with its entity tag (RFC 9110). Stateless. */
final class DownloadAnswer {
    private DownloadAnswer() {}

    /** The answer to a HEAD or GET with these headers. */
    static Response.ResponseBuilder to(String method, HttpHeaders headers, Download download) {
        String tag = "\"" + download.tag() + "\"";
        String known = headers.getHeaderString("If-None-Match");
        if (known != null && matches(known, tag)) {
            return Response.notModified().header("ETag", tag);
        }
        long size = download.size();
        String of = headers.getHeaderString("If-Range");
        ByteRange.Wanted wanted = ByteRange.parse(of == null || of.equals(tag) ? headers.getHeaderString("Range") : null, size);
        if (wanted instanceof ByteRange.Unsatisfiable) {
            Response refused = Problems.response(Response.Status.REQUESTED_RANGE_NOT_SATISFIABLE.getStatusCode(),
                Refusal.argument("Range", "There are " + size + " bytes, none of which is in the range asked for."));
            return Response.fromResponse(refused).header("Content-Range", "bytes */" + size);
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
            // Opened before the answer begins, so that a missing artifact still is a problem document.
            response.entity(new StreamedBytes(length == size ? download.open() : download.open(first, length)));
        }
        return response.type(download.mediaType()).header("Content-Length", length).header("ETag", tag).header("Accept-Ranges", "bytes")
            .header("Cache-Control", "private, no-cache");
    }

    private static boolean matches(String header, String tag) {
        List<String> tags = Arrays.stream(header.split(",")).map(String::trim).toList();
        return tags.contains("*") || tags.contains(tag) || tags.contains("W/" + tag);
    }
}
