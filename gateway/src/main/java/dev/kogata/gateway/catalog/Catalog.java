package dev.kogata.gateway.catalog;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.idempotency.IdempotencyKeys;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.Model;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Makes models and datasets of a tenant's uploads. The same uploads again give the same resource. Thread-safe. */
public final class Catalog {
    private final OrchestratorClient orchestrator;
    private final Intake intake;
    private final IdempotencyKeys keys;

    /** A catalog that registers at the orchestrator what the intake stores. */
    public Catalog(OrchestratorClient orchestrator, Intake intake, IdempotencyKeys keys) {
        this.orchestrator = orchestrator;
        this.intake = intake;
        this.keys = keys;
    }

    /** A model of one tar or zip of a bundle, or of its files by relative name. The same key and request give the same model. */
    public Model model(String tenant, List<String> uploads, String displayName, String key) throws IOException {
        UploadsRequest request = UploadsRequest.checked(uploads, displayName);
        return keys.once(List.of(tenant, "models"), key, request.words(), orchestrator.as(tenant)::model, () -> model(tenant, request), Model::getName);
    }

    private Model model(String tenant, UploadsRequest request) throws IOException {
        List<String> uploads = request.uploads();
        OrchestratorClient client = orchestrator.as(tenant);
        Optional<String> made = intake.madeEarlier(tenant, uploads);
        return made.isPresent() ? client.model(made.get())
            : intake.take(tenant, uploads, manifest -> client.createModel(manifest, request.displayName()), Model::getName);
    }

    /** A dataset of JSON lines with pictures, as one tar or zip, or as files. The same key and request give the same dataset. */
    public Dataset dataset(String tenant, List<String> uploads, String displayName, String key) throws IOException {
        UploadsRequest request = UploadsRequest.checked(uploads, displayName);
        return keys.once(List.of(tenant, "datasets"), key, request.words(), orchestrator.as(tenant)::dataset, () -> dataset(tenant, request), Dataset::getName);
    }

    private Dataset dataset(String tenant, UploadsRequest request) throws IOException {
        List<String> uploads = request.uploads();
        OrchestratorClient client = orchestrator.as(tenant);
        Optional<String> made = intake.madeEarlier(tenant, uploads);
        return made.isPresent() ? client.dataset(made.get())
            : intake.take(tenant, uploads, manifest -> client.createDataset(manifest, request.displayName()), Dataset::getName);
    }
}
