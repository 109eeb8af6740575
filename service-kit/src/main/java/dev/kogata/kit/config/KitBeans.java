package dev.kogata.kit.config;

import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.event.EventSender;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What all services of a process share. Databases and task boards are each service's own: it names its beans. */
@Singleton
class KitBeans {

    @Produces
    @Singleton
    @DefaultBean
    ArtifactStore artifacts(KogataConfig config) {
        return Artifacts.open(config.artifacts());
    }

    @Produces
    @Singleton
    @DefaultBean
    Manifests manifests(ArtifactStore store) {
        return new Manifests(store);
    }

    @Produces
    @Singleton
    @DefaultBean
    EventSender events(KogataConfig config) {
        return new EventSender(config.kafka());
    }

    void close(@Disposes EventSender sender) {
        sender.close();
    }
}
