package dev.kogata.orchestrator.quota;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;
import java.util.OptionalLong;

/** How much a tenant may have at once; 0 for no limit. Names begin with {@code kogata.quota}. */
@ConfigMapping(prefix = "kogata.quota")
public interface QuotaConfig {
    /** Jobs that have not ended. */
    @WithDefault("1000")
    long jobs();

    /** Jobs that are run at once; others of the tenant wait. */
    @WithDefault("0")
    long running();

    /** Trials that those jobs ask for, together. */
    @WithDefault("0")
    long trials();

    /** Bytes of all models and datasets, and of uploads that are not used yet. */
    @WithDefault("0")
    long bytes();

    /** What is different for a tenant, by its name: {@code kogata.quota.tenants."acme".jobs=5}. */
    Map<String, OfTenant> tenants();

    /** Quotas of one tenant; where one is not given, the common one holds. */
    interface OfTenant {
        /** Jobs that have not ended. */
        OptionalLong jobs();

        /** Jobs that are run at once. */
        OptionalLong running();

        /** Trials that those jobs ask for, together. */
        OptionalLong trials();

        /** Bytes of all models and datasets, and of uploads that are not used yet. */
        OptionalLong bytes();
    }
}
