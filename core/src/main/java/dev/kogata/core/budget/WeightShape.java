package dev.kogata.core.budget;

/**
 * What the bytes of one prunable weight depend on. Immutable.
 *
 * <p>Arithmetic is by output rows (each output row has {@code inputs} values); the encoding counts rows and columns as they
 * are stored in the model's file, where a MatMul's matrix is {@code [inputs, outputs]}.
 *
 * @param id unique name, {@code FILE#INITIALIZER}
 * @param layer number of the layer, from 0
 * @param outputs output rows
 * @param inputs values of an output row
 * @param rows first dimension as stored
 * @param columns second dimension as stored
 * @param valueBytes bytes of one value
 * @param zerosByOutputRow values that are 0.0 already, by output row; empty where there are none at all
 */
public record WeightShape(String id, int layer, int outputs, int inputs, int rows, int columns, int valueBytes, int[] zerosByOutputRow) {

    /** Throws {@link IllegalArgumentException} where the numbers contradict each other. */
    public WeightShape {
        boolean sameShape = (rows == outputs && columns == inputs) || (rows == inputs && columns == outputs);
        if (outputs < 0 || inputs < 0 || !sameShape) {
            throw new IllegalArgumentException("%s: stored as %d x %d, which is not %d outputs of %d inputs".formatted(id, rows, columns, outputs, inputs));
        }
        if (valueBytes < 1) {
            throw new IllegalArgumentException("%s: a value of %d bytes".formatted(id, valueBytes));
        }
        if (zerosByOutputRow.length != 0 && zerosByOutputRow.length != outputs) {
            throw new IllegalArgumentException("%s: zeros of %d rows given, but it has %d".formatted(id, zerosByOutputRow.length, outputs));
        }
        zerosByOutputRow = zerosByOutputRow.clone();
        for (int zeros : zerosByOutputRow) {
            if (zeros < 0 || zeros > inputs) {
                throw new IllegalArgumentException("%s: %d zeros in a row of %d".formatted(id, zeros, inputs));
            }
        }
    }

    /** A weight without zeros of its own. */
    public WeightShape(String id, int layer, int outputs, int inputs, int rows, int columns, int valueBytes) {
        this(id, layer, outputs, inputs, rows, columns, valueBytes, new int[0]);
    }

    @Override
    public int[] zerosByOutputRow() {
        return zerosByOutputRow.clone();
    }

    /** Number of values. */
    public long values() {
        return (long) outputs * inputs;
    }

    /** Bytes of one output row, dense: what is left of a budget is always less than one such row. */
    public long rowBytes() {
        return (long) inputs * valueBytes;
    }

    /** Bytes stored dense. */
    public long denseBytes() {
        return Math.multiplyExact(values(), valueBytes);
    }

    /** Bytes stored as sparse-bitmask with this many values that are not zero. */
    public long sparseBytes(long nonzeros) {
        long bitmask = (columns + 7L) / 8 * rows;
        return Math.addExact(Math.addExact(bitmask, Math.multiplyExact(nonzeros, valueBytes)), 8L * rows + 16);
    }

    /** Bytes in the smaller of the two encodings. */
    public long bytes(long nonzeros) {
        return Math.min(denseBytes(), sparseBytes(nonzeros));
    }
}
