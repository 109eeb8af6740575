package dev.kogata.k8s.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An image as it lies in a tar of {@code docker save}, read as a container runtime would. */
record ImageTar(JsonNode config, List<String> tags, List<Map<String, TarArchiveEntry>> layers, Map<String, String> texts, Map<String, Map<String, byte[]>> jars) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static ImageTar read(Path tar) {
        try {
            Map<String, byte[]> small = new TreeMap<>();
            Map<String, Map<String, TarArchiveEntry>> layers = new LinkedHashMap<>();
            Map<String, String> texts = new TreeMap<>();
            Map<String, Map<String, byte[]>> jars = new TreeMap<>();
            try (TarArchiveInputStream outer = new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(tar)))) {
                for (TarArchiveEntry entry; (entry = outer.getNextEntry()) != null; ) {
                    if (entry.getName().endsWith(".json")) {
                        small.put(entry.getName(), outer.readAllBytes());
                    } else {
                        layers.put(entry.getName(), files(entry.getName().endsWith(".gz") ? new GZIPInputStream(outer) : outer, texts, jars));
                    }
                }
            }
            JsonNode manifest = JSON.readTree(small.get("manifest.json")).get(0);
            List<String> tags = new ArrayList<>();
            manifest.get("RepoTags").forEach(tag -> tags.add(tag.asText()));
            List<Map<String, TarArchiveEntry>> inOrder = new ArrayList<>();
            manifest.get("Layers").forEach(layer -> inOrder.add(layers.get(layer.asText())));
            return new ImageTar(JSON.readTree(small.get(manifest.get("Config").asText())), tags, inOrder, texts, jars);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, TarArchiveEntry> files(InputStream layer, Map<String, String> texts, Map<String, Map<String, byte[]>> jars) throws IOException {
        Map<String, TarArchiveEntry> files = new LinkedHashMap<>();
        TarArchiveInputStream tar = new TarArchiveInputStream(layer);
        for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
            String path = entry.getName().startsWith("./") ? entry.getName().substring(1) : "/" + entry.getName();
            files.put(path, entry);
            if (entry.isFile() && entry.getSize() < 4096 && path.startsWith("/kogata/") && path.indexOf('.') < 0) {
                texts.put(path, new String(tar.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            }
            if (entry.isFile() && path.endsWith(".jar")) {
                jars.put(path, heads(tar));
            }
        }
        return files;
    }

    /** The first bytes of every file in a jar, by its name. */
    private static Map<String, byte[]> heads(InputStream jar) throws IOException {
        Map<String, byte[]> heads = new TreeMap<>();
        ZipInputStream zip = new ZipInputStream(jar);
        for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
            if (!entry.isDirectory()) {
                heads.put(entry.getName(), zip.readNBytes(20));
            }
        }
        return heads;
    }

    /** Writes a jar with these files. */
    static void jar(Path jar, Map<String, byte[]> files) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
            }
        }
    }

    /** A layer that somebody else made: one file, uncompressed, as a whole image's tar. */
    static Path base(Path tar, String architecture) throws IOException {
        byte[] layer = archive(Map.of("opt/java/bin/java", "#!java"));
        String config = "{\"architecture\":\"" + architecture + "\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/opt/java/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                + sha256(layer) + "\"]}}";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("manifest.json", "[{\"Config\":\"config.json\",\"RepoTags\":[\"base:1\"],\"Layers\":[\"layer.tar\"]}]".getBytes());
        files.put("config.json", config.getBytes());
        files.put("layer.tar", layer);
        return Files.write(tar, archiveOf(files));
    }

    private static byte[] archive(Map<String, String> texts) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        texts.forEach((name, text) -> files.put(name, text.getBytes()));
        return archiveOf(files);
    }

    private static byte[] archiveOf(Map<String, byte[]> files) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        try (var tar = new org.apache.commons.compress.archivers.tar.TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                new ByteArrayInputStream(file.getValue()).transferTo(tar);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] bytes) {
        try {
            return java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Paths of the files of the last layers, those that are Kogata's own. */
    Set<String> own(int fromLayer) {
        Set<String> paths = new LinkedHashSet<>();
        layers.subList(fromLayer, layers.size()).forEach(layer -> layer.forEach((path, entry) -> {
            if (entry.isFile()) {
                paths.add(path);
            }
        }));
        return paths;
    }

    JsonNode start() {
        return config.get("config");
    }
}
