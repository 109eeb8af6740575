package dev.kogata.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.OperationsGrpc;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.GatewayServiceGrpc.GatewayServiceBlockingStub;
import dev.kogata.gateway.v1.GetJobRequest;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A gateway with an issuer and API keys, over real HTTP: hostile tokens, and two tenants that see nothing of each other. */
@QuarkusTest
@QuarkusTestResource(value = GatewayUnderTest.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = IdentityTest.Identities.class, restrictToAnnotatedClass = true)
class IdentityTest {
    private static final String KEY = "kogata_0123456789abcdefghijklmnop";
    private static final byte[] NOTHING = new byte[0];
    private static Issuer issuer;

    /** An issuer and a file of keys. */
    public static class Identities implements QuarkusTestResourceLifecycleManager {
        private Path file;

        @Override
        public Map<String, String> start() {
            try {
                issuer = new Issuer();
                file = Files.writeString(Files.createTempFile("kogata", "keys"), ApiKeysTest.line("rival", "ci", KEY));
                return Map.of("kogata.gateway.identity.oidc.issuer", issuer.url(), "kogata.gateway.identity.oidc.audience", Issuer.AUDIENCE,
                    "kogata.gateway.identity.api-keys", file.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            issuer.close();
            file.toFile().delete();
        }
    }

    @TestHTTPResource("/")
    URI base;
    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    private RestClient rest;
    private String[] acme;
    private final String[] rival = {"X-API-Key", KEY};

    @BeforeEach
    void connect() {
        rest = new RestClient(base);
        acme = new String[] {"Authorization", "Bearer " + issuer.token("acme")};
    }

    @Test
    void asksEveryCallerOfEverythingWhoTheyAre() {
        for (String path : List.of("/v1/models", "/v1/datasets", "/v1/jobs", "/v1/jobs/any", "/v1/jobs/any/events", "/v1/jobs/any/result", "/v1/usage")) {
            Answer answer = rest.get(path);
            assertThat(answer.status()).as(path).isEqualTo(401);
            assertThat(answer.reason()).as(path).isEqualTo("UNAUTHENTICATED");
            assertThat(answer.header("WWW-Authenticate")).as(path).startsWith("Bearer");
            assertThat(answer.header("Content-Type")).as(path).startsWith("application/problem+json");
        }
        assertThat(rest.create(4, "a", "").status()).isEqualTo(401);
        assertThat(rest.post("/v1/jobs", "{}").status()).isEqualTo(401);
    }

    @Test
    void letsTokensAndKeysInAndNothingThatOnlyLooksLikeOne() {
        assertThat(rest.get("/v1/models", acme).status()).isEqualTo(200);
        assertThat(rest.get("/v1/models", rival).status()).isEqualTo(200);
        assertThat(rest.get("/v1/models", "Authorization", "Bearer " + KEY).status()).as("a key as bearer token").isEqualTo(200);
        for (String bad : List.of("Bearer " + issuer.forged(), "Bearer " + issuer.unsigned(), "Bearer " + issuer.signedWithThePublicKey(), "Bearer ",
                "Bearer " + KEY + "x", "Basic " + KEY, KEY)) {
            assertThat(rest.get("/v1/models", "Authorization", bad).status()).as(bad).isEqualTo(401);
        }
        assertThat(rest.get("/v1/models", "X-API-Key", issuer.token("acme")).status()).isEqualTo(401);
    }

    @Test
    void healthAndTheDescriptionAreForAll() {
        assertThat(rest.get("/health/ready").status()).isEqualTo(200);
        assertThat(rest.get("/openapi.json").status()).isEqualTo(200);
    }

    @Test
    @Tag("hostile-58")
    void nothingOfOneTenantExistsForAnother() {
        orchestrator.job("jobs/of-acme", "acme");
        orchestrator.event("jobs/of-acme", JobState.QUEUED);
        assertThat(rest.get("/v1/jobs/of-acme", acme).status()).isEqualTo(200);
        for (String path : List.of("/v1/jobs/of-acme", "/v1/jobs/of-acme/events", "/v1/jobs/of-acme/events?wait=1s", "/v1/jobs/of-acme/result",
                "/v1/jobs/of-acme/result.tar", "/v1/jobs/of-acme/report.html", "/v1/jobs/of-acme/result/plan.json")) {
            assertThat(rest.get(path, rival).reason()).as(path).isEqualTo("NOT_FOUND");
        }
        assertThat(rest.send("POST", "/v1/jobs/of-acme:cancel", NOTHING, rival).reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void anUploadOfOneTenantDoesNotExistForAnother() {
        Answer created = rest.send("POST", "/v1/uploads", NOTHING, with(acme, "Tus-Resumable", "1.0.0", "Upload-Length", "4", "Upload-Metadata", ""));
        String path = created.header("Location");
        assertThat(created.status()).isEqualTo(201);

        assertThat(rest.send("HEAD", path, NOTHING, with(rival, "Tus-Resumable", "1.0.0")).status()).isEqualTo(404);
        assertThat(rest.patch(path, 0, bytes("evil"), rival).reason()).isEqualTo("NOT_FOUND");
        assertThat(rest.send("DELETE", path, NOTHING, with(rival, "Tus-Resumable", "1.0.0")).status()).isEqualTo(404);
        assertThat(rest.patch(path, 0, bytes("good"), acme).status()).isEqualTo(204);
        String uploads = "{\"uploads\":[\"" + created.json().path("name").asText() + "\"]}";
        assertThat(rest.post("/v1/models", uploads, rival).reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void refusesAnUploadBeyondTheTenantsQuotaBeforeItsBytesCome() {
        orchestrator.limitBytes(100);
        try {
            String[] of60 = with(new String[] {"Authorization", "Bearer " + issuer.token("full")}, "Tus-Resumable", "1.0.0", "Upload-Length", "60");
            assertThat(rest.send("POST", "/v1/uploads", NOTHING, of60).status()).isEqualTo(201);
            Answer second = rest.send("POST", "/v1/uploads", NOTHING, of60);
            assertThat(second.status()).isEqualTo(429);
            assertThat(second.reason()).isEqualTo("QUOTA_EXCEEDED");
            assertThat(second.json().path("metadata").path("used").asText()).isEqualTo("60");
        } finally {
            orchestrator.limitBytes(0);
        }
    }

    @Test
    @Tag("hostile-63")
    void writesALineForEveryChangeWithWhoWhatAndOutcome() {
        List<String> lines = new CopyOnWriteArrayList<>(), fields = new CopyOnWriteArrayList<>();
        Handler reader = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(String.format(line.getMessage(), line.getParameters()));
                fields.add(MDC.get("tenant") + " " + MDC.get("job"));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger audit = Logger.getLogger("dev.kogata.audit");
        audit.addHandler(reader);
        try {
            orchestrator.job("jobs/audited", "acme");
            rest.send("POST", "/v1/jobs/audited:cancel", NOTHING, acme);
            rest.send("POST", "/v1/jobs/audited:cancel", NOTHING, rival);
            rest.send("POST", "/v1/jobs/audited:cancel", NOTHING);
            rest.get("/v1/jobs/audited", acme);
            var channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
            reason(() -> as(channel, rival).cancelJob(CancelJobRequest.newBuilder().setName("jobs/audited").build()));
            reason(() -> operations(channel, rival).deleteOperation(DeleteOperationRequest.newBuilder().setName("jobs/audited").build()));
            operations(channel, acme).deleteOperation(DeleteOperationRequest.newBuilder().setName("jobs/audited").build());
            channel.shutdownNow();
            // Would be a line of its own, and a quotation mark to go on behind.
            rest.send("POST", "/v1/jobs/a%0Atenant=acme%22%1B%5B2J:cancel", NOTHING, acme);
        } finally {
            audit.removeHandler(reader);
        }
        assertThat(lines).containsExactly(
            "tenant=acme who=\"somebody\" what=\"POST /v1/jobs/audited:cancel\" outcome=200",
            "tenant=rival who=\"ci\" what=\"POST /v1/jobs/audited:cancel\" outcome=404",
            "tenant=- who=\"-\" what=\"POST /v1/jobs/audited:cancel\" outcome=401",
            "tenant=rival who=\"ci\" what=\"CancelJob jobs/audited\" outcome=NOT_FOUND reason=NOT_FOUND",
            "tenant=rival who=\"ci\" what=\"DeleteOperation jobs/audited\" outcome=NOT_FOUND reason=NOT_FOUND",
            "tenant=acme who=\"somebody\" what=\"DeleteOperation jobs/audited\" outcome=OK",
            "tenant=acme who=\"somebody\" what=\"POST /v1/jobs/a_tenant=acme__[2J:cancel\" outcome=404");
        assertThat(fields).as("what a structured log shows apart").containsExactly("acme jobs/audited", "rival jobs/audited", "- jobs/audited",
            "rival jobs/audited", "rival jobs/audited", "acme jobs/audited", "acme jobs/a");
    }

    @Test
    void grpcAsksTheSameQuestions() {
        orchestrator.job("jobs/of-acme-by-grpc", "acme");
        var channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        try {
            GetJobRequest job = GetJobRequest.newBuilder().setName("jobs/of-acme-by-grpc").build();
            assertThat(as(channel, acme).getJob(job).getName()).isEqualTo("jobs/of-acme-by-grpc");
            assertThat(reason(() -> as(channel, rival).getJob(job))).isEqualTo(Reason.NOT_FOUND);
            assertThat(reason(() -> as(channel).getJob(job))).isEqualTo(Reason.UNAUTHENTICATED);
            assertThat(reason(() -> as(channel, "Authorization", "Bearer " + issuer.unsigned()).getJob(job))).isEqualTo(Reason.UNAUTHENTICATED);
            assertThat(reason(() -> as(channel).listModels(ListModelsRequest.getDefaultInstance()))).isEqualTo(Reason.UNAUTHENTICATED);
            assertThat(reason(() -> OperationsGrpc.newBlockingStub(channel).getOperation(
                GetOperationRequest.newBuilder().setName("jobs/of-acme-by-grpc").build()))).isEqualTo(Reason.UNAUTHENTICATED);
        } finally {
            channel.shutdownNow();
        }
    }

    /** Tokens that live a little longer each time, until one lives long enough for a stream to begin: how fast the machine is does not matter. */
    @Test
    @Tag("hostile-58")
    void watchingEndsWithTheTokenAndGoesOnWithANewOneOnly() throws Exception {
        orchestrator.job("jobs/watched-for-hours", "acme");
        orchestrator.event("jobs/watched-for-hours", JobState.SEARCHING);
        var channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        try {
            Reason ended = Reason.UNAUTHENTICATED;
            for (int seconds = 1, begun = 0; begun == 0; seconds *= 2) {
                var events = as(channel, "Authorization", "Bearer " + expiringIn(seconds)).withDeadlineAfter(10, TimeUnit.MINUTES)
                    .watchJob(WatchJobRequest.newBuilder().setName("jobs/watched-for-hours").build());
                try {
                    events.next();
                    begun = 1;
                    events.next();
                } catch (StatusRuntimeException over) {
                    ended = KogataException.of(over).reason();
                }
            }
            assertThat(ended).as("the job has not ended").isEqualTo(Reason.UNAUTHENTICATED);
        } finally {
            channel.shutdownNow();
        }
        for (int seconds = 1, begun = 0; begun == 0; seconds *= 2) {
            HttpRequest request = HttpRequest.newBuilder(rest.uri("/v1/jobs/watched-for-hours/events")).header("Authorization", "Bearer " + expiringIn(seconds))
                .timeout(Duration.ofMinutes(10)).build();
            HttpResponse<InputStream> answer = rest.http().send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                // To its end, which comes although the job has not ended.
                String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                begun = text.contains("id:1") ? 1 : 0;
                assertThat(answer.statusCode()).as(text).isIn(200, 401);
            }
        }
    }

    private static String expiringIn(int seconds) {
        // A minute of difference between clocks is borne with.
        Date when = Date.from(Instant.now().minusSeconds(60).plusSeconds(seconds));
        return issuer.token(claims -> claims.claim("tenant", "acme").expirationTime(when));
    }

    private static GatewayServiceBlockingStub as(Channel channel, String... headers) {
        return GatewayServiceGrpc.newBlockingStub(channel).withInterceptors(attached(headers));
    }

    private static OperationsGrpc.OperationsBlockingStub operations(Channel channel, String... headers) {
        return OperationsGrpc.newBlockingStub(channel).withInterceptors(attached(headers));
    }

    private static ClientInterceptor attached(String... headers) {
        Metadata metadata = new Metadata();
        for (int i = 0; i < headers.length; i += 2) {
            metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
        }
        return MetadataUtils.newAttachHeadersInterceptor(metadata);
    }

    private static Reason reason(ThrowingCallable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(error).as("nothing was refused").isNotNull();
        return KogataException.of(error).reason();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String[] with(String[] identity, String... headers) {
        String[] all = new String[identity.length + headers.length];
        System.arraycopy(identity, 0, all, 0, identity.length);
        System.arraycopy(headers, 0, all, identity.length, headers.length);
        return all;
    }
}
