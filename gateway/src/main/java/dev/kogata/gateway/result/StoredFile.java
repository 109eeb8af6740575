package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import java.io.InputStream;
import java.util.Locale;

/** A file of a result; its tag is its SHA-256. Immutable. */
record StoredFile(ArtifactStore store, ManifestFile file) implements Download {
    @Override
    public long size() {
        return file.getSizeBytes();
    }

    @Override
    public String tag() {
        return file.getSha256();
    }

    @Override
    public InputStream open() {
        return store.open(file.getSha256());
    }

    /** Only the whole can be checked against its SHA-256. */
    @Override
    public InputStream open(long first, long length) {
        return length == size() ? open() : new CompleteBytes(store.open(file.getSha256(), first, length), length);
    }

    @Override
    public String mediaType() {
        String lower = file.getPath().toLowerCase(Locale.ROOT);
        if (lower.endsWith(".html")) {
            return "text/html;charset=UTF-8";
        }
        if (lower.endsWith(".json")) {
            return "application/json";
        }
        return lower.endsWith(".txt") || lower.endsWith(".md") ? "text/plain;charset=UTF-8" : "application/octet-stream";
    }
}
