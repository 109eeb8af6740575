package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;

/** Sizes of ONNX tensors. */
final class TensorTypes {

    private TensorTypes() {}

    /** Bits of one value as stored; 0 for strings, which have no fixed size. */
    static int bits(String file, TensorProto tensor) {
        DataType type = DataType.forNumber(tensor.getDataType());
        if (type == null || type == DataType.UNDEFINED) {
            throw Refusals.broken(file, "tensor %s has the unknown data type %d".formatted(Refusals.shown(tensor.getName()), tensor.getDataType()));
        }
        return switch (type) {
            case STRING -> 0;
            case UINT2, INT2 -> 2;
            case UINT4, INT4, FLOAT4E2M1 -> 4;
            case FLOAT6E2M3, FLOAT6E3M2 -> 6;
            case BOOL, UINT8, INT8, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> 8;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 16;
            case FLOAT, INT32, UINT32 -> 32;
            case DOUBLE, INT64, UINT64, COMPLEX64 -> 64;
            case COMPLEX128 -> 128;
            case UNDEFINED -> throw new IllegalStateException("refused above");
        };
    }

    /** Number of values; refuses negative dimensions and products beyond 2^63. */
    static long count(String file, TensorProto tensor) {
        long count = 1;
        for (long dimension : tensor.getDimsList()) {
            if (dimension < 0) {
                throw Refusals.broken(file, "tensor %s has the dimension %d".formatted(Refusals.shown(tensor.getName()), dimension));
            }
            try {
                count = Math.multiplyExact(count, dimension);
            } catch (ArithmeticException e) {
                throw Refusals.broken(file, "the dimensions of tensor %s overflow".formatted(Refusals.shown(tensor.getName())));
            }
        }
        return count;
    }

    /** Bytes of the values as stored in raw or external data. */
    static long bytes(String file, TensorProto tensor) {
        int bits = bits(file, tensor);
        if (bits == 0) {
            return tensor.getStringDataList().stream().mapToLong(s -> s.size()).sum();
        }
        long count = count(file, tensor);
        if (count > (Long.MAX_VALUE - 7) / bits) {
            throw Refusals.broken(file, "the dimensions of tensor %s overflow".formatted(Refusals.shown(tensor.getName())));
        }
        return (count * bits + 7) / 8;
    }
}
