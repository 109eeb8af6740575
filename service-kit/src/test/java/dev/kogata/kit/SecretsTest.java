package dev.kogata.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.OperationsGrpc;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.grpc.Channels;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Passwords and tokens of the configuration are in no line of the log, whatever fails, nor in what a caller is told: also where everything is logged that the
 * defaults of the services do not keep quiet by name.
 */
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
    private final Map<Logger, Level> levels = new HashMap<>();
    private final Map<Logger, Level> before = new HashMap<>();
    private final List<Handler> others = new ArrayList<>();

    /** Held for the whole test: loggers that nobody holds are forgotten, with their levels. */
    @BeforeEach
    void listen() throws IOException {
        levels.put(root, Level.ALL);
        // These two are quiet for being talkative, not for what they say: whoever looks for a fault turns them on.
        levels.put(Logger.getLogger("org.apache.kafka"), Level.ALL);
        levels.put(Logger.getLogger("org.apache.kafka.clients"), Level.ALL);
        keptQuiet().forEach(name -> levels.put(Logger.getLogger(name), Level.INFO));
        levels.forEach((logger, level) -> {
            before.put(logger, logger.getLevel());
            logger.setLevel(level);
        });
        everything.setLevel(Level.ALL);
        // Thousands of lines that nobody reads in the output of the build.
        Arrays.stream(root.getHandlers()).forEach(handler -> {
            others.add(handler);
            root.removeHandler(handler);
        });
        root.addHandler(everything);
    }

    @AfterEach
    void stop() {
        root.removeHandler(everything);
        others.forEach(root::addHandler);
        before.forEach(Logger::setLevel);
    }

    /** Categories that no configuration can make talk. */
    private static List<String> keptQuiet() throws IOException {
        try (InputStream defaults = SecretsTest.class.getResourceAsStream("/META-INF/microprofile-config.properties")) {
            Properties properties = new Properties();
            properties.load(defaults);
            Pattern least = Pattern.compile("quarkus\\.log\\.category\\.\"(.+)\"\\.min-level");
            return properties.stringPropertyNames().stream().map(least::matcher).filter(Matcher::matches).map(match -> match.group(1)).toList();
        }
    }

    @Test
    void areNotLoggedWhereTheDatabaseIsAway() {
        KogataConfig config = TestConfig.with(Map.of("kogata.database.url", "jdbc:postgresql://127.0.0.1:1/kogata?password=" + SECRET, "kogata.database.patience", "PT0.1S",
                "kogata.database.user", "kogata", "kogata.database.password", SECRET));
        assertThatThrownBy(() -> Database.open(config.database(), "secrets")).isInstanceOf(KogataException.class).hasMessageNotContaining(SECRET);
        assertThat(lines).anyMatch(line -> line.startsWith("org.postgresql.")).noneMatch(line -> line.contains(SECRET));
    }

    /** Frames and their headers are logged by the library that sends them. */
    @Test
    void areNotLoggedByCallsOfTheMesh() throws Exception {
        KogataConfig config = TestConfig.with(Map.of("kogata.grpc.token", SECRET));
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0)).build().start();
        ManagedChannel channel = Channels.open("127.0.0.1:" + server.getPort(), config.grpc());
        try {
            var caller = OperationsGrpc.newBlockingStub(channel);
            assertThatThrownBy(() -> caller.getOperation(GetOperationRequest.getDefaultInstance())).isInstanceOf(StatusRuntimeException.class).hasMessageContaining("UNIMPLEMENTED")
                .hasMessageNotContaining(SECRET);
        } finally {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
        assertThat(lines).anyMatch(line -> line.startsWith("io.")).noneMatch(line -> line.contains(SECRET));
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
