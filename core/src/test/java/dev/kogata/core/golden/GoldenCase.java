package dev.kogata.core.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One case of an original implementation: its parameters and arrays, see {@code golden/README.md}. */
public record GoldenCase(Path folder, String json) {

    /**
     * All cases of a method in the test resources, or in the folder that the system property {@code golden.dir} names, which
     * need not have cases of every method.
     */
    public static List<GoldenCase> of(String method) {
        try {
            String other = System.getProperty("golden.dir", "");
            Path folder = (other.isEmpty() ? Path.of(GoldenCase.class.getResource("/golden").toURI()) : Path.of(other)).resolve(method);
            if (!other.isEmpty() && !Files.exists(folder)) {
                return List.of();
            }
            try (Stream<Path> found = Files.list(folder)) {
                List<GoldenCase> cases = found.filter(path -> Files.exists(path.resolve("case.json"))).sorted().map(GoldenCase::read).toList();
                if (other.isEmpty() && cases.isEmpty()) {
                    throw new IllegalStateException("no golden cases of " + method);
                }
                return cases;
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("no golden cases of " + method, e);
        }
    }

    private static GoldenCase read(Path folder) {
        try {
            return new GoldenCase(folder, Files.readString(folder.resolve("case.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** True where the parameter has a value. */
    public boolean has(String parameter) {
        return Pattern.compile("\"" + parameter + "\"\\s*:\\s*[-\\d]").matcher(json).find();
    }

    public double number(String parameter) {
        return Double.parseDouble(find("\"" + parameter + "\"\\s*:\\s*([-+.\\deE]+)"));
    }

    public int integer(String parameter) {
        return (int) number(parameter);
    }

    public String text(String parameter) {
        return find("\"" + parameter + "\"\\s*:\\s*\"([^\"]*)\"");
    }

    public int[] shape(String array) {
        String sizes = find("\"" + array + "\"\\s*:\\s*\\{[^}]*?\"shape\"\\s*:\\s*\\[([^]]*)]").trim();
        return sizes.isEmpty() ? new int[0] : Arrays.stream(sizes.split(",")).mapToInt(size -> Integer.parseInt(size.trim())).toArray();
    }

    public float[] floats(String array) {
        float[] values = new float[bytes(array).remaining() / Float.BYTES];
        bytes(array).asFloatBuffer().get(values);
        return values;
    }

    public double[] doubles(String array) {
        double[] values = new double[bytes(array).remaining() / Double.BYTES];
        bytes(array).asDoubleBuffer().get(values);
        return values;
    }

    public int[] ints(String array) {
        int[] values = new int[bytes(array).remaining() / Integer.BYTES];
        bytes(array).asIntBuffer().get(values);
        return values;
    }

    public boolean[] booleans(String array) {
        ByteBuffer bytes = bytes(array);
        boolean[] values = new boolean[bytes.remaining()];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.get(i) != 0;
        }
        return values;
    }

    private ByteBuffer bytes(String array) {
        String file = find("\"" + array + "\"\\s*:\\s*\\{[^}]*?\"file\"\\s*:\\s*\"([^\"]+)\"");
        try {
            return ByteBuffer.wrap(Files.readAllBytes(folder.resolve(file))).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String find(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException(folder + ": nothing matches " + pattern);
        }
        return matcher.group(1);
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
