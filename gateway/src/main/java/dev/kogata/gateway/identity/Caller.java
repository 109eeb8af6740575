package dev.kogata.gateway.identity;

import dev.kogata.kit.tenant.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Who sent a request. Immutable.
 *
 * @param tenant whose models, datasets and jobs they may see
 * @param subject who they are within the tenant, as the log of changes names them
 * @param expires when what they showed is no longer worth anything; {@link Instant#MAX} for never
 */
public record Caller(String tenant, String subject, Instant expires) {
    /** One whose word counts for as long as it is not taken back. */
    public Caller(String tenant, String subject) {
        this(tenant, subject, Instant.MAX);
    }

    /** Does something when what they showed expires; never, where that never happens. */
    public Future<?> whenExpired(ScheduledExecutorService clock, Runnable action) {
        return expires.equals(Instant.MAX) ? CompletableFuture.completedFuture(null)
            : clock.schedule(action, Math.max(0, Duration.between(Instant.now(), expires).toMillis()), TimeUnit.MILLISECONDS);
    }

    /** Everybody, where nobody has to say who they are. */
    public static final Caller ANYBODY = new Caller(Tenant.DEFAULT, "anybody");
}
