package dev.kogata.orchestrator;

import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.event.Outbox;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.orchestrator.flow.Workers;
import dev.kogata.orchestrator.quota.QuotaConfig;
import dev.kogata.orchestrator.scale.WorkLoad;
import dev.kogata.orchestrator.job.JobMetrics;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Builds the orchestrator from the configuration. */
@Singleton
class OrchestratorWiring {

    private static final String SCHEMA = "orchestrator";

    private final List<ManagedChannel> channels = new ArrayList<>();
    private Outbox outbox;

    @Produces
    @Singleton
    @Named(SCHEMA)
    Database database(KogataConfig config) {
        return Database.open(config.database(), SCHEMA);
    }

    void close(@Disposes @Named(SCHEMA) Database database) {
        database.close();
    }

    @Produces
    @Singleton
    Workers workers(KogataConfig config) {
        return new Workers(channel(config, config.profiler()), channel(config, config.pruner()),
                channel(config, config.quantizer()), channel(config, config.evaluator()));
    }

    @Produces
    @Singleton
    WorkLoad load(Workers workers) {
        return new WorkLoad(workers::count);
    }

    @Produces
    @Singleton
    Orchestrator orchestrator(KogataConfig config, JobsConfig jobs, QuotaConfig quota, @Named(SCHEMA) Database database, EventSender events, ArtifactStore artifacts,
            Workers workers) {
        outbox = new Outbox(database, events);
        return new Orchestrator(database, outbox::add, artifacts, workers, jobs, quota, "orchestrator-" + UUID.randomUUID());
    }

    void start(@Observes StartupEvent started, Orchestrator orchestrator, MeterRegistry registry, @Named(SCHEMA) Database database) {
        JobMetrics.register(registry, database);
        orchestrator.start();
    }

    /** While the database is still open: beans are destroyed in no order that would know of it. */
    void stop(@Observes ShutdownEvent stopping, Orchestrator orchestrator) {
        orchestrator.close();
        outbox.close();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private ManagedChannel channel(KogataConfig config, KogataConfig.Peer peer) {
        ManagedChannel channel = Channels.open(peer.address(), config.grpc());
        channels.add(channel);
        return channel;
    }
}
