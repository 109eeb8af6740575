package dev.kogata.onnx.sparse;

import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes a bundle at rest. {@code sparse.safetensors} holds the named weights in the sparse-bitmask format: {@code X.shape},
 * {@code X.row_offsets}, {@code X.compressed}, {@code X.bitmask}, where X is the initializer's name, or FILE#NAME where two
 * files have one of that name. The files they stood in are written without their bytes, all other files as they are, and
 * {@code sparse.json} says where what was cut out belongs. {@link Expansion} makes the bundle of it again.
 */
public final class SparseFolder {
    static final String TENSORS = "sparse.safetensors";

    private record Placed(String key, StoredTensor tensor, Bitmask mask, ByteBuffer values) {
    }

    private SparseFolder() {
    }

    /**
     * @param bundle the delivered bundle
     * @param sparse a folder that is empty or does not exist
     * @param weights those that are smaller this way
     * @throws IOException where a file cannot be read or written, or a weight's values do not stand as bytes in a file
     */
    public static void write(Path bundle, Path sparse, List<SparseWeight> weights) throws IOException {
        Files.createDirectories(sparse);
        List<Placed> placed = place(bundle, weights);
        writeTensors(sparse.resolve(TENSORS), placed);
        Map<String, List<CutFile.Cut>> cuts = new TreeMap<>();
        for (Placed weight : placed) {
            cuts.computeIfAbsent(weight.tensor.dataFile(), file -> new ArrayList<>())
                    .add(new CutFile.Cut(weight.tensor.offset(), weight.tensor.bytes(), weight.key));
        }
        List<CutFile> cutFiles = new ArrayList<>();
        for (String file : BundlePath.files(bundle)) {
            if (file.equals(TENSORS) || file.equals(CutIndex.NAME)) {
                throw new IOException("the bundle has a file of its own named " + file);
            }
            Path from = bundle.resolve(file), to = sparse.resolve(file);
            Files.createDirectories(to.getParent());
            List<CutFile.Cut> own = cuts.getOrDefault(file, List.of()).stream().sorted(Comparator.comparingLong(CutFile.Cut::offset)).toList();
            copyWithout(from, to, own);
            if (!own.isEmpty()) {
                cutFiles.add(new CutFile(file, Files.size(from), Sha256.of(from), own));
            }
        }
        new CutIndex(CutIndex.FORMAT, cutFiles).write(sparse);
    }

    private static List<Placed> place(Path bundle, List<SparseWeight> weights) throws IOException {
        Map<String, Long> uses = weights.stream().collect(Collectors.groupingBy(SparseWeight::name, Collectors.counting()));
        Map<String, Map<String, StoredTensor>> scans = new HashMap<>();
        List<Placed> placed = new ArrayList<>();
        for (SparseWeight weight : weights) {
            if (!scans.containsKey(weight.file())) {
                scans.put(weight.file(), InitializerScan.of(bundle, BundlePath.plain(weight.file())));
            }
            StoredTensor tensor = scans.get(weight.file()).get(weight.name());
            if (tensor == null) {
                throw new IOException("the bundle has no matrix %s in %s".formatted(weight.name(), weight.file()));
            }
            ByteBuffer values = tensor.map(bundle);
            placed.add(new Placed(uses.get(weight.name()) > 1 ? weight.file() + "#" + weight.name() : weight.name(), tensor, Bitmask.of(tensor, values), values));
        }
        return placed;
    }

    private static void writeTensors(Path file, List<Placed> weights) throws IOException {
        // Larger types first: then every tensor lies aligned, and can be used where it is mapped.
        List<Placed> byWidth = weights.stream().sorted(Comparator.comparingInt((Placed w) -> w.tensor.type().bytes()).reversed()).toList();
        List<TensorEntry> entries = new ArrayList<>();
        for (Placed w : weights) {
            entries.add(new TensorEntry(w.key + ".shape", TensorType.I64, 2));
            entries.add(new TensorEntry(w.key + ".row_offsets", TensorType.I64, w.tensor.rows()));
            if (w.mask.negativeZeros().length > 0) {
                entries.add(new TensorEntry(w.key + ".negative_zeros", TensorType.I64, w.mask.negativeZeros().length));
            }
        }
        byWidth.forEach(w -> entries.add(new TensorEntry(w.key + ".compressed", w.tensor.type(), w.mask.nonzeros())));
        weights.forEach(w -> entries.add(new TensorEntry(w.key + ".bitmask", TensorType.U8, w.tensor.rows(), Bitmask.rowBytes(w.tensor.columns()))));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of("format", "sparse-bitmask"))) {
            for (Placed w : weights) {
                writer.append((long) w.tensor.rows(), w.tensor.columns());
                writer.append(w.mask.rowOffsets());
                writer.append(w.mask.negativeZeros());
            }
            for (Placed w : byWidth) {
                Bitmask.compressed(w.tensor, w.values, writer::append);
            }
            for (Placed w : weights) {
                writer.append(ByteBuffer.wrap(w.mask.bitmask()));
            }
            writer.finish();
        }
    }

    private static void copyWithout(Path from, Path to, List<CutFile.Cut> cuts) throws IOException {
        // Through a stream of our own, not Files.copy to a path: that would take over the source's permissions.
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ); OutputStream out = Files.newOutputStream(to)) {
            WritableByteChannel target = Channels.newChannel(out);
            long at = 0;
            for (CutFile.Cut cut : cuts) {
                if (cut.offset() < at) {
                    throw new IOException("two weights share bytes of " + from.getFileName());
                }
                transfer(in, at, cut.offset(), target);
                at = cut.offset() + cut.bytes();
            }
            transfer(in, at, in.size(), target);
        }
    }

    static void transfer(FileChannel in, long from, long to, WritableByteChannel out) throws IOException {
        for (long at = from; at < to; ) {
            long count = in.transferTo(at, to - at, out);
            if (count <= 0) {
                throw new IOException("a file ends before its time");
            }
            at += count;
        }
    }
}
