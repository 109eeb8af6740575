package dev.kogata.onnx.graph;

import dev.kogata.core.cache.Half;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the few numbers that a graph's structure depends on: scales, axes. They stand inside the ONNX file. */
final class Constants {
    private static final int MOST = 64;

    private Constants() {}

    /** The only value of a floating-point constant of one value. */
    static Optional<Float> number(GraphView graph, String name) {
        return tensor(graph, name).filter(t -> t.getDimsList().stream().allMatch(d -> d == 1)).map(Constants::floats).filter(v -> v.size() == 1).map(v -> v.get(0));
    }

    /** The values of an int64 constant; empty where it is none. */
    static List<Long> longs(GraphView graph, String name) {
        return tensor(graph, name).filter(t -> t.getDataType() == DataType.INT64_VALUE).map(t -> {
            List<Long> values = new ArrayList<>(t.getInt64DataList());
            ByteBuffer raw = raw(t);
            while (raw.remaining() >= Long.BYTES) {
                values.add(raw.getLong());
            }
            return values;
        }).orElse(List.of());
    }

    /** The tensor of an initializer or of a Constant node, small and inside the file. */
    private static Optional<TensorProto> tensor(GraphView graph, String name) {
        return graph.initializer(name)
                .or(() -> graph.producer(name).filter(n -> n.getOpType().equals("Constant")).flatMap(n -> Attributes.find(n, "value")).map(a -> a.getT()))
                .filter(t -> t.getDataLocation() != TensorProto.DataLocation.EXTERNAL && t.getSerializedSize() < 16 * MOST);
    }

    private static List<Float> floats(TensorProto tensor) {
        List<Float> values = new ArrayList<>(tensor.getFloatDataList());
        ByteBuffer raw = raw(tensor);
        switch (DataType.forNumber(tensor.getDataType())) {
            case FLOAT -> {
                while (raw.remaining() >= Float.BYTES) {
                    values.add(raw.getFloat());
                }
            }
            case FLOAT16 -> {
                tensor.getInt32DataList().forEach(bits -> values.add(Half.value((short) (int) bits)));
                while (raw.remaining() >= Short.BYTES) {
                    values.add(Half.value(raw.getShort()));
                }
            }
            default -> values.clear();
        }
        return values;
    }

    private static ByteBuffer raw(TensorProto tensor) {
        return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
