package dev.kogata.orchestrator.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ReportPageTest {

    @Test
    @Tag("hostile-63")
    void keepsTextsThatLookLikeMarkupAsText() throws Exception {
        String hostile = "</script><script>alert(1)</script><!-- &amp; \u2028 /*charts*/ $1 \\ \"";
        byte[] json = new ObjectMapper().writeValueAsBytes(Map.of("model", hostile));

        String page = new String(ReportPage.bytes(json, Map.of("</script>", "data:")), StandardCharsets.UTF_8);

        String begin = "<script type=\"application/json\" id=\"report\">";
        String data = page.substring(page.indexOf(begin) + begin.length(), page.indexOf("</script>", page.indexOf(begin)));
        assertThat(new ObjectMapper().readTree(data).get("model").asText()).isEqualTo(hostile);
        assertThat(page).doesNotContain("alert(1)</script>");
        assertThat(page.split("<script")).as("the page's own four scripts").hasSize(5);
    }

    @Test
    void everyPageHoldsItsStyleItsCodeItsBodyAndTheChartLibrary() {
        for (byte[] bytes : new byte[][] {ReportPage.bytes("{}".getBytes(StandardCharsets.UTF_8), Map.of()), ReportPage.front("{}".getBytes(StandardCharsets.UTF_8))}) {
            assertThat(new String(bytes, StandardCharsets.UTF_8)).contains("Chart.js v4", "prefers-color-scheme: dark", "JSON.parse", "-chart\" role=\"img\"")
                    .doesNotContain("/*style*/", "/*charts*/", "/*script*/", "/*report*/", "/*pictures*/", "<!--body-->");
        }
    }
}
