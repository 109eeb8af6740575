package dev.kogata.orchestrator.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The report as one HTML file that needs no network: the page, the chart library and the numbers, each put in once. The page
 * builds itself from the numbers and sets every text as text, so nothing that a model's or a dataset's author wrote is ever read
 * as markup. Thread-safe.
 */
public final class ReportPage {

    /** What every page has; its body and scripts are put into it. */
    private static final String FRAME = "frame.html";
    /** In this order: later ones use what earlier ones name. */
    private static final List<String> REPORT = List.of("numbers", "elements", "report", "decision", "allocation", "caches", "search", "quality", "method", "draw");
    private static final List<String> FRONT = List.of("numbers", "elements", "front", "draw");
    private static final String STYLE = "report.css";

    private ReportPage() {
    }

    /**
     * The bytes of {@code report.html}.
     *
     * @param reportJson the bytes of {@code report.json}
     * @param pictures pictures of changed answers as {@code data:} addresses, by SHA-256
     */
    public static byte[] bytes(byte[] reportJson, Map<String, String> pictures) {
        return page("report.html", REPORT, reportJson, pictures);
    }

    /** The bytes of {@code report.html} of a search for the front, for the bytes of {@code front.json}. */
    public static byte[] front(byte[] frontJson) {
        return page("front.html", FRONT, frontJson, Map.of());
    }

    private static byte[] page(String body, List<String> scripts, byte[] reportJson, Map<String, String> pictures) {
        String page = own(FRAME)
                .replace("<!--body-->", own(body))
                .replace("/*style*/", own(STYLE))
                .replace("/*charts*/", asScript(charts()))
                .replace("/*script*/", asScript(script(scripts)))
                .replace("/*pictures*/", asData(ReportJson.text(pictures)))
                .replace("/*report*/", asData(new String(reportJson, StandardCharsets.UTF_8)));
        return page.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * JSON that can stand inside a script element: in it "&lt;" only occurs inside strings, where it can be written as an escape.
     * So can the two line separators that older browsers take for ends of lines.
     */
    static String asData(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
    }

    /** Our own and the chart library's code, which must not end its script element early. */
    private static String asScript(String code) {
        return code.replace("</script", "<\\/script");
    }

    private static String charts() {
        Properties about = new Properties();
        try (InputStream in = resource("/META-INF/maven/org.webjars.npm/chart.js/pom.properties")) {
            about.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text("/META-INF/resources/webjars/chart.js/" + about.getProperty("version") + "/dist/chart.umd.min.js");
    }

    private static String script(List<String> scripts) {
        return scripts.stream().map(name -> own(name + ".js")).collect(Collectors.joining("", "'use strict';\n(() => {\n", "})();\n"));
    }

    private static String own(String name) {
        return text("/dev/kogata/orchestrator/report/" + name);
    }

    private static String text(String path) {
        try (InputStream in = resource(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource(String path) {
        InputStream in = ReportPage.class.getResourceAsStream(path);
        if (in == null) {
            throw new IllegalStateException(path + " is missing from the class path");
        }
        return in;
    }
}
