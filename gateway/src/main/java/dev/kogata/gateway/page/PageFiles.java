package dev.kogata.gateway.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The files of the page, read once from the class path: our own, and those of two libraries in the versions that Maven chose.
 * Nothing else of the class path can be asked for. Immutable.
 */
final class PageFiles {
    private static final String OWN = "/dev/kogata/gateway/page/";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String PAGE = "text/html; charset=utf-8";
    /** By name; the ending says what a file is. */
    private static final String[] NAMES = {"index.html", "report-frame.html", "page.css", "page.js", "telling.js", "api.js", "upload.js", "drop.js", "numbers.js", "charts.js",
        "dialog.js", "jobs.js", "job.js", "result.js", "new-job.js", "part.js", "request.js", "settings.js", "estimate.js", "stored.js", "theme.js"};

    private final Map<String, PageFile> files = new LinkedHashMap<>();

    /**
     * One file.
     *
     * @param type its media type
     * @param tag its ETag
     */
    record PageFile(byte[] bytes, String type, String tag) {
    }

    PageFiles() {
        for (String name : NAMES) {
            add(name, OWN + name);
        }
        add("lit-html.js", webjar("lit-html", "lit-html.js"));
        add("chart.umd.min.js", webjar("chart.js", "dist/chart.umd.min.js"));
        add("report.schema.json", OWN + "report.schema.json");
    }

    Optional<PageFile> find(String name) {
        return Optional.ofNullable(files.get(name));
    }

    private void add(String name, String resource) {
        byte[] bytes = read(resource);
        String type = name.endsWith(".html") ? PAGE : name.endsWith(".css") ? STYLE : name.endsWith(".json") ? "application/schema+json" : SCRIPT;
        files.put(name, new PageFile(bytes, type, '"' + sha256(bytes) + '"'));
    }

    /** Where a library's file lies: its folder has the version's name. */
    private static String webjar(String library, String path) {
        Properties about = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + library + "/pom.properties")) {
            about.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "/META-INF/resources/webjars/" + library + "/" + about.getProperty("version") + "/" + path;
    }

    private static byte[] read(String resource) {
        try (InputStream in = open(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = PageFiles.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " is missing from the class path");
        }
        return in;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
