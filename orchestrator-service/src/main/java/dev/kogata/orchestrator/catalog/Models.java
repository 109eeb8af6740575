package dev.kogata.orchestrator.catalog;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.orchestrator.v1.Model;
import java.util.Optional;
import java.util.function.Function;

/** Uploaded bundles. The same files are registered once; what cannot be read is refused and leaves nothing behind. Thread-safe. */
public final class Models {

    static final String COLLECTION = "models/";

    private final ResourceTable<Model> table;
    private final Manifests manifests;
    private final Function<Artifact, Inspection> inspect;

    /**
     * @param inspect reads the files behind a manifest, or refuses them
     */
    public Models(Database database, Quotas quotas, Manifests manifests, Function<Artifact, Inspection> inspect) {
        table = new ResourceTable<>(database, "model", Model.parser(), quotas);
        this.manifests = manifests;
        this.inspect = inspect;
    }

    /** Registers the files of a manifest. The first registration's name stays. */
    public Model create(String tenant, Artifact manifest, String displayName) {
        Artifacts.checked(manifest, "manifest");
        DisplayName.check(displayName);
        Optional<Model> known = table.bySha256(tenant, manifest.getSha256());
        if (known.isPresent()) {
            return known.get();
        }
        Manifest files = manifests.read(manifest);
        long bytes = files.getFilesList().stream().mapToLong(ManifestFile::getSizeBytes).sum();
        Inspection inspection = inspect.apply(manifest);
        String id = ResourceIds.fresh();
        Model stored = table.insertOrGet(tenant, id, manifest.getSha256(), displayName, bytes, Model.newBuilder()
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

    /** A model, or {@code NOT_FOUND}. */
    public Model get(String tenant, String name) {
        return ResourceIds.id(COLLECTION, name).flatMap(id -> table.byId(tenant, id)).orElseThrow(() -> KogataException.notFound("The model", name));
    }

    /** Models, newest first; see {@code filter} of the contract. */
    public Page<Model> list(String tenant, int pageSize, String pageToken, String filter) {
        return table.list(tenant, pageSize, pageToken, filter);
    }
}
