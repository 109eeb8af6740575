package dev.kogata.gateway.request;

import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.catalog.Intake;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.event.Event;
import dev.kogata.kit.event.EventIntake;
import dev.kogata.kit.event.EventSender;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;

/** Begins to take events from {@code kogata.requests} when the gateway starts, unless it is told not to. */
@ApplicationScoped
class RequestsWiring {
    private static final String GROUP = "kogata-requests";

    private EventIntake events;

    void start(@Observes StartupEvent started, RequestsConfig requests, KogataConfig config, OrchestratorClient orchestrator, Intake intake,
        ArtifactStore store, EventSender sender) throws IOException {
        if (requests.enabled()) {
            JobRequests jobs = new JobRequests(orchestrator.as(requests.tenant()), intake, store, new SourceFetcher(requests));
            events = new EventIntake(config.kafka(), Event.REQUESTS, GROUP, "//kogata.dev/gateway", requests.patience(), sender, jobs::accept);
        }
    }

    void stop(@Observes ShutdownEvent stopping) {
        if (events != null) {
            events.close();
        }
    }
}
