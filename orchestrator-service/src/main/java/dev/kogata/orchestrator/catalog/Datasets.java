package dev.kogata.orchestrator.catalog;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.orchestrator.v1.Dataset;
import java.util.Optional;
import java.util.function.Function;

/** Uploaded datasets. The same files are registered once; what cannot be read is refused and leaves nothing behind. Thread-safe. */
public final class Datasets {

    /** First part of the names of datasets. */
    public static final String COLLECTION = "datasets/";

    private final ResourceTable<Dataset> table;
    private final Manifests manifests;
    private final Function<Artifact, DatasetInspection> inspect;

    /**
     * @param inspect reads the files behind a manifest, or refuses them
     */
    public Datasets(Database database, Quotas quotas, Manifests manifests, Function<Artifact, DatasetInspection> inspect) {
        table = new ResourceTable<>(database, "dataset", Dataset.parser(), quotas);
        this.manifests = manifests;
        this.inspect = inspect;
    }

    /** Registers the files of a manifest. The first registration's name stays. */
    public Dataset create(String tenant, Artifact manifest, String displayName) {
        Artifacts.checked(manifest, "manifest");
        DisplayName.check(displayName);
        Optional<Dataset> known = table.bySha256(tenant, manifest.getSha256());
        if (known.isPresent()) {
            return known.get();
        }
        Manifest files = manifests.read(manifest);
        long bytes = files.getFilesList().stream().mapToLong(ManifestFile::getSizeBytes).sum();
        DatasetInspection inspection = inspect.apply(manifest);
        String id = ResourceIds.fresh();
        Dataset stored = table.insertOrGet(tenant, id, manifest.getSha256(), displayName, bytes, Dataset.newBuilder()
                .setName(COLLECTION + id)
                .setSha256(manifest.getSha256())
                .setDisplayName(displayName)
                .setSizeBytes(bytes)
                .setInspection(inspection)
                .setCreateTime(ResourceIds.now())
                .setManifest(manifest)
                .build());
        // From here on nothing of it is freed; before, it may have been, as what somebody else had deleted.
        if (!manifests.isWhole(manifest, files)) {
            table.remove(tenant, id);
            throw new KogataException(Reason.UNAVAILABLE, "Some of these files were deleted while they were being registered; send them again.");
        }
        return stored;
    }

    /** A dataset, or {@code NOT_FOUND}. */
    public Dataset get(String tenant, String name) {
        return ResourceIds.id(COLLECTION, name).flatMap(id -> table.byId(tenant, id)).orElseThrow(() -> KogataException.notFound("The dataset", name));
    }

    /** Datasets, newest first; see {@code filter} of the contract. */
    public Page<Dataset> list(String tenant, int pageSize, String pageToken, String filter) {
        return table.list(tenant, pageSize, pageToken, filter);
    }
}
