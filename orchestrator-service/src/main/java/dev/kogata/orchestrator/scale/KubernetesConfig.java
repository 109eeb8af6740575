package dev.kogata.orchestrator.scale;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What the orchestrator does with a cluster's API; nothing by default. Names begin with {@code kogata.kubernetes}. */
@ConfigMapping(prefix = "kogata.kubernetes")
public interface KubernetesConfig {
    /** Who starts workers. */
    enum Starter {
        /** Nobody in a cluster: its API is not asked. */
        NONE,
        /** KEDA; the orchestrator only looks how their pods end. */
        KEDA,
        /** The orchestrator, as plain Jobs. */
        JOBS
    }

    /** Who starts workers: {@code none}, {@code keda} or {@code jobs}. */
    @WithDefault("none")
    Starter workers();

    /** Namespace of the workers; the process's own where unset. */
    Optional<String> namespace();

    /** Label selector of the workers' pods. */
    @WithDefault("kogata.dev/role=worker")
    String selector();

    /** Folder with one Job manifest for each type of task that workers are started for: {@code evaluate.yaml}, ... */
    @WithDefault("/etc/kogata/workers")
    Path templates();

    /** How often missing workers are looked for. */
    @WithDefault("PT2S")
    Duration check();
}
