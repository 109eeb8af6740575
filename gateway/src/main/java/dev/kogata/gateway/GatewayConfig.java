package dev.kogata.gateway;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What can be configured about the gateway alone, with its defaults. */
@ConfigMapping(prefix = "kogata.gateway")
public interface GatewayConfig {
    /** Uploads. */
    Upload upload();

    /** Archives. */
    Archive archive();

    /** JSON bodies. */
    Json json();

    /** Progress. */
    Events events();

    /** Who may call. */
    Identity identity();

    /** Longest that a scan of an uploaded model or dataset may take. */
    @WithDefault("PT10M")
    Duration scanDeadline();

    /** Who may call, and for which tenant. Without keys and issuer everybody may, and the gateway listens on this machine only. */
    interface Identity {
        /** File of API keys: {@code TENANT NAME SHA256} a line; {@code ./kogata key} makes keys and lines. */
        Optional<Path> apiKeys();

        /** Whether everybody may call from elsewhere too: where something else, a proxy or a network policy, keeps strangers out. */
        @WithDefault("false")
        boolean open();

        /** Bearer tokens. */
        Oidc oidc();
    }

    /** OpenID Connect. */
    interface Oidc {
        /** The issuer, as its tokens name it. */
        Optional<String> issuer();

        /** Audience that tokens have to be for; any where unset. */
        Optional<String> audience();

        /** Claim that names the tenant. */
        @WithDefault("tenant")
        String tenantClaim();

        /** Where the issuer's keys are (JWKS); found by the issuer's own description where unset. */
        Optional<URI> keys();
    }

    /** Resumable uploads. */
    interface Upload {
        /** Where unfinished and unused uploads lie. */
        @WithDefault("${kogata.home}/uploads")
        Path folder();

        /** Most bytes of one upload. */
        @WithDefault("274877906944")
        long maxBytes();

        /** Most uploads that are unfinished or unused at once. */
        @WithDefault("10000")
        int maxCount();

        /** Most idempotency keys of uploads, models and datasets that are remembered at once; each for as long as an upload is kept. */
        @WithDefault("100000")
        int maxKeys();

        /** How long an upload is kept after its last byte came. */
        @WithDefault("PT24H")
        Duration lifetime();

        /** How long a request waits for an earlier one on the same upload to let go. */
        @WithDefault("PT5S")
        Duration patience();

        /** Messages of uploads by gRPC that are in memory or on their way at once; of slow clients three times as many besides. */
        @WithDefault("32")
        int messages();

        /** Uploads by REST that may be read at once, each on a thread: fewer than quarkus.thread-pool.max-threads, which answer everything else too. */
        @WithDefault("400")
        int threads();

        /** How long a message may take to come, until its client is called slow and others no longer wait for it. */
        @WithDefault("PT1S")
        Duration slow();

        /** How long a client may keep others waiting that need its place, by gRPC or REST, until it has to give up; what came is kept. */
        @WithDefault("PT10S")
        Duration stalled();

        /** How long a client that was asked for a message may send nothing, until its call is ended; what came is kept. */
        @WithDefault("PT30S")
        Duration silence();

        /** Time between two sweeps of expired uploads. */
        @WithDefault("PT10M")
        Duration sweep();
    }

    /** Archives, and files sent apart. */
    interface Archive {
        /** Where files being unpacked lie for a moment; best on the file system of the artifact store. Emptied at start. */
        @WithDefault("${kogata.home}/unpacked")
        Path folder();

        /** Most entries of one archive; also most files sent apart for one model or dataset. */
        @WithDefault("100000")
        int maxEntries();

        /** Most bytes unpacked from one archive. */
        @WithDefault("549755813888")
        long maxBytes();

        /** Most bytes unpacked for each byte of the archive. */
        @WithDefault("250")
        int maxRatio();
    }

    /** JSON bodies of requests. */
    interface Json {
        /** Most bytes of one body. */
        @WithDefault("8388608")
        int maxBytes();
    }

    /** Events of jobs. */
    interface Events {
        /** Longest silence on a stream of events before a comment is sent, so that no proxy in between gives up. */
        @WithDefault("PT10S")
        Duration heartbeat();

        /** Longest that a long poll waits. */
        @WithDefault("PT60S")
        Duration longestWait();

        /** Most events in one answer to a long poll. */
        @WithDefault("1000")
        int maxCount();
    }
}
