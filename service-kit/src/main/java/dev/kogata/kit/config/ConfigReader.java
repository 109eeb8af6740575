package dev.kogata.kit.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Reads the configuration in a process that is no Quarkus application: same names, same sources, same defaults. */
public final class ConfigReader {
    private ConfigReader() {}

    /** Configuration from system properties, the environment and {@code META-INF/microprofile-config.properties}. */
    public static KogataConfig read() {
        return read(Map.of());
    }

    /** The same, with values that win over all of those. */
    public static KogataConfig read(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "given", Integer.MAX_VALUE))
                .addDefaultInterceptors()
                .addDefaultSources()
                .addDiscoveredConverters()
                .withMapping(KogataConfig.class)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(KogataConfig.class);
    }
}
