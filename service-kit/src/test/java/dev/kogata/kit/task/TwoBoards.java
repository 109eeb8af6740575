package dev.kogata.kit.task;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import io.quarkus.test.junit.QuarkusTestProfile;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.Map;

/** An application with two task types, wired as services do it, and a third one whose database is closed. */
public class TwoBoards implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "kogata.database.url", "jdbc:h2:mem:two-boards",
                "kogata.home", "target/two-boards",
                "kogata.artifacts.url", "file:///tmp/kogata-two-boards",
                "kogata.kafka.bootstrap-servers", "127.0.0.1:1",
                "quarkus.grpc.server.test-port", "0",
                "quarkus.http.test-port", "0");
    }

    @Singleton
    static class Beans {
        @Produces
        @Singleton
        @Named("profiler")
        Database profiler(KogataConfig config) {
            return Database.open(config.database(), "profiler");
        }

        @Produces
        @Singleton
        @Named("pruner")
        Database pruner(KogataConfig config) {
            return Database.open(config.database(), "pruner");
        }

        @Produces
        @Singleton
        @Named("profile")
        TaskBoard profile(@Named("profiler") Database database, EventSender sender, KogataConfig config) {
            return new TaskBoard("profile", database, sender, config.task());
        }

        @Produces
        @Singleton
        @Named("prune")
        TaskBoard prune(@Named("pruner") Database database, EventSender sender, KogataConfig config) {
            return new TaskBoard("prune", database, sender, config.task());
        }

        @Produces
        @Singleton
        @Named("broken")
        TaskBoard broken(EventSender sender, KogataConfig config) {
            Database secret = Database.open(config.database(), "secret");
            TaskBoard board = new TaskBoard("broken", secret, sender, config.task());
            board.close();
            secret.withHandle(handle -> handle.execute("drop table task"));
            return board;
        }

        void close(@Disposes TaskBoard board) {
            board.close();
        }
    }
}
