package dev.kogata.onnx.bundle;

/**
 * One matrix of a block that can be pruned, as it stands in its ONNX file. Immutable; holds no values, see
 * {@link Bundle#read(WeightMatrix)}.
 *
 * @param id unique name, {@code FILE#INITIALIZER}
 * @param name the initializer's name
 * @param file the ONNX file, relative to the bundle, with forward slashes
 * @param layer number of its block, from 0: the decoder's, then those of a vision encoder, then the projector as one more, each part going on
 *     where the one before ends, so that a number stands for one block of the bundle
 * @param role {@code q_proj}, {@code down_proj}, {@code qkv_proj}, ... as far as the graph tells
 * @param rows first dimension as stored
 * @param columns second dimension as stored
 * @param outputLast true where the second dimension is the output ({@code [in, out]} of a MatMul), false for {@code [out, in]}
 * @param type type of its values
 * @param part the part of the model it belongs to; the projector may stand in the vision encoder's file
 */
public record WeightMatrix(
        String id, String name, String file, int layer, String role, int rows, int columns, boolean outputLast, ValueType type,
        Component.Kind part) {

    /** Number of output channels: the rows of the matrix that algorithms work on. */
    public int outputs() {
        return outputLast ? columns : rows;
    }

    /** Number of input channels. */
    public int inputs() {
        return outputLast ? rows : columns;
    }

    /** Bytes of one value. */
    public int valueBytes() {
        return type.bytes();
    }

    /** {@code float32}, {@code float16} or {@code bfloat16}. */
    public String dataType() {
        return type.label();
    }

    /** Bytes of the matrix as stored in the bundle. */
    public long bytes() {
        return (long) rows * columns * type.bytes();
    }

    /** The same weight where it is stored {@code [out, in]}. */
    WeightMatrix outputMajor() {
        return outputLast ? new WeightMatrix(id, name, file, layer, role, columns, rows, false, type, part) : this;
    }

    /** Brings one byte for each element, such as levels, from (out, in) into the stored layout. */
    public byte[] asStored(byte[] outputMajor) {
        return outputLast ? transposed(outputMajor, outputs(), inputs()) : outputMajor.clone();
    }

    /** Brings one byte for each element from the stored layout into (out, in). */
    public byte[] outputMajor(byte[] stored) {
        return outputLast ? transposed(stored, inputs(), outputs()) : stored.clone();
    }

    private byte[] transposed(byte[] values, int height, int width) {
        if (values.length != (long) height * width) {
            throw new IllegalArgumentException("%d values for weight %s of %d x %d".formatted(values.length, id, rows, columns));
        }
        byte[] result = new byte[values.length];
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                result[j * height + i] = values[i * width + j];
            }
        }
        return result;
    }
}
