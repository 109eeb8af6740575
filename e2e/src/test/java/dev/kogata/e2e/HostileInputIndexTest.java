package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every hostile input of docs/hostile-input.md has its test. */
class HostileInputIndexTest {
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"hostile-(\\d+)\"\\)");
    private static final Pattern ROW = Pattern.compile("(?:bytes|model|external|entry|new Case)\\((\\d+), ");
    private static final List<Integer> ALL = IntStream.rangeClosed(1, 63).boxed().toList();

    @Test
    void everyNumberIsTried() throws IOException {
        Set<Integer> tried = new TreeSet<>();
        try (Stream<Path> modules = Files.list(Kogata.ROOT)) {
            for (Path module : modules.filter(folder -> Files.isDirectory(folder.resolve("src/test/java"))).toList()) {
                try (Stream<Path> sources = Files.walk(module.resolve("src/test/java"))) {
                    for (Path source : sources.filter(file -> file.toString().endsWith("Test.java")).toList()) {
                        collect(TAG, Files.readString(source), tried);
                        if (source.endsWith("HostileInputTest.java")) {
                            collect(ROW, Files.readString(source), tried);
                        }
                    }
                }
            }
        }
        assertThat(tried).containsExactlyElementsOf(ALL);
    }

    @Test
    void everyNumberIsListed() throws IOException {
        Set<Integer> listed = new TreeSet<>();
        for (String line : Files.readAllLines(Kogata.ROOT.resolve("docs/hostile-input.md"))) {
            Matcher row = Pattern.compile("^\\| ([0-9, -]+) \\|").matcher(line);
            if (row.find()) {
                for (String part : row.group(1).split(",")) {
                    String[] ends = part.strip().split("-");
                    IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])).forEach(listed::add);
                }
            }
        }
        assertThat(listed).containsExactlyElementsOf(ALL);
    }

    private static void collect(Pattern pattern, String text, Set<Integer> into) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            into.add(Integer.parseInt(matcher.group(1)));
        }
    }
}
