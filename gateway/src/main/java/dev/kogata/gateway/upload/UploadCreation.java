package dev.kogata.gateway.upload;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.idempotency.IdempotencyKeys;
import java.io.IOException;
import java.util.List;

/** Creates uploads for both doors of the gateway: within the tenant's quota, and once for one idempotency key. Thread-safe. */
public final class UploadCreation {
    private final OrchestratorClient orchestrator;
    private final Uploads uploads;
    private final IdempotencyKeys keys;

    /** Creates uploads among these. */
    public UploadCreation(OrchestratorClient orchestrator, Uploads uploads, IdempotencyKeys keys) {
        this.orchestrator = orchestrator;
        this.uploads = uploads;
        this.keys = keys;
    }

    /** An upload; the same key and values give the same one, wherever it stands by then. */
    public UploadStatus create(String tenant, long bytes, UploadMetadata metadata, String key) throws IOException {
        Uploads own = uploads.as(tenant);
        return keys.once(List.of(tenant, "uploads"), key, List.of(Long.toString(bytes), metadata.header()), name -> own.status(Uploads.id(name)), () -> {
            UploadQuota.require(orchestrator.as(tenant).usage(), own, bytes);
            return own.create(bytes, metadata);
        }, status -> status.info().name());
    }
}
