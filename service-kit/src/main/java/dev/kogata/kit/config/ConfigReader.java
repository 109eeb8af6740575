package dev.kogata.kit.config;

import io.smallrye.config.SmallRyeConfigBuilder;

/** Reads the configuration in a process that is no Quarkus application: same names, same sources, same defaults. */
public final class ConfigReader {
    private ConfigReader() {}

    /** Configuration from system properties, the environment and {@code META-INF/microprofile-config.properties}. */
    public static KogataConfig read() {
        return sources().withMapping(KogataConfig.class).withValidateUnknown(false).build().getConfigMapping(KogataConfig.class);
    }

    /** Whether logs are JSON documents, by the same setting as in the services. */
    public static boolean jsonLogs() {
        return sources().build().getOptionalValue("quarkus.log.console.json.enabled", Boolean.class).orElse(false);
    }

    private static SmallRyeConfigBuilder sources() {
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDefaultSources().addDiscoveredConverters();
    }
}
