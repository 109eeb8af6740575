package dev.kogata.quantizer;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.task.TaskBoard;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The API's objects. The worker's are in {@link QuantizerWorker}. */
@Singleton
class QuantizerWiring {

    @Produces
    @Singleton
    @Named("quantizer-database")
    Database database(KogataConfig config) {
        return Database.open(config.database(), "quantizer");
    }

    @Produces
    @Singleton
    @Named("quantizer")
    TaskBoard board(@Named("quantizer-database") Database database, EventSender sender, KogataConfig config) {
        return new TaskBoard("quantize", database, sender, config.task());
    }

    void close(@Disposes @Named("quantizer") TaskBoard board) {
        board.close();
    }

    void close(@Disposes @Named("quantizer-database") Database database) {
        database.close();
    }
}
