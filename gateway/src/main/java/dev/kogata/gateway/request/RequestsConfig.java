package dev.kogata.gateway.request;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Jobs asked for by events on {@code kogata.requests}. */
@ConfigMapping(prefix = "kogata.requests")
public interface RequestsConfig {
    /** Whether this gateway takes them. */
    @WithDefault("true")
    boolean enabled();

    /** Whose jobs they become; whoever may write to the topic acts for this tenant. */
    @WithDefault("default")
    String tenant();

    /** Folder that {@code file:} URIs may name files in; nothing outside it is read. */
    @WithDefault("${kogata.home}/inbox")
    Path inbox();

    /** Hosts that {@code http:} and {@code https:} URIs may name, as {@code HOST} or {@code HOST:PORT}; none where unset. */
    Optional<List<String>> hosts();

    /** Where fetched bytes lie for a moment. Emptied at start. */
    @WithDefault("${kogata.home}/fetched")
    Path folder();

    /** Most bytes of one file that is fetched. */
    @WithDefault("274877906944")
    long maxBytes();

    /** Longest that fetching one file may take. */
    @WithDefault("PT1H")
    Duration deadline();

    /** How long an event is tried again while a service, the store or the database is away, before it goes to {@code kogata.dead}. */
    @WithDefault("PT1H")
    Duration patience();
}
