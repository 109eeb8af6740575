package dev.kogata.pruner;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.task.TaskBoard;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The API's objects. The worker's are in {@link PrunerWorker}. */
@Singleton
class PrunerWiring {

    @Produces
    @Singleton
    @Named("pruner-database")
    Database database(KogataConfig config) {
        return Database.open(config.database(), "pruner");
    }

    @Produces
    @Singleton
    @Named("pruner")
    TaskBoard board(@Named("pruner-database") Database database, EventSender sender, KogataConfig config) {
        return new TaskBoard("prune", database, sender, config.task());
    }

    void close(@Disposes @Named("pruner") TaskBoard board) {
        board.close();
    }

    void close(@Disposes @Named("pruner-database") Database database) {
        database.close();
    }
}
