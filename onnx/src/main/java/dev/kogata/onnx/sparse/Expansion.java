package dev.kogata.onnx.sparse;

import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes the dense bundle of a {@link SparseFolder} again, bit for bit; what does not come out as it was is an error. */
public final class Expansion {
    private Expansion() {
    }

    /**
     * Writes the bundle.
     *
     * @param sparse the folder to expand
     * @param bundle a folder that is empty or does not exist
     * @throws IOException where the folder is not complete or damaged; the message names the file
     */
    public static void expand(Path sparse, Path bundle) throws IOException {
        Files.createDirectories(bundle);
        restore(sparse, file -> {
            Path target = bundle.resolve(file);
            Files.createDirectories(target.getParent());
            return Files.newOutputStream(target);
        });
    }

    /** SHA-256 of every file that {@link #expand} would write, by path; writes nothing. */
    static Map<String, String> hashes(Path sparse) throws IOException {
        return restore(sparse, file -> OutputStream.nullOutputStream());
    }

    @FunctionalInterface
    private interface Target {
        OutputStream open(String file) throws IOException;
    }

    private static Map<String, String> restore(Path sparse, Target target) throws IOException {
        Map<String, CutFile> cut = new HashMap<>();
        CutIndex.read(sparse).files().forEach(file -> cut.put(file.path(), file));
        Map<String, String> hashes = new TreeMap<>();
        try (Safetensors tensors = Safetensors.open(BundlePath.existing(sparse, SparseFolder.TENSORS))) {
            for (String file : BundlePath.files(sparse)) {
                if (file.equals(SparseFolder.TENSORS) || file.equals(CutIndex.NAME)) {
                    continue;
                }
                MessageDigest digest = Sha256.digest();
                CutFile known = cut.remove(file);
                try (FileChannel in = FileChannel.open(sparse.resolve(file), StandardOpenOption.READ); OutputStream out = new DigestOutputStream(target.open(file), digest)) {
                    restore(in, Channels.newChannel(out), known == null ? List.of() : known.cuts(), tensors);
                }
                hashes.put(file, Sha256.hex(digest));
                if (known != null && !hashes.get(file).equals(known.sha256())) {
                    throw new IOException("%s does not come out as it was".formatted(file));
                }
            }
        }
        for (String missing : cut.keySet()) {
            throw new IOException(missing + " is missing");
        }
        return hashes;
    }

    private static void restore(FileChannel in, WritableByteChannel out, List<CutFile.Cut> cuts, Safetensors tensors) throws IOException {
        long read = 0, written = 0;
        for (CutFile.Cut cut : cuts) {
            if (cut.offset() < written) {
                throw new IOException("what was cut out is not in order");
            }
            SparseFolder.transfer(in, read, read + cut.offset() - written, out);
            read += cut.offset() - written;
            expand(tensors, cut, out);
            written = cut.offset() + cut.bytes();
        }
        SparseFolder.transfer(in, read, in.size(), out);
    }

    private static void expand(Safetensors tensors, CutFile.Cut cut, WritableByteChannel out) throws IOException {
        String key = cut.tensor();
        long[] shape = tensors.longs(key + ".shape");
        TensorEntry compressed = tensors.tensor(key + ".compressed");
        int width = compressed.type().bytes();
        TensorEntry mask = tensors.tensor(key + ".bitmask", TensorType.U8, 2);
        boolean fits = shape.length == 2 && shape[0] > 0 && shape[1] > 0 && shape[0] <= Integer.MAX_VALUE && shape[1] <= Integer.MAX_VALUE / 4
                && (width == 2 || width == 4) && mask.shape()[0] == shape[0] && mask.shape()[1] == Bitmask.rowBytes((int) shape[1])
                && shape[0] * shape[1] <= Integer.MAX_VALUE && shape[0] * shape[1] * width == cut.bytes();
        if (!fits) {
            throw new IOException("the tensors of %s do not fit each other".formatted(key));
        }
        long[] negativeZeros = tensors.has(key + ".negative_zeros") ? tensors.longs(key + ".negative_zeros") : new long[0];
        byte[] bits = new byte[(int) mask.bytes()];
        tensors.bytes(key + ".bitmask").get(bits);
        Bitmask.expand(bits, tensors.bytes(key + ".compressed"), width, (int) shape[0], (int) shape[1], negativeZeros, out::write);
    }
}
