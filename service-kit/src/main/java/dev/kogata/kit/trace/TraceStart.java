package dev.kogata.kit.trace;

import dev.kogata.kit.config.KogataConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Turns traces on when a service starts, and sends the last ones when it stops. */
@Singleton
class TraceStart {
    private final KogataConfig config;
    private final String application;
    private AutoCloseable traces = () -> { };

    @Inject
    TraceStart(KogataConfig config, @ConfigProperty(name = "quarkus.application.name", defaultValue = "kogata") String application) {
        this.config = config;
        this.application = application;
    }

    void start(@Observes StartupEvent event) {
        traces = Traces.open(config.traces(), application);
    }

    void stop(@Observes ShutdownEvent event) throws Exception {
        traces.close();
    }
}
