package dev.kogata.onnx.graph;

import com.google.protobuf.ByteString;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.AttributeProto.AttributeType;
import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.List;
import java.util.Optional;

/** Reads and makes attributes of nodes. */
public final class Attributes {

    private Attributes() {}

    /** The attribute of that name. */
    public static Optional<AttributeProto> find(NodeProto node, String name) {
        return node.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
    }

    /** An integer attribute, or its default. */
    public static long integer(NodeProto node, String name, long byDefault) {
        return find(node, name).map(AttributeProto::getI).orElse(byDefault);
    }

    /** A list of integers; empty where the attribute is absent. */
    public static List<Long> integers(NodeProto node, String name) {
        return find(node, name).map(AttributeProto::getIntsList).orElse(List.of());
    }

    /** An integer attribute. */
    public static AttributeProto of(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
    }

    /** A list of integers. */
    public static AttributeProto of(String name, List<Long> values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS).addAllInts(values).build();
    }

    /** A text attribute. */
    public static AttributeProto of(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
    }
}
