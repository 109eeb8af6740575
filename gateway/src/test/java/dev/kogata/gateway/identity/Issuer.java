package dev.kogata.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.UnaryOperator;

/** An OpenID Connect issuer on this machine: its description, its keys, and tokens good and bad. */
public final class Issuer implements AutoCloseable {
    static final String AUDIENCE = "kogata";

    private final HttpServer server;
    private volatile RSAKey key = fresh("one");

    public Issuer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/.well-known/openid-configuration", () -> "{\"issuer\":\"" + url() + "\",\"jwks_uri\":\"" + url() + "/keys\"}");
        serve("/keys", () -> new JWKSet(key.toPublicJWK()).toString());
        server.start();
    }

    private void serve(String path, java.util.function.Supplier<String> body) {
        server.createContext(path, exchange -> {
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A good token of a tenant. */
    public String token(String tenant) {
        return signed(key, claims -> claims.claim("tenant", tenant));
    }

    /** A token that is signed properly, with other claims. */
    String token(UnaryOperator<JWTClaimsSet.Builder> change) {
        return signed(key, change);
    }

    /** A token of somebody who claims to be this issuer. */
    String forged() {
        return signed(fresh("one"), claims -> claims.claim("tenant", "acme"));
    }

    /** A token with no signature at all ({@code alg: none}). */
    String unsigned() {
        return new PlainJWT(claims().claim("tenant", "acme").build()).serialize();
    }

    /** A token signed by the public key, used as if it were a shared secret. */
    String signedWithThePublicKey() {
        try {
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), claims().claim("tenant", "acme").build());
            token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on the issuer signs with another key. */
    void rotate(String id) {
        key = fresh(id);
    }

    private String signed(RSAKey with, UnaryOperator<JWTClaimsSet.Builder> change) {
        try {
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(with.getKeyID()).build(), change.apply(claims()).build());
            token.sign(new RSASSASigner(with));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().issuer(url()).audience(AUDIENCE).subject("somebody")
            .expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(5))));
    }

    private static RSAKey fresh(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
