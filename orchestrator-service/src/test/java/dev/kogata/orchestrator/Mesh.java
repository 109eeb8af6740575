package dev.kogata.orchestrator;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Manifest;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.ErrorInterceptor;
import dev.kogata.kit.tenant.MeshInterceptor;
import dev.kogata.kit.tenant.Tenant;
import dev.kogata.orchestrator.quota.QuotaConfig;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.kit.event.Event;
import dev.kogata.orchestrator.job.JobBell;
import dev.kogata.orchestrator.job.JobStore;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.v1.CreateDatasetRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.GetJobRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An orchestrator behind real gRPC, over a real database and fake workers. No framework: it is made of plain objects. */
final class Mesh implements AutoCloseable {

    final FakeMesh workers;
    final ArtifactStore artifacts;
    /** Every event that was given to the outbox in a transaction that began; committed or not. */
    final List<Event> published = new CopyOnWriteArrayList<>();
    OrchestratorServiceGrpc.OrchestratorServiceBlockingStub orchestrator;

    /** Called before the orchestrator writes into its store; what it throws is the store's error. */
    volatile Runnable beforeWrite = () -> { };

    private final Database database;
    private final Map<String, String> settings;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Orchestrator> running = new ArrayList<>();
    private Server server;
    private ManagedChannel channel;

    Mesh(Path folder, Map<String, String> settings) throws Exception {
        this.settings = settings;
        KogataConfig config = TestConfig.with(Map.of("kogata.artifacts.url", folder.toUri().toString()));
        artifacts = Artifacts.open(config.artifacts());
        workers = new FakeMesh(artifacts);
        database = Database.open(freshDatabase(), "orchestrator");
        start();
    }

    /** The given PostgreSQL, emptied; an H2 in memory where none is given. */
    private static KogataConfig.Database freshDatabase() throws Exception {
        if (TestConfig.POSTGRES.isEmpty()) {
            return TestConfig.with(Map.of()).database();
        }
        String url = TestConfig.POSTGRES.orElseThrow();
        // Not through DriverManager: it only finds drivers that something has loaded before.
        try (Connection connection = new org.postgresql.Driver().connect(url, new Properties())) {
            connection.createStatement().execute("drop schema if exists orchestrator cascade");
        }
        return TestConfig.with(Map.of("kogata.database.url", url)).database();
    }

    /** Starts an orchestrator, as another replica where one runs already; calls go to the newest. */
    void start() throws Exception {
        Orchestrator started = new Orchestrator(database, (handle, event) -> published.add(event), store(), workers.workers(), config(JobsConfig.class), config(QuotaConfig.class), "test-" + running.size());
        started.start();
        running.add(started);
        if (server != null) {
            server.shutdownNow();
            channel.shutdownNow();
        }
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).executor(threads).intercept(new MeshInterceptor(Optional.empty())).intercept(new ErrorInterceptor())
                .addService(new OrchestratorGrpcService(started)).build().start();
        channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
        orchestrator = OrchestratorServiceGrpc.newBlockingStub(channel);
    }

    private ArtifactStore store() {
        return (ArtifactStore) Proxy.newProxyInstance(Mesh.class.getClassLoader(), new Class<?>[] {ArtifactStore.class}, (proxy, method, arguments) -> {
            if (method.getName().equals("put") || method.getName().equals("adopt")) {
                beforeWrite.run();
            }
            try {
                return method.invoke(artifacts, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /** The orchestrator as a caller of this tenant has it. */
    OrchestratorServiceGrpc.OrchestratorServiceBlockingStub as(String tenant) {
        return orchestrator.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(Tenant.header(tenant)));
    }

    /** Stops all orchestrators; the database and the workers stay. */
    void stop() {
        running.forEach(Orchestrator::close);
        running.clear();
    }

    @Override
    public void close() {
        workers.beforeTask = requestId -> { };
        stop();
        channel.shutdownNow();
        server.shutdownNow();
        workers.close();
        database.close();
        threads.shutdownNow();
    }

    private <C> C config(Class<C> mapping) {
        Map<String, String> all = new HashMap<>(Map.of("kogata.jobs.check", "PT0.1S", "kogata.jobs.poll", "PT0.1S", "kogata.jobs.lease", "PT2S"));
        all.putAll(settings);
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredConverters().withSources(new PropertiesConfigSource(all, "test", 1000))
                .withMapping(mapping).withValidateUnknown(false).build().getConfigMapping(mapping);
    }

    /** A job request for a registered model and dataset; the tests say what differs. */
    JobRequest.Builder request() {
        return JobRequest.newBuilder().setModel(model()).setDataset(dataset()).setBudget(Budget.newBuilder().setRatio(0.4)).setMethod("wanda").setTrials(20).setSeed(11);
    }

    String model() {
        return orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(manifest(FakeModel.FILE)).setDisplayName("A </script> model").build()).getName();
    }

    String dataset() {
        return orchestrator.createDataset(CreateDatasetRequest.newBuilder().setManifest(dataManifest()).build()).getName();
    }

    private Artifact dataManifest() {
        Artifact lines = artifacts.put("content of data.jsonl".getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
        return new Manifests(artifacts).write(Manifest.newBuilder().addFiles(Manifests.entry("data.jsonl", lines))
                .addFiles(Manifests.entry("images/7.png", artifacts.put(FakeModel.PICTURE, Artifacts.BYTES))).build());
    }

    Artifact manifest(String file) {
        Artifact content = artifacts.put(("content of " + file).getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
        return new Manifests(artifacts).write(Manifest.newBuilder().addFiles(Manifests.entry(file, content)).build());
    }

    Job create(JobRequest.Builder request) {
        return orchestrator.createJob(CreateJobRequest.newBuilder().setJob(request).build());
    }

    Job job(String name) {
        return orchestrator.getJob(GetJobRequest.newBuilder().setName(name).build());
    }

    /** All events of a job, read until its last one. */
    List<JobEvent> events(String job) {
        List<JobEvent> events = new ArrayList<>();
        orchestrator.watchJob(WatchJobRequest.newBuilder().setName(job).build()).forEachRemaining(events::add);
        return events;
    }

    /** The job after it has ended. */
    Job ended(String name) {
        eventually(() -> assertThat(job(name).getState()).isIn(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED));
        return job(name);
    }

    /** A job's journal, as the database has it. */
    List<Trial> journal(String job) {
        return new JobStore(database, (handle, event) -> { }, new JobBell(), new Quotas(config(QuotaConfig.class))).journal(job.substring("jobs/".length()));
    }

    /** A file of a job's result. */
    byte[] file(String job, String path) {
        var result = orchestrator.getJobResult(GetJobResultRequest.newBuilder().setName(job).build());
        return artifacts.bytes(result.getFilesList().stream().filter(file -> file.getPath().equals(path)).findFirst().orElseThrow().getSha256(), 10 << 20);
    }

    JsonNode document(String job, String path) {
        return Json.read(file(job, path));
    }
}
