package dev.kogata.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the framework: which of two answers at one path a browser gets is its choice. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class PageResourceTest {
    private static final String BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    private static final Pattern USES = Pattern.compile("(?:src=\"|href=\"|from '|import ')((?:/page/|\\./)[^\"']+)");

    @TestHTTPResource("/")
    URI base;
    private RestClient rest;

    @BeforeEach
    void open() {
        rest = new RestClient(base);
    }

    @Test
    void browsersGetThePageAndProgramsThePointer() {
        Answer page = rest.get("/", "Accept", BROWSER);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.text()).contains("<main id=\"main\"");
        assertThat(rest.get("/", "Accept", "*/*").json().path("openapi").asText()).isEqualTo("/openapi.json");
    }

    @Test
    void allowsNoScriptOrStyleInMarkupAndNoOtherHost() {
        Answer page = rest.get("/", "Accept", BROWSER);
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'", "script-src 'self';", "connect-src 'self'").doesNotContain("unsafe", "http", "*");
        assertThat(page.text()).doesNotContain("<style", " style=", "http:", "https:").doesNotContainPattern("<script(?![^>]* src=)").doesNotContainPattern(" on[a-z]+=");
    }

    @Test
    void hasEveryFileThatAFileOfItUses() {
        TreeSet<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(seenOnce(seen, rest.get("/", "Accept", BROWSER).text()));
        while (!open.isEmpty()) {
            Answer file = rest.get("/page/" + open.pop());
            assertThat(file.status()).as(seen.toString()).isEqualTo(200);
            open.addAll(seenOnce(seen, file.text()));
        }
        assertThat(seen).contains("page.css", "page.js", "lit-html.js", "chart.umd.min.js", "upload.js", "result.js");
    }

    private static Deque<String> seenOnce(TreeSet<String> seen, String text) {
        Deque<String> added = new ArrayDeque<>();
        USES.matcher(text).results().map((MatchResult use) -> use.group(1).replaceAll("^(/page/|\\./)", "")).filter(seen::add).forEach(added::add);
        return added;
    }

    @Test
    void knowsNothingOfTheRestOfTheClassPath() {
        for (String name : new String[] {"PageFiles.class", "..%2Fpage.css", "%2e%2e/x", "nothing"}) {
            assertThat(rest.get("/page/" + name).status()).as(name).isIn(400, 404);
        }
    }

    @Test
    void sendsAFileThatIsKnownOnlyOnce() {
        String tag = rest.get("/page/page.js").header("ETag");
        assertThat(rest.get("/page/page.js", "If-None-Match", tag).status()).isEqualTo(304);
    }

    @Test
    void servesThePublishedSchemaOfReports() {
        assertThat(rest.get("/schemas/report.json").json().path("properties").has("heldout")).isTrue();
    }
}
