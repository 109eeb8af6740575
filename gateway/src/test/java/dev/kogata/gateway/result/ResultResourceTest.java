package dev.kogata.gateway.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.GraphSignature;
import dev.kogata.common.v1.TensorSignature;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.orchestrator.v1.JobResult;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the framework: ranges, tags and broken-off answers are HTTP. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class ResultResourceTest {
    private static final byte[] WEIGHTS = random(1_000_000);
    private static final String PLACE = "/v1/jobs/done/result/bundle/onnx/model.onnx";

    @TestHTTPResource("/")
    URI base;
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    @Inject
    ArtifactStore store;
    @Inject
    KogataConfig config;
    private RestClient rest;
    private Artifact weights;

    @BeforeEach
    void putResult() {
        rest = new RestClient(base);
        weights = store.put(WEIGHTS, "application/octet-stream");
        orchestrator.result(JobResult.newBuilder().setJob("jobs/done")
            .addFiles(Manifests.entry("bundle/onnx/model.onnx", weights))
            .addFiles(Manifests.entry("report.html", store.put("<html>".getBytes(StandardCharsets.UTF_8), "text/html")))
            .addFiles(Manifests.entry("report.json", store.put("{\"a\":1}".getBytes(StandardCharsets.UTF_8), "application/json"))).build());
    }

    @Test
    void listsFilesWithSizesAndHashes() {
        Answer answer = rest.get("/v1/jobs/done/result");
        assertThat(answer.json().path("files")).hasSize(3);
        assertThat(answer.json().path("files").get(0).path("sha256").asText()).isEqualTo(weights.getSha256());
        assertThat(answer.json().path("files").get(0).path("size_bytes").isIntegralNumber()).isTrue();
    }

    @Test
    void saysWhatTheDeliveredGraphsTakeAndGiveAsTheOpenInferenceProtocolDoes() {
        orchestrator.result(JobResult.newBuilder().setJob("jobs/signed").addSignatures(GraphSignature.newBuilder().setComponent("vision_encoder").setFile("onnx/vision.onnx"))
            .addSignatures(GraphSignature.newBuilder().setComponent("decoder").setFile("onnx/decoder.onnx")
                .addInputs(TensorSignature.newBuilder().setName("inputs_embeds").setDatatype("FP32").addShape(-1).addShape(-1).addShape(64))
                .addOutputs(TensorSignature.newBuilder().setName("logits").setDatatype("FP32"))).build());
        var metadata = rest.get("/v2/models/signed").json();
        assertThat(metadata.path("platform").asText()).isEqualTo("onnxruntime_onnx");
        assertThat(metadata.path("inputs").get(0).toString()).isEqualTo("{\"name\":\"inputs_embeds\",\"datatype\":\"FP32\",\"shape\":[-1,-1,64]}");
        assertThat(metadata.path("outputs").get(0).path("name").asText()).isEqualTo("logits");
        assertThat(metadata.path("parameters").path("graphs")).hasSize(2);
        assertThat(rest.get("/v2/models/signed/ready").json().path("ready").asBoolean()).isTrue();
        assertThat(rest.get("/v2/models/signed/versions/1").json()).isEqualTo(metadata);
        assertThat(rest.get("/v2/models/signed/versions/1/ready").json().path("name").asText()).isEqualTo("signed");
        assertThat(rest.get("/v2/models/signed/versions/2").status()).isEqualTo(404);
        assertThat(rest.get("/v2/models/none").reason()).isEqualTo("NOT_FOUND");
        assertThat(rest.get("/v2/models/none").json().path("error").asText()).as("what the protocol asks of errors").isNotEmpty();
    }

    @Test
    void sendsAWholeFile() {
        Answer answer = rest.get(PLACE);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(WEIGHTS);
        assertThat(answer.raw().headers().allValues("Content-Length")).containsExactly("1000000");
        assertThat(answer.raw().headers().allValues("ETag")).containsExactly("\"" + weights.getSha256() + "\"");
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
    }

    @Test
    void sendsAPart() {
        Answer answer = rest.get(PLACE, "Range", "bytes=1000-1999");
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(WEIGHTS, 1000, 2000));
        assertThat(answer.header("Content-Range")).isEqualTo("bytes 1000-1999/1000000");
    }

    @Test
    void aPartOfAnotherVersionIsTheWhole() {
        assertThat(rest.get(PLACE, "Range", "bytes=0-9", "If-Range", "\"other\"").status()).isEqualTo(200);
        assertThat(rest.get(PLACE, "Range", "bytes=0-9", "If-Range", "\"" + weights.getSha256() + "\"").status()).isEqualTo(206);
    }

    @Test
    void knowsWhatTheClientHasAlready() {
        assertThat(rest.get(PLACE, "If-None-Match", "\"x\", \"" + weights.getSha256() + "\"").status()).isEqualTo(304);
        Answer beyond = rest.get(PLACE, "Range", "bytes=1000000-");
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.header("Content-Range")).isEqualTo("bytes */1000000");
        assertThat(beyond.reason()).isEqualTo("ARGUMENT_INVALID");
    }

    @Test
    void answersHeadLikeGetWithoutABody() {
        Answer answer = rest.send("HEAD", PLACE, new byte[0]);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("ETag")).isEqualTo("\"" + weights.getSha256() + "\"");
        assertThat(answer.header("Content-Length")).isEqualTo("1000000");
        assertThat(answer.body()).hasSize(0);
    }

    @Test
    void servesReportsWhereTheyCannotActForTheUser() {
        Answer html = rest.get("/v1/jobs/done/report.html");
        assertThat(html.text()).isEqualTo("<html>");
        assertThat(html.header("Content-Type")).startsWith("text/html");
        assertThat(html.header("Content-Security-Policy")).contains("sandbox");
        assertThat(rest.get("/v1/jobs/done/report.json").json().path("a").asInt()).isEqualTo(1);
    }

    @Test
    void sendsEverythingAsOneTar() throws IOException {
        Answer answer = rest.get("/v1/jobs/done/result.tar");
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-tar");
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(answer.body()))) {
            TarArchiveEntry first = tar.getNextEntry();
            assertThat(first.getName()).isEqualTo("bundle/onnx/model.onnx");
            assertThat(tar.readAllBytes()).isEqualTo(WEIGHTS);
            assertThat(tar.getNextEntry().getName()).isEqualTo("report.html");
        }
        assertThat(rest.get("/v1/jobs/done/result.tar").body()).isEqualTo(answer.body());
    }

    @Test
    void aTarThatBrokeOffGoesOnAtAnyByte() {
        Answer whole = rest.get("/v1/jobs/done/result.tar");
        byte[] tar = whole.body();
        assertThat(whole.header("Content-Length")).isEqualTo(Integer.toString(tar.length));
        // In a header, in a file, at its end and beginning, in the padding, in the end of it all.
        for (int from : new int[] {0, 100, 511, 512, 513, 600_000, 1_000_511, 1_000_512, 1_000_960, tar.length - 1025, tar.length - 1}) {
            Answer rest = this.rest.get("/v1/jobs/done/result.tar", "Range", "bytes=" + from + "-", "If-Range", whole.header("ETag"));
            assertThat(rest.status()).isEqualTo(206);
            assertThat(rest.body()).as("from " + from).isEqualTo(Arrays.copyOfRange(tar, from, tar.length));
        }
        assertThat(rest.get("/v1/jobs/done/result.tar", "Range", "bytes=500-700").body()).isEqualTo(Arrays.copyOfRange(tar, 500, 701));
        assertThat(rest.get("/v1/jobs/done/result.tar", "If-None-Match", whole.header("ETag")).status()).isEqualTo(304);
        assertThat(rest.get("/v1/jobs/done/result.tar", "Range", "bytes=" + tar.length + "-").status()).isEqualTo(416);
        Answer head = rest.send("HEAD", "/v1/jobs/done/result.tar", new byte[0]);
        assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(tar.length));
        assertThat(head.header("ETag")).isEqualTo(whole.header("ETag"));
    }

    @Test
    void aTarOfNamesThatAreLongOrNotAsciiIsOneThatAnyToolReads() throws IOException {
        String name = "bundle/" + "ordner/".repeat(30) + "gewölbe.bin";
        orchestrator.result(JobResult.newBuilder().setJob("jobs/named").addFiles(Manifests.entry(name, weights)).build());
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(rest.get("/v1/jobs/named/result.tar").body()))) {
            assertThat(tar.getNextEntry().getName()).isEqualTo(name);
            assertThat(tar.readAllBytes()).isEqualTo(WEIGHTS);
            assertThat(tar.getNextEntry()).isNull();
        }
    }

    @Test
    void filesOutsideTheResultAreNotFound() {
        assertThat(rest.get("/v1/jobs/done/result/bundle/%2e%2e/%2e%2e/x").status()).isEqualTo(404);
        assertThat(rest.get("/v1/jobs/done/result/none").reason()).isEqualTo("NOT_FOUND");
        assertThat(rest.get("/v1/jobs/none/result").status()).isEqualTo(404);
    }

    @Test
    void aTarWhoseJobIsDeletedMeanwhileNeverLooksWhole() throws IOException {
        Artifact gone = store.put(random(300_000), "application/octet-stream");
        orchestrator.result(JobResult.newBuilder().setJob("jobs/going").addFiles(Manifests.entry("a", weights)).addFiles(Manifests.entry("b", gone)).build());
        store.delete(gone.getSha256());
        assertThatThrownBy(() -> rest.get("/v1/jobs/going/result.tar")).as("broken off").hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void aPartThatIsNotAllThereNeverLooksLikeIt() throws IOException {
        Artifact cut = store.put(random(700_001), "application/octet-stream");
        orchestrator.result(JobResult.newBuilder().setJob("jobs/cut").addFiles(Manifests.entry("file", cut)).build());
        Path file = config.home().resolve("artifacts/sha256").resolve(cut.getSha256().substring(0, 2)).resolve(cut.getSha256());
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.write(file, random(300_000));
        assertThatThrownBy(() -> rest.get("/v1/jobs/cut/result/file", "Range", "bytes=100000-600000")).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void damagedBytesNeverLookLikeAWholeAnswer() throws IOException {
        byte[] content = random(500_001);
        Artifact damaged = store.put(content, "application/octet-stream");
        orchestrator.result(JobResult.newBuilder().setJob("jobs/damaged").addFiles(Manifests.entry("file", damaged)).build());
        Path file = config.home().resolve("artifacts/sha256").resolve(damaged.getSha256().substring(0, 2)).resolve(damaged.getSha256());
        assertThat(file.toFile().setWritable(true)).isTrue();
        content[250_000] ^= 1;
        Files.write(file, content);
        assertThatThrownBy(() -> rest.get("/v1/jobs/damaged/result/file")).hasRootCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> rest.get("/v1/jobs/damaged/result.tar")).hasRootCauseInstanceOf(IOException.class);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
