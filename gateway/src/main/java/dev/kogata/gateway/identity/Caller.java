package dev.kogata.gateway.identity;

import dev.kogata.kit.tenant.Tenant;

/**
 * Who sent a request. Immutable.
 *
 * @param tenant whose models, datasets and jobs they may see
 * @param subject who they are within the tenant, as the log of changes names them
 */
public record Caller(String tenant, String subject) {
    /** Everybody, where nobody has to say who they are. */
    public static final Caller ANYBODY = new Caller(Tenant.DEFAULT, "anybody");
}
