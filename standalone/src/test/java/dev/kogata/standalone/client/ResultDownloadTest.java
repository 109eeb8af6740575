package dev.kogata.standalone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultDownloadTest {
    @TempDir
    Path folder;

    @AutoClose
    private final FakeGateway fake = new FakeGateway();

    @Test
    void writesEveryFileUnderItsPath() throws Exception {
        offer("bundle/onnx/a file.onnx", "weights");
        fake.json("GET /v1/jobs/1/result/bundle/onnx/a%20file.onnx", 200, "weights");
        download();
        assertThat(folder.resolve("bundle/onnx/a file.onnx")).hasContent("weights");
    }

    @Test
    void asksAgainForAFileThatArrivedDamaged() throws Exception {
        offer("plan.json", "{}");
        fake.json("GET /v1/jobs/1/result/plan.json", 200, "{x").json("GET /v1/jobs/1/result/plan.json", 200, "{}");
        download();
        assertThat(folder.resolve("plan.json")).hasContent("{}");
    }

    @Test
    void refusesAPathThatLeadsOutOfTheFolder() throws Exception {
        offer("../outside", "x");
        assertThatThrownBy(this::download).isInstanceOf(GatewayFailure.class).hasMessageContaining("outside");
        assertThat(folder.resolveSibling("outside")).doesNotExist();
    }

    private void download() {
        new ResultDownload(new Gateway(fake.address()), "jobs/1").into(folder);
    }

    private void offer(String path, String content) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
        fake.json("GET /v1/jobs/1/result", 200, "{\"files\":[{\"path\":\"" + path + "\",\"sha256\":\"" + HexFormat.of().formatHex(digest)
                + "\",\"size_bytes\":\"" + content.length() + "\"}]}");
    }
}
