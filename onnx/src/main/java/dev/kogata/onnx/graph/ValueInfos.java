package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.TypeProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.List;

/** Descriptions of graph inputs and outputs. */
public final class ValueInfos {

    private ValueInfos() {}

    /** A tensor; a dimension is a size or, as text, a symbol. */
    public static ValueInfoProto tensor(String name, DataType type, Object... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            shape.addDim(dimension instanceof Number size ? Dimension.newBuilder().setDimValue(size.longValue()).build()
                    : dimension instanceof Dimension same ? same : Dimension.newBuilder().setDimParam(dimension.toString()).build());
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape))).build();
    }

    /** The description of that name. */
    public static ValueInfoProto find(List<ValueInfoProto> infos, String name) {
        return infos.stream().filter(i -> i.getName().equals(name)).findFirst().orElseThrow(() -> new IllegalArgumentException("no input or output " + name));
    }

    /** Its dimensions. */
    public static List<Dimension> dimensions(ValueInfoProto info) {
        return info.getType().getTensorType().getShape().getDimList();
    }
}
