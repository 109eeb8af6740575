package dev.kogata.evaluator;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.kogata.common.v1.GraphSignature;
import dev.kogata.common.v1.TensorSignature;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what the graphs of a written bundle take and give. Stateless. */
final class GraphSignatures {
    private static final long DYNAMIC = -1;

    private GraphSignatures() {
    }

    /**
     * The signatures of a bundle's graphs.
     *
     * @param bundle folder of the files
     * @param components the parts, by their files
     */
    static List<GraphSignature> read(Path bundle, List<Component> components) throws IOException {
        List<GraphSignature> signatures = new java.util.ArrayList<>();
        for (Component component : components) {
            GraphProto graph = graph(bundle.resolve(component.file()));
            Set<String> constants = graph.getInitializerList().stream().map(tensor -> tensor.getName()).collect(Collectors.toSet());
            signatures.add(GraphSignature.newBuilder().setComponent(component.kind().label()).setFile(component.file())
                    .addAllInputs(graph.getInputList().stream().filter(input -> !constants.contains(input.getName())).map(GraphSignatures::tensor).toList())
                    .addAllOutputs(graph.getOutputList().stream().map(GraphSignatures::tensor).toList()).build());
        }
        return signatures;
    }

    /** Mapped, since a graph may hold its weights. */
    private static GraphProto graph(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteString bytes = UnsafeByteOperations.unsafeWrap(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            CodedInputStream in = bytes.newCodedInput();
            in.enableAliasing(true);
            return ModelProto.parseFrom(in).getGraph();
        }
    }

    private static TensorSignature tensor(ValueInfoProto value) {
        var type = value.getType().getTensorType();
        return TensorSignature.newBuilder().setName(value.getName()).setDatatype(name(DataType.forNumber(type.getElemType())))
                .addAllShape(type.getShape().getDimList().stream().map(GraphSignatures::dimension).toList()).build();
    }

    private static long dimension(Dimension dimension) {
        return dimension.hasDimValue() ? dimension.getDimValue() : DYNAMIC;
    }

    private static String name(DataType type) {
        if (type == null) {
            return "UNDEFINED";
        }
        return switch (type) {
            case FLOAT -> "FP32";
            case FLOAT16 -> "FP16";
            case BFLOAT16 -> "BF16";
            case DOUBLE -> "FP64";
            case STRING -> "BYTES";
            default -> type.name();
        };
    }
}
