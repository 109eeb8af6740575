package dev.kogata.kit.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.kit.TestConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reference of all settings: breaks when a default changes. */
class KogataConfigTest {
    @Test
    void hasADefaultForEverything() {
        KogataConfig config = TestConfig.defaults();
        String home = System.getProperty("user.home") + "/.kogata";
        assertThat(config.home()).isEqualTo(Path.of(home));
        assertThat(config.database().url()).isEqualTo("jdbc:h2:file:" + home + "/database/kogata");
        assertThat(config.database().user()).isEmpty();
        assertThat(config.database().password()).isEmpty();
        assertThat(config.database().connections()).isEqualTo(8);
        assertThat(config.database().patience()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.artifacts().url()).isEqualTo(URI.create("file://" + home + "/artifacts"));
        assertThat(config.artifacts().verify()).isTrue();
        assertThat(config.kafka().bootstrapServers()).isEqualTo("localhost:9092");
        assertThat(config.kafka().partitions()).isEqualTo(3);
        assertThat(config.kafka().replicas()).isEqualTo((short) 1);
        assertThat(config.task().lease()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.task().attempts()).isEqualTo(2);
        assertThat(config.task().check()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.task().keep()).isEqualTo(Duration.ofDays(7));
        assertThat(config.worker().name()).isEmpty();
        assertThat(config.worker().slots()).isEqualTo(1);
        assertThat(config.worker().heartbeat()).isEqualTo(Duration.ofMillis(750));
        assertThat(config.worker().poll()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.worker().grace()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.worker().folder()).isEqualTo(Path.of(home, "work"));
        assertThat(config.worker().cacheBytes()).isEqualTo(20L << 30);
        assertThat(config.grpc().deadline()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.grpc().messageBytes()).isEqualTo(16 << 20);
        assertThat(config.profiler().address()).isEqualTo("localhost:9000");
        assertThat(config.pruner().address()).isEqualTo("localhost:9000");
        assertThat(config.quantizer().address()).isEqualTo("localhost:9000");
        assertThat(config.evaluator().address()).isEqualTo("localhost:9000");
        assertThat(config.orchestrator().address()).isEqualTo("localhost:9000");
    }

    @Test
    void isReadFromSystemPropertiesWhereThereIsNoQuarkus() {
        System.setProperty("kogata.pruner.address", "pruner:9000");
        try {
            assertThat(ConfigReader.read().pruner().address()).isEqualTo("pruner:9000");
        } finally {
            System.clearProperty("kogata.pruner.address");
        }
    }

    @Test
    void followsTheHomeFolder() {
        KogataConfig config = TestConfig.with(Map.of("kogata.home", "/srv/kogata"));
        assertThat(config.artifacts().url()).isEqualTo(URI.create("file:///srv/kogata/artifacts"));
        assertThat(config.worker().folder()).isEqualTo(Path.of("/srv/kogata/work"));
    }

    @Test
    void takesDurationsWithUnitsToo() {
        assertThat(TestConfig.with(Map.of("kogata.task.lease", "45s")).task().lease()).isEqualTo(Duration.ofSeconds(45));
    }
}
