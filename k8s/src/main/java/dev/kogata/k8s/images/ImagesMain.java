package dev.kogata.k8s.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes the images; Maven's profile {@code images} runs it. */
public final class ImagesMain {
    private ImagesMain() {}

    /**
     * {@code --root=DIR --out=DIR --base=REFERENCE --version=V [--architectures=amd64,arm64] [--registry=HOST/PATH] [--only=NAME,...]
     * [--suffix=-gpu] [--java=own]}: tars in the folder, and {@code digests.txt} with a line {@code NAME ARCHITECTURE DIGEST} for each; in a registry, also
     * {@code NAME:V} as the list of all architectures. With {@code --java=own} a runtime of this process's JDK is put on the base.
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            options.put(parts[0], parts.length > 1 && !parts[1].equals("null") ? parts[1] : "");
        }
        Path out = Files.createDirectories(Path.of(options.get("--out")));
        ImageBuilder builder = new ImageBuilder(options.get("--base"), options.get("--version"), out,
                options.getOrDefault("--java", "").equals("own") ? Optional.of(runtime(out.resolve("java"))) : Optional.empty());
        List<String> only = list(options.getOrDefault("--only", ""));
        List<Architecture> architectures = list(options.getOrDefault("--architectures", "amd64")).stream().map(name -> Architecture.valueOf(name.toUpperCase(Locale.ROOT))).toList();
        String registry = options.getOrDefault("--registry", "");
        StringBuilder digests = new StringBuilder();
        for (ImageSpec each : ImageSpec.all(Path.of(options.get("--root")))) {
            if (!only.isEmpty() && !only.contains(each.name())) {
                continue;
            }
            ImageSpec image = each.named(each.name() + options.getOrDefault("--suffix", ""));
            for (Architecture architecture : architectures) {
                String digest = builder.tar(image, architecture);
                if (!registry.isEmpty()) {
                    builder.push(image, architecture, registry);
                }
                digests.append(image.name()).append(' ').append(architecture.oci()).append(' ').append(digest).append('\n');
                System.out.println("image " + image.name() + " " + architecture.oci() + " " + digest);
            }
            if (!registry.isEmpty()) {
                String digest = new Registry(registry).list(image.name(), options.get("--version"), architectures);
                digests.append(image.name()).append(" all ").append(digest).append('\n');
            }
        }
        Files.writeString(out.resolve("digests.txt"), digests);
    }

    /** A runtime of this JDK with all its modules, for bases that have none. */
    private static Path runtime(Path folder) throws IOException, InterruptedException {
        if (Files.notExists(folder.resolve("bin/java"))) {
            Process jlink = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jlink").toString(), "--add-modules", "ALL-MODULE-PATH", "--strip-java-debug-attributes",
                    "--no-header-files", "--no-man-pages", "--output", folder.toString()).inheritIO().start();
            if (jlink.waitFor() != 0) {
                throw new IOException("jlink of " + System.getProperty("java.home") + " makes no runtime");
            }
        }
        return folder;
    }

    private static List<String> list(String commas) {
        return Arrays.stream(commas.split(",")).map(String::strip).filter(each -> !each.isEmpty()).toList();
    }
}
