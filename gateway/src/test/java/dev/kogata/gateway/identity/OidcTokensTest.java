package dev.kogata.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OidcTokensTest {
    private Issuer issuer;
    private OidcTokens tokens;

    @BeforeEach
    void open() throws IOException {
        issuer = new Issuer();
        tokens = new OidcTokens(issuer.url(), Optional.of(Issuer.AUDIENCE), Optional.empty(), "tenant");
    }

    @AfterEach
    void close() {
        issuer.close();
    }

    @Test
    void takesTheTenantFromTheClaimAndTheSubjectFromTheToken() {
        Caller caller = tokens.verify(issuer.token("acme"));
        assertThat(caller.tenant()).isEqualTo("acme");
        assertThat(caller.subject()).isEqualTo("somebody");
        assertThat(caller.expires()).isBetween(Instant.now(), Instant.now().plus(Duration.ofHours(1)));
    }

    @Test
    void theClaimIsTheOneThatIsConfigured() {
        OidcTokens byOrganisation = new OidcTokens(issuer.url(), Optional.empty(), Optional.of(URI.create(issuer.url() + "/keys")), "org");
        assertThat(byOrganisation.verify(issuer.token(claims -> claims.claim("org", "rival"))).tenant()).isEqualTo("rival");
        assertThat(refused(byOrganisation, issuer.token("acme"))).isEqualTo(Reason.UNAUTHENTICATED);
    }

    @Test
    @Tag("hostile-58")
    void refusesWhatTheIssuerDidNotSign() {
        String good = issuer.token("acme");
        assertThat(refused(tokens, issuer.forged())).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.unsigned())).as("alg: none").isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.signedWithThePublicKey())).as("HS256 with the public key").isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, good.substring(0, good.lastIndexOf('.') + 1))).as("signature cut off").isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, "a.b.c")).isEqualTo(Reason.UNAUTHENTICATED);
    }

    @Test
    @Tag("hostile-58")
    void refusesWhatIsExpiredForSomebodyElseOrFromSomebodyElse() {
        Date past = Date.from(Instant.now().minus(Duration.ofHours(1)));
        assertThat(refused(tokens, issuer.token(claims -> claims.claim("tenant", "acme").expirationTime(past)))).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.token(claims -> claims.claim("tenant", "acme").expirationTime(null)))).as("never").isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.token(claims -> claims.claim("tenant", "acme").audience("other")))).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.token(claims -> claims.claim("tenant", "acme").issuer("http://other")))).isEqualTo(Reason.UNAUTHENTICATED);
    }

    @Test
    void refusesATokenThatNamesNoTenant() {
        assertThat(refused(tokens, issuer.token(claims -> claims))).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.token("two\nlines"))).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(refused(tokens, issuer.token(""))).isEqualTo(Reason.UNAUTHENTICATED);
    }

    @Test
    void findsTheIssuersNewKeyByItself() {
        tokens.verify(issuer.token("acme"));
        issuer.rotate("two");
        assertThat(tokens.verify(issuer.token("acme")).tenant()).isEqualTo("acme");
    }

    @Test
    void saysThatTheIssuerIsAwayRatherThanThatTheTokenIsBad() {
        String token = issuer.token("acme");
        issuer.close();
        assertThat(refused(tokens, token)).isEqualTo(Reason.UNAVAILABLE);
    }

    private static Reason refused(OidcTokens tokens, String token) {
        KogataException error = catchThrowableOfType(KogataException.class, () -> tokens.verify(token));
        assertThat(error).as("the token was taken").isNotNull();
        return error.reason();
    }
}
