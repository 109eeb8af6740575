package dev.kogata.orchestrator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How jobs are run. Names begin with {@code kogata.jobs}. */
@ConfigMapping(prefix = "kogata.jobs")
public interface JobsConfig {

    /** Jobs that one orchestrator runs at once; others wait. */
    @WithDefault("4")
    int atOnce();

    /** How long an orchestrator may be silent before another one goes on with its jobs. */
    @WithDefault("PT10S")
    Duration lease();

    /** How often waiting jobs, leases and cancelled jobs are looked for. */
    @WithDefault("PT0.5S")
    Duration check();

    /** How often a running task is asked about where no event told of it. */
    @WithDefault("PT0.5S")
    Duration poll();

    /** How long a service may be away before the job that needs it fails. */
    @WithDefault("PT10M")
    Duration patience();

    /** Trials of one job measured at once. With 1, the same seed gives the same plan. */
    @WithDefault("1")
    int trialsAtOnce();

    /** Best plans of a search that are measured on the selection set. */
    @WithDefault("5")
    int finalists();

    /** Plans of those for which files are written, with every final pass. */
    @WithDefault("3")
    int written();

    /** Conversations in the search set, at most; 0 for no limit. */
    @WithDefault("256")
    int searchConversations();

    /** Conversations that are drawn from the model itself where a job has no calibration data. */
    @WithDefault("192")
    int ownConversations();

    /** Conversations of the search set on which every width of every layer's cache is measured alone, at most; 0 for all. */
    @WithDefault("32")
    int sensitivityConversations();

    /** Conversations in the held-out set, at most; 0 for no limit. */
    @WithDefault("1024")
    int heldoutConversations();

    /** How long bytes of what was deleted stay in the store: longer than a backup takes, from the database's copy to the end of the store's. */
    @WithDefault("PT0S")
    Duration keepDeleted();
}
