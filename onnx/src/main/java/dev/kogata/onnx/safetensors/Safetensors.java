package dev.kogata.onnx.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;

/**
 * A safetensors file, mapped: only what is asked for is read. The whole header is checked on opening, by the rules of the
 * format's own reader: every tensor within the file, its bytes as many as shape and type say, no hole, no overlap, no name
 * twice. Buffers stay valid after closing. Safe for use by several threads.
 */
public final class Safetensors implements AutoCloseable {
    private final FileChannel channel;
    private final Header header;

    private Safetensors(FileChannel channel, Header header) {
        this.channel = channel;
        this.header = header;
    }

    /** @throws InvalidSafetensorsException where the header does not hold */
    public static Safetensors open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new Safetensors(channel, Header.read(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** All tensors, in the order of their bytes. */
    public Collection<TensorEntry> tensors() {
        return header.tensors().values();
    }

    public Map<String, String> metadata() {
        return header.metadata();
    }

    public boolean has(String name) {
        return header.tensors().containsKey(name);
    }

    /** @throws InvalidSafetensorsException where there is no such tensor */
    public TensorEntry tensor(String name) throws InvalidSafetensorsException {
        TensorEntry tensor = header.tensors().get(name);
        if (tensor == null) {
            throw new InvalidSafetensorsException("it has no tensor " + name);
        }
        return tensor;
    }

    /** The named tensor, where it has this type and number of dimensions. */
    public TensorEntry tensor(String name, TensorType type, int dimensions) throws InvalidSafetensorsException {
        TensorEntry tensor = tensor(name);
        if (tensor.type() != type || tensor.shape().length != dimensions) {
            throw new InvalidSafetensorsException("tensor %s is %s with %d dimensions, not %s with %d"
                    .formatted(name, tensor.type(), tensor.shape().length, type, dimensions));
        }
        return tensor;
    }

    /** Where a tensor's first byte is in the file. */
    public long offset(String name) throws InvalidSafetensorsException {
        tensor(name);
        return header.begin(name);
    }

    /** A tensor's bytes, read-only, little-endian; for tensors under 2 GiB. */
    public ByteBuffer bytes(String name) throws IOException {
        return bytes(name, 0, tensor(name).bytes());
    }

    /** Part of a tensor's bytes, read-only, little-endian, at most 2 GiB at a time. */
    public ByteBuffer bytes(String name, long from, long count) throws IOException {
        long size = tensor(name).bytes();
        if (from < 0 || count < 0 || from > size - count || count > Integer.MAX_VALUE) {
            throw new InvalidSafetensorsException("tensor %s has %d bytes, of which %d from %d cannot be read at once".formatted(name, size, count, from));
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, header.begin(name) + from, count).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Part of an F32 tensor's values, read-only. */
    public FloatBuffer floats(String name, long from, long count) throws IOException {
        requireType(name, TensorType.F32);
        return bytes(name, from * Float.BYTES, count * Float.BYTES).asFloatBuffer();
    }

    /** All values of an I64 tensor. */
    public long[] longs(String name) throws IOException {
        requireType(name, TensorType.I64);
        ByteBuffer bytes = bytes(name);
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return values;
    }

    /** All values of an I32 tensor. */
    public int[] ints(String name) throws IOException {
        requireType(name, TensorType.I32);
        ByteBuffer bytes = bytes(name);
        int[] values = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(values);
        return values;
    }

    private void requireType(String name, TensorType type) throws InvalidSafetensorsException {
        if (tensor(name).type() != type) {
            throw new InvalidSafetensorsException("tensor %s is %s, not %s".formatted(name, tensor(name).type(), type));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
