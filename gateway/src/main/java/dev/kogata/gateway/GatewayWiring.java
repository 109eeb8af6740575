package dev.kogata.gateway;

import dev.kogata.gateway.archive.ArchiveLimits;
import dev.kogata.gateway.catalog.Catalog;
import dev.kogata.gateway.catalog.Intake;
import dev.kogata.gateway.idempotency.IdempotencyKeys;
import dev.kogata.gateway.identity.Authenticator;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.gateway.result.ResultFiles;
import dev.kogata.gateway.upload.ReadingThreads;
import dev.kogata.gateway.upload.UploadCreation;
import dev.kogata.gateway.upload.UploadLimits;
import dev.kogata.gateway.upload.Uploads;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.grpc.Channels;
import io.grpc.ManagedChannel;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Puts the gateway together: the one place where its plain classes meet the framework. */
@ApplicationScoped
public class GatewayWiring {
    private static final Logger LOG = Logger.getLogger(GatewayWiring.class);

    private final GatewayConfig gateway;
    private final ManagedChannel channel;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @Inject
    GatewayWiring(GatewayConfig gateway, KogataConfig kogata) {
        this.gateway = gateway;
        this.channel = Channels.open(kogata.orchestrator().address(), kogata.grpc());
    }

    @Produces
    @Singleton
    Uploads uploads() {
        GatewayConfig.Upload config = gateway.upload();
        return new Uploads(config.folder(),
            new UploadLimits(config.maxBytes(), config.maxCount(), config.lifetime(), config.patience()), Clock.systemUTC());
    }

    @Produces
    @Singleton
    ReadingThreads readingThreads() {
        return new ReadingThreads(gateway.upload().threads(), gateway.upload().stalled());
    }

    @Produces
    @Singleton
    IdempotencyKeys idempotencyKeys() {
        return new IdempotencyKeys(gateway.upload().folder().resolve("keys"), gateway.upload().maxKeys(), gateway.upload().lifetime(), gateway.upload().patience(), Clock.systemUTC());
    }

    @Produces
    @Singleton
    UploadCreation uploadCreation(OrchestratorClient orchestrator, Uploads uploads, IdempotencyKeys keys) {
        return new UploadCreation(orchestrator, uploads, keys);
    }

    @Produces
    @Singleton
    Intake intake(Uploads uploads, ArtifactStore store) throws IOException {
        GatewayConfig.Archive config = gateway.archive();
        return new Intake(uploads, store,
            new ArchiveLimits(config.maxEntries(), config.maxBytes(), config.maxRatio()), config.folder());
    }

    @Produces
    @Singleton
    ResultFiles resultFiles(ArtifactStore store) {
        return new ResultFiles(store);
    }

    @Produces
    @Singleton
    OrchestratorClient orchestrator() {
        return new OrchestratorClient(channel, gateway.scanDeadline());
    }

    @Produces
    @Singleton
    Authenticator authenticator() {
        return new Authenticator(gateway.identity());
    }

    @Produces
    @Singleton
    Catalog catalog(OrchestratorClient orchestrator, Intake intake, IdempotencyKeys keys) {
        return new Catalog(orchestrator, intake, keys);
    }

    @Produces
    @Singleton
    StrictJson strictJson() {
        return new StrictJson(gateway.json().maxBytes());
    }

    void start(@Observes StartupEvent event, Uploads uploads, IdempotencyKeys keys) {
        long period = gateway.upload().sweep().toMillis();
        timer.scheduleWithFixedDelay(() -> sweep(uploads, keys), period, period, TimeUnit.MILLISECONDS);
    }

    private static void sweep(Uploads uploads, IdempotencyKeys keys) {
        try {
            uploads.sweep();
            keys.sweep();
        } catch (IOException | RuntimeException e) {
            LOG.warn("Expired uploads could not be removed; the next sweep tries again", e);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
        channel.shutdownNow();
    }
}
