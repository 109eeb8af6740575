package dev.kogata.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first conversations of a dataset of the demo, with their pictures, in a folder of their own. */
final class SmallData {

    private static final Pattern IMAGE = Pattern.compile("\"(images/[^\"]+)\"");

    private SmallData() {}

    /** Copies `conversations` lines of demo/data/NAME.jsonl and returns the new file. */
    static Path first(int conversations, String name, Path folder) throws IOException {
        Path data = Kogata.ROOT.resolve("demo/data");
        List<String> lines;
        try (var all = Files.lines(data.resolve(name + ".jsonl"))) {
            lines = all.limit(conversations).toList();
        }
        Files.createDirectories(folder.resolve("images"));
        for (String line : lines) {
            Matcher image = IMAGE.matcher(line);
            while (image.find()) {
                Files.copy(data.resolve(image.group(1)), folder.resolve(image.group(1)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return Files.write(folder.resolve(name + ".jsonl"), lines);
    }
}
