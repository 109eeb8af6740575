package dev.kogata.onnx.sparse;

import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/**
 * A matrix by its nonzeros, as the format sparse-bitmask of the Python package compressed-tensors has it: one bit a value
 * (bit k of a row's byte j is column 8j + k), each row's first nonzero, and the nonzeros row by row. Zero is decided by
 * value, so a negative zero is one; where there are any, they are listed apart, for the sake of bit-exactness.
 *
 * @param bitmask (rows, ceil(columns / 8))
 * @param rowOffsets (rows): index of each row's first nonzero
 * @param nonzeros number of nonzeros
 * @param negativeZeros row-major indices of negative zeros, ascending
 */
record Bitmask(byte[] bitmask, long[] rowOffsets, long nonzeros, long[] negativeZeros) {

    static Bitmask of(StoredTensor tensor, ByteBuffer values) {
        int rowBytes = rowBytes(tensor.columns());
        byte[] mask = new byte[tensor.rows() * rowBytes];
        long[] offsets = new long[tensor.rows()];
        LongStream.Builder negative = LongStream.builder();
        int nonzeros = 0;
        for (int row = 0, at = 0; row < tensor.rows(); row++) {
            offsets[row] = nonzeros;
            for (int column = 0; column < tensor.columns(); column++, at++) {
                int bits = bits(tensor.type(), values, at);
                if (bits << 1 != 0) {
                    mask[row * rowBytes + column / 8] |= (byte) (1 << column % 8);
                    nonzeros++;
                } else if (bits != 0) {
                    negative.add(at);
                }
            }
        }
        return new Bitmask(mask, offsets, nonzeros, negative.build().toArray());
    }

    /** Bytes of one row of the mask. */
    static int rowBytes(int columns) {
        return (columns + 7) / 8;
    }

    /** Calls the writer with the nonzeros, little-endian, in pieces. */
    static void compressed(StoredTensor tensor, ByteBuffer values, Sink sink) throws IOException {
        int width = tensor.type().bytes();
        ByteBuffer row = ByteBuffer.allocate(tensor.columns() * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0, at = 0; r < tensor.rows(); r++) {
            row.clear();
            for (int column = 0; column < tensor.columns(); column++, at++) {
                int bits = bits(tensor.type(), values, at);
                if (bits << 1 != 0) {
                    put(row, width, bits);
                }
            }
            sink.write(row.flip());
        }
    }

    /** Takes bytes. */
    @FunctionalInterface
    interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    /**
     * The matrix again, row by row.
     *
     * @param compressed the nonzeros
     * @param negativeZeros row-major indices, ascending
     */
    static void expand(byte[] mask, ByteBuffer compressed, int width, int rows, int columns, long[] negativeZeros, Sink sink) throws IOException {
        ByteBuffer row = ByteBuffer.allocate(columns * width).order(ByteOrder.LITTLE_ENDIAN);
        int rowBytes = rowBytes(columns), next = 0;
        for (int r = 0; r < rows; r++) {
            row.clear();
            for (int column = 0; column < columns; column++) {
                boolean nonzero = (mask[r * rowBytes + column / 8] >> column % 8 & 1) != 0;
                if (nonzero) {
                    if (compressed.remaining() < width) {
                        throw new IOException("there are fewer values than bits set");
                    }
                    put(row, width, width == 4 ? compressed.getInt() : compressed.getShort() << 16);
                } else {
                    boolean negative = next < negativeZeros.length && negativeZeros[next] == (long) r * columns + column;
                    next += negative ? 1 : 0;
                    put(row, width, negative ? 1 << 31 : 0);
                }
            }
            sink.write(row.flip());
        }
        if (compressed.hasRemaining() || next != negativeZeros.length) {
            throw new IOException("there are more values than bits set");
        }
    }

    /** A value's bits with the sign on top, whatever its width. */
    private static int bits(TensorType type, ByteBuffer values, int index) {
        return type.bytes() == 4 ? values.getInt(4 * index) : values.getShort(2 * index) << 16;
    }

    private static void put(ByteBuffer row, int width, int bits) {
        if (width == 4) {
            row.putInt(bits);
        } else {
            row.putShort((short) (bits >> 16));
        }
    }
}
