package dev.kogata.onnx.bundle;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.safetensors.InvalidSafetensorsException;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A bank as a safetensors file: of every weight all versions, one below the other, {@code [versions * out, in]} in the weight's own
 * type, output-major whatever the bundle stores. Version 0 is the weight as it came. The metadata's {@code steps} are those of
 * the {@link VersionGrid}. Mapped: only what is asked for is read. Safe for use by several threads.
 */
public final class BankFile implements AutoCloseable {
    private static final String STEPS = "steps";

    private final Safetensors file;
    private final VersionGrid grid;

    private BankFile(Safetensors file, VersionGrid grid) {
        this.file = file;
        this.grid = grid;
    }

    /** Makes one version (out, in) of a weight. */
    @FunctionalInterface
    public interface Versions {

        /** @param version from 1 up, in order, for one weight after the other, by layer */
        Matrix of(WeightMatrix weight, int version) throws Exception;
    }

    /** The weights in the order in which a bank is written: by layer, so that layers can be solved one after the other. */
    public static List<WeightMatrix> order(Bundle bundle) {
        return bundle.weights().stream().sorted(Comparator.comparingInt(WeightMatrix::layer)).toList();
    }

    /**
     * Writes all versions of all weights, one of them in memory at a time.
     *
     * @throws IllegalStateException where a row of what was stored does not have as many zeros as the grid says: bytes are counted by it
     */
    public static void write(Path path, Bundle bundle, VersionGrid grid, Map<String, String> metadata, Versions versions) throws Exception {
        List<WeightMatrix> weights = order(bundle);
        List<TensorEntry> entries = weights.stream()
                .map(w -> new TensorEntry(w.id(), WeightFile.type(w), (long) grid.versions() * w.outputs(), w.inputs())).toList();
        Map<String, String> all = new HashMap<>(metadata);
        all.put(STEPS, grid.steps().stream().map(String::valueOf).collect(Collectors.joining(",")));
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, entries, all)) {
            for (WeightMatrix weight : weights) {
                Matrix dense = bundle.read(weight);
                writer.append(WeightValues.encode(weight.outputMajor(), dense));
                for (int version = 1; version < grid.versions(); version++) {
                    Matrix values = WeightFile.keepingZeros(weight, versions.of(weight, version));
                    requireCounts(weight, dense, values, grid.steps().get(version));
                    writer.append(WeightValues.encode(weight.outputMajor(), values));
                }
            }
            writer.finish();
        }
    }

    private static void requireCounts(WeightMatrix weight, Matrix dense, Matrix values, int step) {
        int columns = weight.inputs();
        for (int row = 0; row < weight.outputs(); row++) {
            int already = 0, zeros = 0;
            for (int k = row * columns; k < (row + 1) * columns; k++) {
                already += dense.values()[k] == 0 ? 1 : 0;
                zeros += values.values()[k] == 0 ? 1 : 0;
            }
            int expected = Math.max(already, LevelMap.zeros(columns, step));
            if (zeros != expected) {
                throw new IllegalStateException("row %d of weight %s has %d zeros at step %d, not %d".formatted(row, weight.id(), zeros, step, expected));
            }
        }
    }

    /** Whether a file of elastic weights is a bank. */
    public static boolean isBank(Safetensors elastic) {
        return elastic.metadata().containsKey(STEPS);
    }

    /** @throws InvalidSafetensorsException where the file is no bank */
    public static BankFile open(Path path) throws IOException {
        Safetensors file = Safetensors.open(path);
        try {
            if (!isBank(file)) {
                throw new InvalidSafetensorsException("it is no bank of repaired weights");
            }
            return new BankFile(file, new VersionGrid(Arrays.stream(file.metadata().get(STEPS).split(",")).map(Integer::valueOf).toList()));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Bytes of the versions of all weights. */
    public static long bytes(Bundle bundle, int versions) {
        return versions * bundle.weights().stream().mapToLong(WeightMatrix::bytes).sum();
    }

    /** The versions that there are. */
    public VersionGrid grid() {
        return grid;
    }

    /** First byte of a weight's versions in the file. */
    public long offset(WeightMatrix weight) throws IOException {
        checked(weight);
        return file.offset(weight.id());
    }

    /** The weight (out, in) of a plan, in float32: its first {@code rowsAtNextStep} rows from the version after that of the step. */
    public Matrix rows(WeightMatrix weight, WeightStep step) throws IOException {
        checked(weight);
        int first = step.rowsAtNextStep();
        if (step.step() >= grid.versions() || first > 0 && step.step() + 1 >= grid.versions() || first > weight.outputs()) {
            throw new IllegalArgumentException("version %d with %d rows of the next for weight %s, which has %d versions"
                    .formatted(step.step(), first, weight.id(), grid.versions()));
        }
        Matrix rest = version(weight, step.step());
        if (first > 0) {
            System.arraycopy(version(weight, step.step() + 1).values(), 0, rest.values(), 0, first * weight.inputs());
        }
        return rest;
    }

    private Matrix version(WeightMatrix weight, int version) throws IOException {
        ByteBuffer stored = file.bytes(weight.id(), version * weight.bytes(), weight.bytes());
        return WeightValues.decode(weight.outputMajor(), stored);
    }

    private void checked(WeightMatrix weight) throws IOException {
        TensorEntry tensor = file.tensor(weight.id(), WeightFile.type(weight), 2);
        if (tensor.shape()[0] != (long) grid.versions() * weight.outputs() || tensor.shape()[1] != weight.inputs()) {
            throw new InvalidSafetensorsException("tensor %s does not hold %d versions of (%d, %d)".formatted(weight.id(), grid.versions(), weight.outputs(), weight.inputs()));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
