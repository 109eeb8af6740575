package dev.kogata.kit.config;

import io.smallrye.config.SmallRyeConfigBuilder;

/** Reads the configuration in a process that is no Quarkus application: same names, same sources, same defaults. */
public final class ConfigReader {
    private ConfigReader() {}

    /** Configuration from system properties, the environment and {@code META-INF/microprofile-config.properties}. */
    public static KogataConfig read() {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDefaultSources()
                .addDiscoveredConverters()
                .withMapping(KogataConfig.class)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(KogataConfig.class);
    }
}
