package dev.kogata.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Read from the compiled classes: what they name in their constant pools is all that they can reach. */
class CoreDependsOnTheJdkAloneTest {

    /** May differ in the last bit from platform to platform; {@link StrictMath} may not. */
    private static final Set<String> INEXACT = Set.of("exp", "log", "log1p", "log10", "expm1", "pow", "cbrt", "hypot", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
            "sinh", "cosh", "tanh");

    @Test
    void noClassReachesBeyondArithmeticAndCollections() throws Exception {
        for (Path file : classes()) {
            assertThat(read(file).types).as("%s", file.getFileName()).noneMatch(type ->
                    !type.startsWith("java/lang") && !type.startsWith("java/util") && !type.startsWith("java/math") && !type.equals("java/nio/ByteOrder") && !type.startsWith("dev/kogata/core/") && !type.startsWith("["));
        }
    }

    @Test
    void searchesUseNoFunctionsThatDifferBetweenPlatforms() throws Exception {
        List<Path> deciding = classes().stream().filter(path -> path.toString().matches(".*[/\\\\](search|budget|allocate)[/\\\\].*")).toList();
        assertThat(deciding).hasSizeGreaterThan(30);
        for (Path file : deciding) {
            assertThat(read(file).mathMethods).as("%s", file.getFileName()).doesNotContainAnyElementsOf(INEXACT);
        }
    }

    private static List<Path> classes() throws IOException, URISyntaxException {
        Path root = Path.of(RefusedInput.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> all = Files.walk(root)) {
            List<Path> classes = all.filter(path -> path.toString().endsWith(".class")).toList();
            assertThat(classes).hasSizeGreaterThan(50);
            return classes;
        }
    }

    /** @param mathMethods methods of {@link Math} that are called */
    private record Names(List<String> types, List<String> mathMethods) {}

    /** The constant pool, as the Java Virtual Machine Specification, section 4.4, has it. */
    private static Names read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            in.skipBytes(8);
            int count = in.readUnsignedShort();
            Map<Integer, String> texts = new HashMap<>();
            Map<Integer, Integer> classes = new HashMap<>(); // entry -> name
            Map<Integer, Integer> names = new HashMap<>(); // name and type -> name
            List<int[]> methods = new ArrayList<>(); // class, name and type
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1 -> texts.put(i, in.readUTF());
                    case 7 -> classes.put(i, in.readUnsignedShort());
                    case 10 -> methods.add(new int[] {in.readUnsignedShort(), in.readUnsignedShort()});
                    case 12 -> {
                        names.put(i, in.readUnsignedShort());
                        in.skipBytes(2);
                    }
                    case 5, 6 -> {
                        in.skipBytes(8);
                        i++; // these take two places
                    }
                    case 15 -> in.skipBytes(3);
                    case 8, 16, 19, 20 -> in.skipBytes(2);
                    default -> in.skipBytes(4);
                }
            }
            List<String> called = methods.stream().filter(m -> "java/lang/Math".equals(texts.get(classes.get(m[0])))).map(m -> texts.get(names.get(m[1]))).toList();
            return new Names(classes.values().stream().map(texts::get).toList(), called);
        }
    }
}
