package dev.kogata.gateway.identity;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.GatewayConfig;
import dev.kogata.kit.error.KogataException;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out who calls, from the two headers that say so: {@code Authorization: Bearer TOKEN}, an OpenID Connect token or an API
 * key, or {@code X-API-Key: KEY}. Where nothing is configured, everybody is {@link Caller#ANYBODY}. Thread-safe.
 */
public final class Authenticator {
    private final Optional<ApiKeys> keys;
    private final Optional<OidcTokens> tokens;

    /** As configured; an IllegalArgumentException says in one sentence what is wrong there. */
    public Authenticator(GatewayConfig.Identity config) {
        this.keys = config.apiKeys().map(ApiKeys::new);
        this.tokens = config.oidc().issuer().map(issuer ->
            new OidcTokens(issuer, config.oidc().audience(), config.oidc().keys(), config.oidc().tenantClaim()));
    }

    /** Whether callers have to say who they are. */
    public boolean isRequired() {
        return keys.isPresent() || tokens.isPresent();
    }

    /**
     * Who sent these headers, either of which may be null.
     *
     * @throws KogataException {@code UNAUTHENTICATED}
     */
    public Caller authenticate(String authorization, String apiKey) {
        if (!isRequired()) {
            return Caller.ANYBODY;
        }
        if (apiKey != null) {
            return key(apiKey.trim());
        }
        if (authorization == null) {
            throw refused("Say who you are: send the header Authorization: Bearer with a token, or X-API-Key.", null);
        }
        if (!authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw refused("The header Authorization has to be Bearer with a token.", null);
        }
        String token = authorization.substring(7).trim();
        boolean signed = token.chars().filter(c -> c == '.').count() == 2;
        return signed && tokens.isPresent() ? tokens.get().verify(token) : key(token);
    }

    private Caller key(String key) {
        return keys.flatMap(known -> known.find(key)).orElseThrow(() -> refused("The token or key is not known here.", null));
    }

    static KogataException refused(String message, Exception cause) {
        return new KogataException(Reason.UNAUTHENTICATED, message, Map.of(), cause);
    }
}
