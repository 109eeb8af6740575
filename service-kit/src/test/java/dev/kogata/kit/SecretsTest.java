package dev.kogata.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.EventSender;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passwords of the configuration are in no line of the log, at the level that services log at, whatever fails, nor in what a caller is told. */
class SecretsTest {
    private static final String SECRET = "hunter2-of-the-mesh";

    private final Logger root = Logger.getLogger("");
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler everything = new Handler() {
        @Override
        public void publish(LogRecord line) {
            StringWriter text = new StringWriter();
            text.write(line.getLoggerName() + " " + line.getMessage() + " " + Arrays.toString(line.getParameters()));
            if (line.getThrown() != null) {
                line.getThrown().printStackTrace(new PrintWriter(text));
            }
            lines.add(text.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    /** Kafka's clients are quieter than the root once Quarkus has run in this process. */
    private final List<Logger> loggers = List.of(root, Logger.getLogger("org.apache.kafka"), Logger.getLogger("org.apache.kafka.clients"));
    private final List<Level> before = loggers.stream().map(Logger::getLevel).collect(Collectors.toCollection(ArrayList::new));

    @BeforeEach
    void listen() {
        loggers.forEach(logger -> logger.setLevel(Level.INFO));
        everything.setLevel(Level.ALL);
        root.addHandler(everything);
    }

    @AfterEach
    void stop() {
        root.removeHandler(everything);
        for (int i = 0; i < before.size(); i++) {
            loggers.get(i).setLevel(before.get(i));
        }
    }

    @Test
    void areNotLoggedWhereTheDatabaseIsAway() {
        KogataConfig config = TestConfig.with(Map.of("kogata.database.url", "jdbc:postgresql://127.0.0.1:1/kogata?password=" + SECRET, "kogata.database.patience", "PT0.1S",
                "kogata.database.user", "kogata", "kogata.database.password", SECRET));
        assertThatThrownBy(() -> Database.open(config.database(), "secrets")).isInstanceOf(KogataException.class).hasMessageNotContaining(SECRET);
        assertThat(lines).noneMatch(line -> line.contains(SECRET));
    }

    @Test
    void areNotLoggedByKafkasClients() {
        KogataConfig config = TestConfig.with(Map.of("kogata.kafka.client.\"security.protocol\"", "SASL_PLAINTEXT", "kogata.kafka.client.\"sasl.mechanism\"", "PLAIN",
                "kogata.kafka.client.\"sasl.jaas.config\"",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"kogata\" password=\"" + SECRET + "\";"));
        new EventSender(config.kafka()).close();
        assertThat(lines).as("something was logged").isNotEmpty().noneMatch(line -> line.contains(SECRET));
    }
}
