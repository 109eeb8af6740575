package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values that stand inside an ONNX file, as raw bytes or in the protobuf fields that some exporters use. */
final class TypedData {

    private TypedData() {}

    /** The values as little-endian bytes, as if they had been stored raw. */
    static ByteBuffer littleEndian(TensorProto tensor) {
        if (tensor.hasRawData()) {
            return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer bytes;
        switch (TensorProto.DataType.forNumber(tensor.getDataType())) {
            case FLOAT -> {
                bytes = buffer(4L * tensor.getFloatDataCount());
                tensor.getFloatDataList().forEach(bytes::putFloat);
            }
            case FLOAT16, BFLOAT16, INT16, UINT16 -> {
                bytes = buffer(2L * tensor.getInt32DataCount());
                tensor.getInt32DataList().forEach(v -> bytes.putShort(v.shortValue()));
            }
            case INT64 -> {
                bytes = buffer(8L * tensor.getInt64DataCount());
                tensor.getInt64DataList().forEach(bytes::putLong);
            }
            case INT32 -> {
                bytes = buffer(4L * tensor.getInt32DataCount());
                tensor.getInt32DataList().forEach(bytes::putInt);
            }
            default -> throw new IllegalArgumentException("values of tensor %s, data type %d, stand in typed fields"
                    .formatted(tensor.getName(), tensor.getDataType()));
        }
        return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Number of values in the typed fields. */
    static long count(TensorProto tensor) {
        return (long) tensor.getFloatDataCount() + tensor.getInt32DataCount() + tensor.getInt64DataCount()
                + tensor.getDoubleDataCount() + tensor.getUint64DataCount() + tensor.getStringDataCount();
    }

    private static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
