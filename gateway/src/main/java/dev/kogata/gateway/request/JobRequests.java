package dev.kogata.gateway.request;

import dev.kogata.common.v1.Artifact;
import dev.kogata.events.v1.JobRequested;
import dev.kogata.events.v1.Source;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.catalog.Intake;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Cause;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Model;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Starts the job that an event asks for, once: the event's source and id are the job's idempotency key, so an event that is
 * delivered again, in whatever order and however late, finds the job that is there. Thread-safe.
 */
final class JobRequests {
    private static final Logger LOG = Logger.getLogger(JobRequests.class);

    private final OrchestratorClient orchestrator;
    private final Intake intake;
    private final ArtifactStore store;
    private final SourceFetcher fetcher;

    JobRequests(OrchestratorClient orchestrator, Intake intake, ArtifactStore store, SourceFetcher fetcher) {
        this.orchestrator = orchestrator;
        this.intake = intake;
        this.store = store;
        this.fetcher = fetcher;
    }

    /** Takes one event; a {@code KogataException} says why no job comes of it. */
    void accept(CloudEvent event) {
        JobRequested asked = RequestReader.read(event);
        String key = key(event);
        // Before anything is fetched: what was fetched for the first delivery may be gone by the second.
        if (!orchestrator.jobs(1, "", "key=" + key).getJobsList().isEmpty()) {
            LOG.infof("the event %s of %s was delivered again; its job is there", Refusal.printable(event.getId()), event.getSource());
            return;
        }
        JobRequest.Builder request = asked.getJob().toBuilder()
            .setCause(Cause.newBuilder().setSource(event.getSource().toString()).setId(event.getId()));
        if (asked.hasModel()) {
            request.setModel(registered("model", request.getModel(), asked.getModel(),
                manifest -> orchestrator.createModel(manifest, asked.getModel().getDisplayName()), Model::getName));
        }
        if (asked.hasDataset()) {
            request.setDataset(dataset("dataset", request.getDataset(), asked.getDataset()));
        }
        if (asked.hasHeldout()) {
            request.setHeldout(dataset("heldout", request.getHeldout(), asked.getHeldout()));
        }
        Job job = orchestrator.createJob(request.build(), key);
        LOG.infof("%s was asked for by the event %s of %s", job.getName(), Refusal.printable(event.getId()), event.getSource());
    }

    /** The same for the same event, another one for any other, and nothing that has to be escaped. */
    static String key(CloudEvent event) {
        return "event-" + Sha256.of((event.getSource() + "\0" + event.getId()).getBytes(StandardCharsets.UTF_8));
    }

    private String dataset(String field, String name, Source source) {
        return registered(field, name, source, manifest -> orchestrator.createDataset(manifest, source.getDisplayName()), Dataset::getName);
    }

    private <R> String registered(String field, String name, Source source, Function<Artifact, R> register, Function<R, String> nameOf) {
        if (!name.isEmpty()) {
            throw Refusal.argument(field, "\"" + field + "\" is given by name and by URI: give only one.");
        }
        if (source.getUri().startsWith(Artifacts.URI_PREFIX)) {
            Artifact manifest = Artifacts.checked(Artifact.newBuilder().setUri(source.getUri()).setSha256(source.getSha256()).build(), field);
            return nameOf.apply(register.apply(Artifacts.of(manifest.getSha256(), store.size(manifest.getSha256()), Artifacts.MANIFEST)));
        }
        Path file = fetcher.fetch(source.getUri(), source.getSha256());
        try {
            return nameOf.apply(intake.take(file, SourceFetcher.filename(source.getUri()), register));
        } catch (IOException e) {
            throw StorageError.of(e);
        } finally {
            delete(file);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }
}
