package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import java.util.List;

/** Files of results, as they lie in the artifact store. Thread-safe. */
public final class ResultFiles {
    private final ArtifactStore store;

    /** Files in a store. */
    public ResultFiles(ArtifactStore store) {
        this.store = store;
    }

    /** One of them. */
    public Download file(ManifestFile file) {
        return new StoredFile(store, file);
    }

    /** All files as one tar. */
    Download tar(List<ManifestFile> files) {
        return new ResultTar(store, files);
    }
}
