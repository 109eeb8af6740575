package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;

/**
 * Checks a parsed model: every name has one source, every input comes from something earlier, every tensor has exactly
 * the bytes its dimensions say, and every operator's domain is one that stock ONNX Runtime has.
 */
final class GraphCheck {
    private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft");

    private final ModelFile file;
    private final ScanLimits limits;
    private final Set<String> domains = new HashSet<>(DOMAINS);

    GraphCheck(ModelFile file, ScanLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    void run() {
        ModelProto model = file.model();
        model.getFunctionsList().forEach(f -> domains.add(f.getDomain()));
        model.getFunctionsList().forEach(f -> f.getNodeList().forEach(this::domain));
        graph(model.getGraph(), null);
    }

    /** Checks one graph; {@code outer} is the graph around it, null for the outermost. */
    private void graph(GraphProto graph, Names outer) {
        Names known = new Names(new HashSet<>(), outer);
        for (ValueInfoProto input : graph.getInputList()) {
            define(input.getName(), known);
        }
        Set<String> initializers = new HashSet<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            tensor(tensor);
            if (!initializers.add(name(tensor.getName()))) {
                throw twice(tensor.getName());
            }
            // Up to IR version 3 an initializer is listed as an input too: that is its default value.
            known.here().add(tensor.getName());
        }
        graph.getSparseInitializerList().forEach(s -> known.here().add(s.getValues().getName()));
        ShapeCheck shapes = new ShapeCheck(file, graph);
        for (NodeProto node : graph.getNodeList()) {
            domain(node);
            name(node.getName());
            shapes.check(node);
            for (String input : node.getInputList()) {
                if (!input.isEmpty() && !known.contains(input)) {
                    throw Refusals.broken(file.name(), "node %s reads %s, which nothing before it writes"
                            .formatted(Refusals.shown(node.getName()), Refusals.shown(input)));
                }
            }
            for (AttributeProto attribute : node.getAttributeList()) {
                attribute(attribute, known);
            }
            for (String output : node.getOutputList()) {
                if (!output.isEmpty()) {
                    define(output, known);
                }
            }
        }
        graph.getOutputList().forEach(o -> {
            if (!known.contains(o.getName())) {
                throw Refusals.broken(file.name(), "output %s is written by no node".formatted(Refusals.shown(o.getName())));
            }
        });
    }

    private void attribute(AttributeProto attribute, Names known) {
        if (attribute.hasT()) {
            tensor(attribute.getT());
        }
        attribute.getTensorsList().forEach(this::tensor);
        if (attribute.hasG()) {
            graph(attribute.getG(), known);
        }
        attribute.getGraphsList().forEach(g -> graph(g, known));
    }

    private void tensor(TensorProto tensor) {
        long bytes = file.bytesOf(tensor);
        String shown = Refusals.shown(tensor.getName());
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            if (tensor.hasRawData() || TypedData.count(tensor) > 0) {
                throw Refusals.broken(file.name(), "tensor %s has its values twice".formatted(shown));
            }
            file.external(tensor);
            return;
        }
        boolean typed = TypedData.count(tensor) > 0;
        if (typed && tensor.hasRawData()) {
            throw Refusals.broken(file.name(), "tensor %s has its values twice".formatted(shown));
        }
        if (!typed && tensor.getRawData().size() != bytes) {
            throw Refusals.broken(file.name(), "tensor %s has %d bytes of values where its dimensions say %d"
                    .formatted(shown, tensor.getRawData().size(), bytes));
        }
        long count = TensorTypes.count(file.name(), tensor);
        // Complex values take two numbers, values under 8 bits share one: only what Kogata reads itself is counted.
        if (typed && ValueType.of(tensor.getDataType()).isPresent() && TypedData.count(tensor) != count) {
            throw Refusals.broken(file.name(), "tensor %s has %d values where its dimensions say %d"
                    .formatted(shown, TypedData.count(tensor), count));
        }
    }

    private void define(String name, Names known) {
        name(name);
        if (!known.here().add(name)) {
            throw twice(name);
        }
    }

    private String name(String name) {
        if (name.length() > limits.nameLength()) {
            throw Refusals.tooLarge(file.name(), "nameLength", name.length(), limits.nameLength());
        }
        if (name.codePoints().anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)) {
            throw Refusals.broken(file.name(), "the name %s holds a control character".formatted(Refusals.shown(name)));
        }
        // What protobuf makes of bytes that are no UTF-8; two such names would be one here and two in ONNX Runtime.
        if (name.indexOf('\ufffd') >= 0) {
            throw Refusals.broken(file.name(), "the name %s is no valid UTF-8".formatted(Refusals.shown(name)));
        }
        return name;
    }

    private void domain(NodeProto node) {
        if (!domains.contains(node.getDomain())) {
            throw Refusals.unsupported(file.name(), "operator %s is of the domain %s, which stock ONNX Runtime does not have"
                    .formatted(Refusals.shown(node.getOpType()), Refusals.shown(node.getDomain())));
        }
    }

    private RuntimeException twice(String name) {
        return Refusals.broken(file.name(), "the name %s is defined twice".formatted(Refusals.shown(name)));
    }

    /** Names written so far in a graph, and those of the graphs around it. */
    private record Names(Set<String> here, Names outer) {
        boolean contains(String name) {
            return here.contains(name) || outer != null && outer.contains(name);
        }
    }
}
