package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A file of tensors beside an ONNX file, written one after the other at offsets that can be mapped. Not thread-safe. */
public final class TensorFile implements AutoCloseable {
    /** ONNX Runtime maps external data where offsets are multiples of the page size. */
    private static final int ALIGNMENT = 4096;

    private final String location;
    private final FileChannel channel;

    /** Opens a new file, or an existing one to append to. {@code location} is relative to {@code folder}. */
    public TensorFile(Path folder, String location) throws IOException {
        this.location = location;
        this.channel = FileChannel.open(folder.resolve(location), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Writes values, little endian, at the end, and returns the tensor that refers to them. */
    public TensorProto append(String name, int dataType, List<Long> dimensions, ByteBuffer values) throws IOException {
        long offset = (channel.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        overwrite(offset, values);
        return external(name, dataType, dimensions, location, offset, values.remaining());
    }

    /** A tensor whose values are part of a file beside the ONNX file. */
    public static TensorProto external(String name, int dataType, List<Long> dimensions, String location, long offset, long length) {
        return TensorProto.newBuilder().setName(name).setDataType(dataType).addAllDims(dimensions).setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(entry("location", location)).addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(length))).build();
    }

    /** Writes values at an offset. */
    public void overwrite(long offset, ByteBuffer values) throws IOException {
        ByteBuffer left = values.duplicate();
        for (long at = offset; left.hasRemaining(); ) {
            at += channel.write(left, at);
        }
    }

    /** Waits until everything has reached the disk, and closes. */
    @Override
    public void close() throws IOException {
        channel.force(true);
        channel.close();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
