package dev.kogata.onnx.sparse;

import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where an initializer's values stand on the disk.
 *
 * @param file the ONNX file, relative to the bundle
 * @param dataFile the file with its values, relative to the bundle: a data file, or the ONNX file itself
 * @param offset of its first byte there
 */
record StoredTensor(String file, String name, TensorType type, int rows, int columns, String dataFile, long offset) {

    long bytes() {
        return (long) rows * columns * type.bytes();
    }

    /** The values, little-endian, read-only. */
    ByteBuffer map(Path bundle) throws IOException {
        try (FileChannel channel = FileChannel.open(bundle.resolve(dataFile), StandardOpenOption.READ)) {
            if (offset > channel.size() - bytes()) {
                throw new IOException("%s is too short for tensor %s".formatted(dataFile, name));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
