package dev.kogata.onnx.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a file front to back, so that no tensor has to be held whole: all tensors are declared first, then their bytes
 * are appended, in any pieces, in the declared order. Declaring larger element types first keeps every tensor aligned.
 * The same declarations, metadata and bytes give the same file. Not safe for use by several threads.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private static final int PIECE = 1 << 16;
    private final FileChannel channel;
    private final long end;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);

    private SafetensorsWriter(FileChannel channel, long end) {
        this.channel = channel;
        this.end = end;
    }

    /** Creates or replaces the file and writes its header. */
    public static SafetensorsWriter create(Path file, List<TensorEntry> tensors, Map<String, String> metadata) throws IOException {
        byte[] header = header(tensors, metadata);
        long data = tensors.stream().mapToLong(TensorEntry::bytes).reduce(0, Math::addExact);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        SafetensorsWriter writer = new SafetensorsWriter(channel, Long.BYTES + header.length + data);
        try {
            writer.append(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length));
            writer.append(ByteBuffer.wrap(header));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return writer;
    }

    /** Appends the buffer's remaining bytes, which must be little-endian already. */
    public void append(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > end - channel.position()) {
            throw new IllegalStateException("%d bytes more than were declared".formatted(bytes.remaining() - (end - channel.position())));
        }
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Appends the buffer's remaining values as F32, leaving its position. */
    public void append(FloatBuffer values) throws IOException {
        for (int at = values.position(); at < values.limit(); ) {
            int count = Math.min(PIECE / Float.BYTES, values.limit() - at);
            piece.clear().limit(count * Float.BYTES);
            piece.asFloatBuffer().put(0, values, at, count);
            append(piece);
            at += count;
        }
    }

    /** Appends the values as I64. */
    public void append(long... values) throws IOException {
        for (int at = 0; at < values.length; ) {
            int count = Math.min(PIECE / Long.BYTES, values.length - at);
            piece.clear().limit(count * Long.BYTES);
            piece.asLongBuffer().put(values, at, count);
            append(piece);
            at += count;
        }
    }

    /** Appends the values as I32. */
    public void append(int... values) throws IOException {
        for (int at = 0; at < values.length; ) {
            int count = Math.min(PIECE / Integer.BYTES, values.length - at);
            piece.clear().limit(count * Integer.BYTES);
            piece.asIntBuffer().put(values, at, count);
            append(piece);
            at += count;
        }
    }

    /** Makes sure that everything declared was written, and is on the disk. */
    public void finish() throws IOException {
        if (channel.position() != end) {
            throw new IllegalStateException("%d declared bytes were not written".formatted(end - channel.position()));
        }
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static byte[] header(List<TensorEntry> tensors, Map<String, String> metadata) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        if (!metadata.isEmpty()) {
            root.set("__metadata__", json.valueToTree(new TreeMap<>(metadata)));
        }
        long at = 0;
        Set<String> names = new HashSet<>(Set.of("__metadata__"));
        for (TensorEntry tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor " + tensor.name() + " is declared twice");
            }
            ObjectNode entry = root.putObject(tensor.name()).put("dtype", tensor.type().name());
            entry.set("shape", json.valueToTree(tensor.shape()));
            entry.set("data_offsets", json.valueToTree(new long[] {at, at + tensor.bytes()}));
            at += tensor.bytes();
        }
        byte[] text = root.toString().getBytes(StandardCharsets.UTF_8);
        // Padded with blanks to 8 bytes, as the format's own writer does: the data then begins aligned.
        byte[] header = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
        Arrays.fill(header, text.length, header.length, (byte) ' ');
        return header;
    }
}
