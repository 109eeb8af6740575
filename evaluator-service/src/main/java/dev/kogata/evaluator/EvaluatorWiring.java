package dev.kogata.evaluator;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.task.TaskBoard;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The API's objects. The worker's are in {@link EvaluatorWorker}. */
@Singleton
class EvaluatorWiring {

    @Produces
    @Singleton
    @Named("evaluator-database")
    Database database(KogataConfig config) {
        return Database.open(config.database(), "evaluator");
    }

    @Produces
    @Singleton
    @Named("evaluator")
    TaskBoard board(@Named("evaluator-database") Database database, EventSender sender, KogataConfig config) {
        return new TaskBoard("evaluate", database, sender, config.task());
    }

    void close(@Disposes @Named("evaluator") TaskBoard board) {
        board.close();
    }

    void close(@Disposes @Named("evaluator-database") Database database) {
        database.close();
    }
}
