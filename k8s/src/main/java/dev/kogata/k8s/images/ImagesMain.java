package dev.kogata.k8s.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes the images; Maven's profile {@code images} runs it. */
public final class ImagesMain {
    private ImagesMain() {}

    /**
     * {@code --root=DIR --out=DIR --base=REFERENCE --version=V [--architectures=amd64,arm64] [--registry=HOST/PATH] [--only=NAME,...]}: tars in
     * the folder, and {@code digests.txt} with a line {@code NAME ARCHITECTURE DIGEST} for each.
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            options.put(parts[0], parts.length > 1 && !parts[1].equals("null") ? parts[1] : "");
        }
        Path out = Files.createDirectories(Path.of(options.get("--out")));
        ImageBuilder builder = new ImageBuilder(options.get("--base"), options.get("--version"), out);
        List<String> only = list(options.getOrDefault("--only", ""));
        StringBuilder digests = new StringBuilder();
        for (ImageSpec image : ImageSpec.all(Path.of(options.get("--root")))) {
            if (!only.isEmpty() && !only.contains(image.name())) {
                continue;
            }
            for (String name : list(options.getOrDefault("--architectures", "amd64"))) {
                Architecture architecture = Architecture.valueOf(name.toUpperCase(Locale.ROOT));
                String registry = options.getOrDefault("--registry", "");
                String digest = builder.tar(image, architecture);
                if (!registry.isEmpty()) {
                    builder.push(image, architecture, registry);
                }
                digests.append(image.name()).append(' ').append(architecture.oci()).append(' ').append(digest).append('\n');
                System.out.println("image " + image.name() + " " + architecture.oci() + " " + digest);
            }
        }
        Files.writeString(out.resolve("digests.txt"), digests);
    }

    private static List<String> list(String commas) {
        return Arrays.stream(commas.split(",")).map(String::strip).filter(each -> !each.isEmpty()).toList();
    }
}
