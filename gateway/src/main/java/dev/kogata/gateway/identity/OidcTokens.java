package dev.kogata.gateway.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.tenant.Tenant;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bearer tokens of an OpenID Connect issuer: signed by one of its keys, for this audience, within their time. The issuer is
 * asked for its keys when the first token comes, and again when one is signed by a key not seen yet. Thread-safe.
 */
final class OidcTokens {
    /** Public-key signatures only: a token without one, or signed with a public key as if it were a secret, is none. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256,
        JWSAlgorithm.PS384, JWSAlgorithm.PS512, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    /** How far the issuer's clock and this one may be apart. */
    private static final int SKEW_SECONDS = 60;
    private static final int PATIENCE_MILLIS = 5000;
    private static final int MOST_BYTES = 1 << 20;

    private final String issuer;
    private final Optional<String> audience;
    private final Optional<URI> keys;
    private final String tenantClaim;
    private final DefaultResourceRetriever http = new DefaultResourceRetriever(PATIENCE_MILLIS, PATIENCE_MILLIS, MOST_BYTES);
    private DefaultJWTProcessor<SecurityContext> processor;

    /**
     * Tokens of an issuer.
     *
     * @param audience that tokens have to be for; any where empty
     * @param keys where its keys are; found by the issuer's own description where empty
     * @param tenantClaim name of the claim with the tenant
     */
    OidcTokens(String issuer, Optional<String> audience, Optional<URI> keys, String tenantClaim) {
        this.issuer = issuer;
        this.audience = audience;
        this.keys = keys;
        this.tenantClaim = tenantClaim;
    }

    /** Who a token speaks for; {@code UNAUTHENTICATED}, or {@code UNAVAILABLE} where the issuer's keys cannot be had now. */
    Caller verify(String token) {
        try {
            JWTClaimsSet claims = processor().process(token, null);
            return new Caller(tenant(claims), claims.getSubject(), claims.getExpirationTime().toInstant().plusSeconds(SKEW_SECONDS));
        } catch (KeySourceException e) {
            throw away(e);
        } catch (BadJOSEException | JOSEException | ParseException e) {
            throw Authenticator.refused("The token is not valid: it has to be signed by " + issuer + ", for this service, and not be expired.", e);
        }
    }

    private String tenant(JWTClaimsSet claims) {
        Object tenant = claims.getClaim(tenantClaim);
        if (!(tenant instanceof String name) || !Tenant.isName(name)) {
            throw Authenticator.refused("The token names no tenant: its claim \"" + tenantClaim + "\" has to be a name of letters and digits.", null);
        }
        return name;
    }

    private synchronized DefaultJWTProcessor<SecurityContext> processor() {
        if (processor == null) {
            DefaultJWTProcessor<SecurityContext> made = new DefaultJWTProcessor<>();
            var source = JWKSourceBuilder.create(url(keys.orElseGet(this::discovered)), http).retrying(true).build();
            made.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, source));
            DefaultJWTClaimsVerifier<SecurityContext> verifier = new DefaultJWTClaimsVerifier<>(audience.orElse(null),
                new JWTClaimsSet.Builder().issuer(issuer).build(), Set.of("exp", "sub"));
            verifier.setMaxClockSkew(SKEW_SECONDS);
            made.setJWTClaimsSetVerifier(verifier);
            processor = made;
        }
        return processor;
    }

    private URI discovered() {
        String description = issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration";
        try {
            JsonNode found = new JsonMapper().readTree(http.retrieveResource(url(URI.create(description))).getContent());
            if (!issuer.equals(found.path("issuer").asText())) {
                throw new IOException("it names another issuer");
            }
            return URI.create(found.path("jwks_uri").asText());
        } catch (IOException | IllegalArgumentException e) {
            throw away(e);
        }
    }

    private static URL url(URI address) {
        try {
            return address.toURL();
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw away(e);
        }
    }

    private static KogataException away(Exception cause) {
        return new KogataException(Reason.UNAVAILABLE, "The issuer of tokens does not answer, so that no token can be checked now; try again.", Map.of(), cause);
    }
}
