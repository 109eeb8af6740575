package dev.kogata.k8s.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.api.ImageReference;
import dev.kogata.k8s.images.PackagedApplication.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Puts images together. The same files on the same base give the same digest: no clock, no user and no machine is in one. */
final class ImageBuilder {
    /** Of every file and every image. */
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
    /** Fixed, so that volumes and policies can name it. */
    private static final String USER = "10001:10001";

    private static final String JAVA = "/opt/java/openjdk";
    /** What images of CUDA have there, and every Linux. */
    private static final String PATHS = "/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final String base;
    private final String version;
    private final Path out;
    private final Optional<Path> java;

    /**
     * @param base a name in a registry or {@code tar:///FILE}, with {@code {arch}} where it differs by architecture
     * @param version tag and label
     * @param out folder of tars, and of what is on its way to them
     * @param java a Java runtime that the base does not have; it becomes the first layer
     */
    ImageBuilder(String base, String version, Path out, Optional<Path> java) {
        this.base = base;
        this.version = version;
        this.out = out;
        this.java = java;
    }

    /** Writes the image's tar, named as {@code docker load} and containerd take it; returns the digest. */
    String tar(ImageSpec image, Architecture architecture) throws Exception {
        Path tar = out.resolve(image.name() + "-" + architecture.oci() + ".tar");
        Files.deleteIfExists(tar);
        return build(image, architecture, Containerizer.to(TarImage.at(tar).named("kogata/" + image.name() + ":" + version)));
    }

    /** Pushes the image to a registry as {@code REGISTRY/NAME:VERSION-ARCHITECTURE}, with the credentials that Docker's own configuration has; returns the digest. */
    String push(ImageSpec image, Architecture architecture, String registry) throws Exception {
        ImageReference name = ImageReference.parse(registry + "/" + image.name() + ":" + version + "-" + architecture.oci());
        RegistryImage target = RegistryImage.named(name).addCredentialRetriever(CredentialRetrieverFactory.forImage(name, log -> {}).dockerConfig());
        return build(image, architecture, Containerizer.to(target).setAllowInsecureRegistries(Registry.isLocal(registry)));
    }

    private String build(ImageSpec image, Architecture architecture, Containerizer to) throws Exception {
        String from = base.replace("{arch}", architecture.oci());
        JibContainerBuilder builder = from.startsWith("tar://") ? Jib.from(TarImage.at(Path.of(from.substring("tar://".length())))) : Jib.from(from);
        if (java.isPresent()) {
            builder.addFileEntriesLayer(runtime(java.get())).addEnvironmentVariable("PATH", JAVA + "/bin:" + PATHS);
        }
        for (Change change : Change.values()) {
            FileEntriesLayer layer = layer(image, change, architecture);
            if (!layer.getEntries().isEmpty()) {
                builder.addFileEntriesLayer(layer);
            }
        }
        Set<Port> ports = new LinkedHashSet<>();
        image.ports().forEach(port -> ports.add(Port.tcp(port)));
        JibContainer built = builder.setEntrypoint("java", "@" + image.entry()).setProgramArguments(image.arguments())
                .setUser(USER).setWorkingDirectory(AbsoluteUnixPath.get("/data")).setExposedPorts(ports).setFormat(ImageFormat.Docker)
                .setPlatforms(Set.of(new Platform(architecture.oci(), "linux"))).setCreationTime(TIME)
                .addEnvironmentVariable("KOGATA_HOME", "/data").addEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1")
                .setLabels(Map.of("org.opencontainers.image.title", image.title(), "org.opencontainers.image.version", version,
                        "org.opencontainers.image.vendor", "Kogata", "org.opencontainers.image.base.name", from.startsWith("tar://") ? "k8s/images/debian.sh jre" : from))
                .containerize(to.setToolName("kogata").setToolVersion(version)
                        .setBaseImageLayersCache(out.resolve("cache/base")).setApplicationLayersCache(out.resolve("cache/application")));
        return built.getDigest().toString();
    }

    private static FileEntriesLayer runtime(Path folder) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("java");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                layer.addEntry(file, AbsoluteUnixPath.get(JAVA).resolve(folder.relativize(file)), FilePermissions.fromOctalString(Files.isExecutable(file) ? "555" : "444"), TIME);
            }
        }
        return layer.build();
    }

    private FileEntriesLayer layer(ImageSpec image, Change change, Architecture architecture) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(change.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        for (PackagedApplication application : image.applications()) {
            if (!Files.isDirectory(application.folder())) {
                throw new IOException(application.folder() + " is missing: package it first (mvn -Pimages package does).");
            }
            List<Path> files = application.files(change, architecture);
            for (Path file : files) {
                Path source = application.folder().resolve(file);
                if (file.toString().endsWith(".jar")) {
                    source = NativeCode.trimmed(source, architecture, out.resolve("prepared").resolve(architecture.oci()));
                }
                layer.addEntry(source, AbsoluteUnixPath.get(application.inImage()).resolve(file), FilePermissions.fromOctalString("444"), TIME);
            }
        }
        if (change == Change.APPLICATION) {
            Path prepared = Files.createDirectories(out.resolve("prepared").resolve(image.name()));
            for (Map.Entry<String, String> start : image.starts().entrySet()) {
                Path source = Files.writeString(prepared.resolve(Path.of(start.getKey()).getFileName()), start.getValue());
                layer.addEntry(source, AbsoluteUnixPath.get(start.getKey()), FilePermissions.fromOctalString("444"), TIME);
            }
            layer.addEntry(Files.createDirectories(prepared.resolve("data")), AbsoluteUnixPath.get("/data"), FilePermissions.fromOctalString("755"), TIME, USER);
        }
        return layer.build();
    }
}
