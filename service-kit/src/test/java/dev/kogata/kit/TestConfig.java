package dev.kogata.kit;

import dev.kogata.kit.config.KogataConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Configurations for tests: the defaults, an H2 in memory, nobody at the broker's address, and what the test says. */
public final class TestConfig {
    /** Where a PostgreSQL for tests is, as a JDBC URL: property {@code kogata.test.postgres.url} or the environment. */
    public static final Optional<String> POSTGRES = Optional.ofNullable(
            System.getProperty("kogata.test.postgres.url", System.getenv("KOGATA_TEST_POSTGRES_URL"))).filter(url -> !url.isBlank());

    private TestConfig() {}

    /** The defaults alone, whatever this process was started with. */
    public static KogataConfig defaults() {
        return read(Map.of());
    }

    /** The configuration with these values; the rest has its default. */
    public static KogataConfig with(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(Map.of(
                "kogata.database.url", "jdbc:h2:mem:" + UUID.randomUUID(),
                "kogata.kafka.bootstrap-servers", "127.0.0.1:1",
                "kogata.kafka.partitions", "1"));
        all.putAll(values);
        return read(all);
    }

    private static KogataConfig read(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(Map.of("user.home", System.getProperty("user.home")), "system", 1))
                .withSources(new PropertiesConfigSource(values, "test", 1000))
                .withMapping(KogataConfig.class)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(KogataConfig.class);
    }

    /** A name for a schema that no other test has. */
    public static String freshSchema() {
        return "test_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    }
}
