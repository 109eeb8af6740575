package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.orchestrator.v1.CreateDatasetRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.GetJobRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs Quarkus, because it is about the wiring: the service is found, its calls may block, its streams end, jobs begin by themselves. */
@QuarkusTest
@QuarkusTestResource(value = OrchestratorInQuarkusTest.Surroundings.class, restrictToAnnotatedClass = true)
class OrchestratorInQuarkusTest {

    /** Fake workers, a database in memory, and nobody at the broker's address. */
    public static class Surroundings implements QuarkusTestResourceLifecycleManager {
        private FakeMesh mesh;

        @Override
        public Map<String, String> start() {
            try {
                Path folder = Files.createTempDirectory("kogata-orchestrator");
                String artifacts = folder.toUri().toString();
                mesh = new FakeMesh(Artifacts.open(TestConfig.with(Map.of("kogata.artifacts.url", artifacts)).artifacts()));
                return Map.ofEntries(
                        Map.entry("kogata.home", folder.toString()),
                        Map.entry("kogata.artifacts.url", artifacts),
                        Map.entry("kogata.database.url", "jdbc:h2:mem:orchestrator-in-quarkus"),
                        Map.entry("kogata.kafka.bootstrap-servers", "127.0.0.1:1"),
                        Map.entry("kogata.profiler.address", mesh.address()),
                        Map.entry("kogata.pruner.address", mesh.address()),
                        Map.entry("kogata.quantizer.address", mesh.address()),
                        Map.entry("kogata.evaluator.address", mesh.address()),
                        Map.entry("quarkus.grpc.server.test-port", "0"),
                        Map.entry("quarkus.http.test-port", "0"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            mesh.close();
        }
    }

    @TestHTTPResource("/")
    URI http;

    @Inject
    KogataConfig config;

    @Inject
    ArtifactStore artifacts;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    private ManagedChannel channel;
    private OrchestratorServiceGrpc.OrchestratorServiceBlockingStub orchestrator;

    @BeforeEach
    void connect() {
        channel = Channels.open("127.0.0.1:" + port, config.grpc());
        orchestrator = OrchestratorServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @Test
    void runsAJobStreamsItsEventsToTheEndAndCountsIt() throws Exception {
        String model = orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(manifest(FakeModel.FILE)).build()).getName();
        String dataset = orchestrator.createDataset(CreateDatasetRequest.newBuilder().setManifest(manifest("data.jsonl")).build()).getName();
        Job job = orchestrator.createJob(CreateJobRequest.newBuilder().setJob(JobRequest.newBuilder().setModel(model).setDataset(dataset)
                .setBudget(Budget.newBuilder().setRatio(0.5)).setTrials(3)).build());

        List<JobEvent> events = new ArrayList<>();
        orchestrator.watchJob(WatchJobRequest.newBuilder().setName(job.getName()).build()).forEachRemaining(events::add);

        JobEvent last = events.get(events.size() - 1);
        assertThat(last.getState()).as(last.getMessage()).isEqualTo(JobState.SUCCEEDED);
        assertThat(orchestrator.getJob(GetJobRequest.newBuilder().setName(job.getName()).build()).getLastSequence()).isEqualTo(events.size());

        String metrics = HttpClient.newHttpClient().send(HttpRequest.newBuilder(http.resolve("/metrics")).build(), BodyHandlers.ofString()).body();
        assertThat(metrics).containsPattern("kogata_jobs\\{state=\"SUCCEEDED\"\\} [1-9]").containsPattern("kogata_trial_seconds_count [1-9]");
    }

    @Test
    void answersErrorsWithTheirReason() {
        assertThat(refused(() -> orchestrator.getJob(GetJobRequest.newBuilder().setName("jobs/none").build())).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(() -> orchestrator.watchJob(WatchJobRequest.newBuilder().setName("jobs/none").build()).hasNext()).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(() -> orchestrator.createJob(CreateJobRequest.getDefaultInstance())).metadata()).containsEntry("field", "model");
    }

    private Artifact manifest(String file) {
        Artifact content = artifacts.put(("content of " + file).getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
        return new Manifests(artifacts).write(Manifest.newBuilder().addFiles(Manifests.entry(file, content)).build());
    }

    private static KogataException refused(ThrowingCallable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(error).as("nothing was refused").isNotNull();
        return KogataException.of(error);
    }
}
