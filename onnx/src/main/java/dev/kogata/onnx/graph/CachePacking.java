package dev.kogata.onnx.graph;

import dev.kogata.core.cache.BitPacking;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * Packs whole numbers of a few bits into bytes and back as graph nodes, in the layout of {@link BitPacking}: planes of 1, 2,
 * 4 or 8 bits over slices of the last dimension. Packing is float arithmetic on small whole numbers, which is exact.
 */
final class CachePacking {
    private final Operators ops;
    private final int channels;
    private final int bits;

    CachePacking(Operators ops, int channels, int bits) {
        this.ops = ops;
        this.channels = channels;
        this.bits = bits;
    }

    /** From codes, float32 {@code [..., channels]}, to uint8 {@code [..., packed bytes]}. */
    String pack(String codes) {
        int[] planes = BitPacking.planes(bits);
        List<String> packed = new ArrayList<>();
        String rest = codes;
        for (int p = 0; p < planes.length; p++) {
            String plane = rest;
            if (p + 1 < planes.length) {
                float range = 1 << planes[p];
                rest = ops.call("Floor", ops.call("Mul", rest, ops.number(1 / range)));
                plane = ops.call("Sub", plane, ops.call("Mul", rest, ops.number(range)));
            }
            packed.add(packPlane(plane, planes[p]));
        }
        return ops.cast(ops.concat(-1, packed), DataType.UINT8);
    }

    /** From uint8 {@code [..., packed bytes]} to codes, float32 {@code [..., channels]}. */
    String unpack(String packed) {
        int[] planes = BitPacking.planes(bits);
        long[] bytes = new long[planes.length];
        for (int p = 0; p < planes.length; p++) {
            bytes[p] = (long) channels * planes[p] / 8;
        }
        List<String> parts = ops.split(packed, -1, bytes);
        String codes = ops.cast(unpackPlane(parts.get(0), planes[0]), DataType.FLOAT);
        int shift = planes[0];
        for (int p = 1; p < planes.length; p++) {
            String high = ops.cast(unpackPlane(parts.get(p), planes[p]), DataType.FLOAT);
            codes = ops.call("Add", codes, ops.call("Mul", high, ops.number(1 << shift)));
            shift += planes[p];
        }
        return codes;
    }

    private String packPlane(String plane, int width) {
        int slices = 8 / width;
        List<String> parts = ops.slices(plane, -1, slices, channels / slices);
        String sum = parts.get(0);
        for (int k = 1; k < slices; k++) {
            sum = ops.call("Add", sum, ops.call("Mul", parts.get(k), ops.number(1 << k * width)));
        }
        return sum;
    }

    private String unpackPlane(String packed, int width) {
        List<String> slices = new ArrayList<>();
        for (int k = 0; k < 8 / width; k++) {
            slices.add(ops.shift(ops.shift(packed, true, 8 - width * (k + 1)), false, 8 - width));
        }
        return ops.concat(-1, slices);
    }
}
