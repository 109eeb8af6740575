package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A file of a result as an answer: whole or a part of it, with its SHA-256 as entity tag (RFC 9110). Immutable. */
final class StoredFile {
    private static final int BUFFER = 128 * 1024;

    private final ArtifactStore store;
    private final ManifestFile file;

    StoredFile(ArtifactStore store, ManifestFile file) {
        this.store = store;
        this.file = file;
    }

    /** The answer to a GET with these headers, each null where there was none. */
    Response answer(String range, String ifRange, String ifNoneMatch) {
        String tag = "\"" + file.getSha256() + "\"";
        if (ifNoneMatch != null && matches(ifNoneMatch, tag)) {
            return Response.notModified().header("ETag", tag).build();
        }
        long size = file.getSizeBytes();
        ByteRange.Wanted wanted = ByteRange.parse(ifRange == null || ifRange.equals(tag) ? range : null, size);
        if (wanted instanceof ByteRange.Unsatisfiable) {
            return Response.status(Response.Status.REQUESTED_RANGE_NOT_SATISFIABLE).header("Content-Range", "bytes */" + size).build();
        }
        boolean part = wanted instanceof ByteRange.Part;
        Response.ResponseBuilder response = part
            ? part(((ByteRange.Part) wanted).range())
            // Opened before the answer begins, so that a missing artifact still is a problem document.
            : Response.ok(copy(store.open(file.getSha256()))).header("Content-Length", size);
        return response.type(mediaType(file.getPath())).header("ETag", tag).header("Accept-Ranges", "bytes")
            .header("Cache-Control", "private, no-cache").header("X-Content-Type-Options", "nosniff")
            // A report holds texts of strangers' models: it may draw, and do nothing else in this origin.
            .header("Content-Security-Policy", "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
                + "style-src 'unsafe-inline'; img-src data:; font-src data:").build();
    }

    private Response.ResponseBuilder part(ByteRange range) {
        return Response.status(Response.Status.PARTIAL_CONTENT)
            .entity(copy(store.open(file.getSha256(), range.first(), range.length())))
            .header("Content-Length", range.length()).header("Content-Range", range.contentRange(file.getSizeBytes()));
    }

    private static boolean matches(String header, String tag) {
        List<String> tags = Arrays.stream(header.split(",")).map(String::trim).toList();
        return tags.contains("*") || tags.contains(tag) || tags.contains("W/" + tag);
    }

    private static StreamingOutput copy(InputStream bytes) {
        return out -> {
            try (bytes) {
                copy(bytes, out);
            }
        };
    }

    /**
     * Copies with one buffer kept back: the store checks the bytes when they end, and where they are damaged the answer
     * has to break off rather than look whole.
     */
    static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] ready = new byte[BUFFER];
        byte[] next = new byte[BUFFER];
        int count = in.readNBytes(ready, 0, BUFFER);
        while (count > 0) {
            int following = in.readNBytes(next, 0, BUFFER);
            out.write(ready, 0, count);
            byte[] swapped = ready;
            ready = next;
            next = swapped;
            count = following;
        }
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
