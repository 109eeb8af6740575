package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.standalone.client.FakeGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {

    @TempDir
    Path folder;

    private static String report(double kl, double secondsPerToken, String heldout) {
        return """
                {"model":{"sha256":"m"},"budget":{"used_bytes":1000000,"batch":1,"context":1024},"memory":{"delivered":{"peak_resident_bytes":200000000,"cache_bytes":0}},
                 "latency":{"delivered":{"prefill_seconds":0.01,"decode_seconds_per_token":%s}},"data":{"heldout_sha256":"%s"},"environment":{"threads":"2"},
                 "heldout":{"delivered":{"kl":%s,"kl_standard_error":0.001,"exact":0.75,"nll":0.1}}}""".formatted(secondsPerToken, heldout, kl);
    }

    private String result(String name, String report) throws Exception {
        Path result = Files.createDirectories(folder.resolve(name));
        Files.writeString(result.resolve("report.json"), report);
        return result.toString();
    }

    @Test
    void putsTwoFoldersSideBySideAndSaysWhichIsCloser() throws Exception {
        Ran ran = Ran.kogata("report", "--compare", result("a", report(0.02, 0.002, "h")), result("b", report(0.01, 0.003, "h")));

        assertThat(ran.exit()).as(ran.err()).isZero();
        assertThat(ran.out().lines().map(line -> line.strip().replaceAll(" {2,}", " | "))).contains("latency, per token | 2.00 ms | 3.00 ms | +50.0 %",
                "accuracy, KL, nats | 0.02000 | 0.01000 | -50.0 %", "accuracy, exact answers | 75.0 % | 75.0 % | +0.0 points");
        assertThat(ran.out()).contains("b is closer to the dense model, by 7.1 standard errors").doesNotContain("cost");
    }

    @Test
    void doesNotCompareAccuracyOnDifferentConversations() throws Exception {
        Ran ran = Ran.kogata("report", "--compare", result("a", report(0.02, 0.002, "h")), result("b", report(0.01, 0.002, "other")));
        assertThat(ran.out()).contains("held-out conversations are not the same").doesNotContain("is closer");
    }

    @Test
    void comparesAJobWithAFolderAndWritesOneDocument() throws Exception {
        try (FakeGateway fake = new FakeGateway()) {
            fake.json("GET /v1/jobs/7/report.json", 200, report(0.02, 0.002, "h"));
            Ran ran = Ran.kogata("report", "--compare", "7", result("b", report(0.02, 0.002, "h")), "--json", "--server", fake.address().toString());
            assertThat(ran.exit()).as(ran.err()).isZero();
            assertThat(ran.document().path("numbers")).anySatisfy(number -> {
                assertThat(number.path("name").asText()).isEqualTo("heldout.delivered.kl");
                assertThat(number.path("first").asDouble()).isEqualTo(0.02);
            });
            assertThat(ran.document().path("remarks")).extracting(remark -> remark.asText()).containsExactly("Their KL divergences are the same.");
        }
    }

    @Test
    void writesAPageThatTakesNamesAsText() throws Exception {
        Path page = folder.resolve("page.html");
        Ran ran = Ran.kogata("report", "--compare", result("<script>", report(0.02, 0.002, "h")), result("b", report(0.01, 0.003, "h")), "--html", page.toString());
        assertThat(ran.exit()).as(ran.err()).isZero();
        assertThat(Files.readString(page)).contains("&lt;script&gt;", "+50.0 %").doesNotContain("<script");
    }

    @Test
    void aFolderWithoutAReportIsRefused() throws Exception {
        Ran ran = Ran.kogata("report", "--compare", folder.toString(), result("b", report(0.01, 0.003, "h")), "--json");
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("NOT_FOUND");
    }
}
