package dev.kogata.gateway.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.gateway.archive.Packing;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the framework: an upload becomes a model through HTTP, the store and gRPC, and what is left behind afterwards counts. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class CatalogTest {
    @TestHTTPResource("/")
    URI base;
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    @Inject
    Manifests manifests;
    @Inject
    KogataConfig config;
    private RestClient rest;

    @BeforeEach
    void connect() {
        rest = new RestClient(base);
    }

    @AfterEach
    void acceptAgain() {
        orchestrator.refuse(null);
    }

    @Test
    void anArchiveBecomesAModelWithoutTheFolderAroundIt() {
        byte[] tar = Packing.gzip(new Packing().file("my-model/config.json", "{}").file("my-model/onnx/a.onnx", "a1").tar());
        String upload = rest.upload("bundle.tar.gz", tar);
        Answer answer = make("models", upload);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("display_name").asText()).isEqualTo("Mine");
        assertThat(answer.json().path("size_bytes").isIntegralNumber()).isTrue();
        assertThat(files(answer)).containsOnlyKeys("config.json", "onnx/a.onnx").containsEntry("onnx/a.onnx", 2L);
        assertThat(rest.head("/v1/" + upload).status()).isEqualTo(404);
        assertThat(rest.get(answer.header("Location")).json()).isEqualTo(answer.json());
    }

    @Test
    void filesBecomeADatasetUnderTheirNames() {
        String lines = rest.upload("data.jsonl", "{}\n".getBytes(StandardCharsets.UTF_8));
        String image = rest.upload("images/1.png", new byte[] {1, 2, 3});
        Answer answer = rest.post("/v1/datasets", "{\"uploads\":[\"" + lines + "\",\"" + image + "\"]}");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("name").asText()).startsWith("datasets/");
    }

    @Test
    void whoLostTheAnswerAsksAgainAndGetsTheSame() {
        String upload = rest.upload("a.zip", new Packing().file("a", "asked again").zip());
        Answer first = make("models", upload);
        Answer second = make("models", upload);
        assertThat(second.status()).isEqualTo(201);
        assertThat(second.json()).isEqualTo(first.json());
    }

    @Test
    void theSameKeyAndBodyGetTheSameModelAndAnotherBodyIsRefused() {
        String body = "{\"uploads\":[\"" + rest.upload("a.zip", new Packing().file("a", "with a key").zip()) + "\"],\"display_name\":\"One\"}";
        Answer first = rest.post("/v1/models", body, "Idempotency-Key", "once");
        assertThat(first.status()).isEqualTo(201);
        assertThat(rest.post("/v1/models", body, "Idempotency-Key", "once").json()).isEqualTo(first.json());
        Answer other = rest.post("/v1/models", body.replace("One", "Two"), "Idempotency-Key", "once");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.reason()).isEqualTo("IDEMPOTENCY_CONFLICT");
    }

    @Test
    void aRefusedArchiveLeavesNothingBehind() {
        Set<String> before = filesOfTheHome();
        String upload = rest.upload("a.tar", new Packing().file("good", "stored before the bad one").file("../bad", "x").tar());
        Answer answer = make("models", upload);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.reason()).isEqualTo("ARCHIVE_INVALID");
        assertThat(answer.json().path("metadata").path("entry").asText()).isEqualTo("../bad");
        assertThat(filesOfTheHome()).isEqualTo(before);
    }

    @Test
    void aModelRefusedByTheScanLeavesNothingBehindButWhatOthersUse() {
        String shared = "in both models";
        make("models", rest.upload("a.tar", new Packing().file("shared", shared).tar()));
        Set<String> before = filesOfTheHome();
        orchestrator.refuse(new KogataException(Reason.LAYOUT_UNKNOWN, "No layout.", Map.of()));
        Answer answer = make("models", rest.upload("b.tar", new Packing().file("shared", shared).file("own", "only here").tar()));
        assertThat(answer.reason()).isEqualTo("LAYOUT_UNKNOWN");
        assertThat(filesOfTheHome()).isEqualTo(before);
    }

    @Test
    void uploadsStayWhereAServiceCouldNotBeReached() {
        orchestrator.refuse(new KogataException(Reason.UNAVAILABLE, "Not now."));
        String upload = rest.upload("a.tar", new Packing().file("a", "tried twice").tar());
        assertThat(make("models", upload).status()).isEqualTo(503);
        orchestrator.refuse(null);
        assertThat(make("models", upload).status()).isEqualTo(201);
    }

    @Test
    void unfinishedUploadsAreRefusedAndStay() {
        Answer created = rest.create(10, "a.tar", "");
        Answer answer = make("models", created.json().path("name").asText());
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.reason()).isEqualTo("UPLOAD_INCOMPLETE");
        assertThat(rest.head(created.header("Location")).status()).isEqualTo(200);
        rest.send("DELETE", created.header("Location"), new byte[0], "Tus-Resumable", "1.0.0");
    }

    @Test
    void requestsThatNameNoUploadsAreRefused() {
        for (String body : new String[] {"{}", "{\"uploads\":[]}", "{\"uploads\":\"uploads/x\"}", "{\"uploads\":[7]}",
            "{\"uploads\":[\"models/x\"]}", "{\"uploads\":[\"uploads/a\",\"uploads/a\"]}", "{\"uploads\":[\"uploads/a\"],\"name\":\"x\"}"}) {
            assertThat(rest.post("/v1/models", body).status()).as(body).isEqualTo(400);
        }
        assertThat(make("models", "uploads/../../etc").reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void unknownModelsAreNotFoundWithTheOrchestratorsReason() {
        Answer answer = rest.get("/v1/models/none");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("metadata").path("name").asText()).isEqualTo("models/none");
    }

    private Answer make(String collection, String upload) {
        return rest.post("/v1/" + collection, "{\"uploads\":[\"" + upload + "\"],\"display_name\":\"Mine\"}");
    }

    private Map<String, Long> files(Answer answer) {
        Manifest manifest = manifests.read(orchestrator.manifestOf(answer.json().path("name").asText()));
        return manifest.getFilesList().stream().collect(Collectors.toMap(ManifestFile::getPath, ManifestFile::getSizeBytes));
    }

    private Set<String> filesOfTheHome() {
        try (Stream<Path> files = Files.walk(config.home())) {
            return files.filter(Files::isRegularFile).map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
