package dev.kogata.profiler;

import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.task.TaskBoard;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The API's objects. The worker's are in {@link ProfilerWorker}. */
@Singleton
class ProfilerWiring {

    @Produces
    @Singleton
    @Named("profiler-database")
    Database database(KogataConfig config) {
        return Database.open(config.database(), "profiler");
    }

    @Produces
    @Singleton
    @Named("profiler")
    TaskBoard board(@Named("profiler-database") Database database, EventSender sender, KogataConfig config) {
        return new TaskBoard("profile", database, sender, config.task());
    }

    @Produces
    @Singleton
    Inspector inspector(Manifests manifests, KogataConfig config) {
        return new Inspector(manifests, config.home().resolve("inspect"));
    }

    void close(@Disposes @Named("profiler") TaskBoard board) {
        board.close();
    }

    void close(@Disposes @Named("profiler-database") Database database) {
        database.close();
    }
}
