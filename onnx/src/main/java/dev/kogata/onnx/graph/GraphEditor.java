package dev.kogata.onnx.graph;

import com.google.protobuf.ByteString;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.OperatorSetIdProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Changes an outermost graph: adds nodes, initializers, inputs and outputs, and lets what was there before read something
 * else. Nodes that were added read exactly the names they were given; redirections apply to the original nodes only, in
 * subgraphs too. Not thread-safe.
 */
public final class GraphEditor {
    private final ModelProto model;
    private final GraphView view;
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> redirections = new HashMap<>();
    private final Map<NodeProto, Map<Integer, String>> replacements = new HashMap<>();
    private final Set<NodeProto> removed = new HashSet<>();
    private final List<NodeProto> added = new ArrayList<>();
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
    private final Map<String, String> constants = new HashMap<>();
    private final Map<String, Long> domains = new LinkedHashMap<>();
    private boolean withoutUnread;

    /** Starts from a model; the model itself is not changed. */
    public GraphEditor(ModelProto model) {
        this.model = model;
        this.view = new GraphView(model.getGraph());
        model.getGraph().getInitializerList().forEach(t -> initializers.put(t.getName(), t));
        model.getGraph().getInputList().forEach(i -> inputs.put(i.getName(), i));
        model.getGraph().getOutputList().forEach(o -> outputs.put(o.getName(), o));
        names.addAll(initializers.keySet());
        names.addAll(inputs.keySet());
        view.forEachNode((scope, node) -> names.addAll(node.getOutputList()));
    }

    /** The graph as it was. */
    public GraphView original() {
        return view;
    }

    /** Opset of the default domain. */
    public int opset() {
        return model.getOpsetImportList().stream().filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
                .mapToInt(o -> (int) o.getVersion()).findFirst().orElseThrow();
    }

    /** A name that nothing in the graph has yet. */
    public String fresh(String hint) {
        String name = hint;
        for (int i = 1; !names.add(name); i++) {
            name = hint + "_" + i;
        }
        return name;
    }

    /** Adds a node with one output of a fresh name and returns that name. */
    public String node(String operator, String hint, List<String> reads, AttributeProto... attributes) {
        String output = fresh(hint);
        add(operator, reads, List.of(output), attributes);
        return output;
    }

    /** Adds a node that writes the given names. */
    public void add(String operator, List<String> reads, List<String> writes, AttributeProto... attributes) {
        added.add(NodeProto.newBuilder().setOpType(operator).setName(writes.get(0) + "/" + operator)
                .addAllInput(reads).addAllOutput(writes).addAllAttribute(List.of(attributes)).build());
        names.addAll(writes);
    }

    /** Adds a node of another domain, of which the model then imports at least this version. */
    public void add(NodeProto node, long version) {
        added.add(node);
        names.addAll(node.getOutputList());
        domains.merge(node.getDomain(), version, Math::max);
    }

    /** {@link #build} leaves out nodes that no output needs; those that hold a tensor and initializers stay: every byte of the model is still there. */
    public void leaveOutUnread() {
        withoutUnread = true;
    }

    /** Adds a node as it is. */
    public void add(NodeProto node) {
        added.add(node);
        names.addAll(node.getOutputList());
    }

    /** Original nodes that read {@code name} read {@code instead}. */
    public void redirect(String name, String instead) {
        redirections.put(name, instead);
    }

    /** One input of one original node of the outermost graph reads something else; wins over a redirection. */
    public void replaceInput(NodeProto node, int slot, String instead) {
        replacements.computeIfAbsent(node, n -> new HashMap<>()).put(slot, instead);
    }

    /** Takes an original node of the outermost graph out. */
    public void remove(NodeProto node) {
        removed.add(node);
    }

    /** Adds or replaces an initializer. */
    public void initializer(TensorProto tensor) {
        initializers.put(tensor.getName(), tensor);
        names.add(tensor.getName());
    }

    /** Adds or replaces a graph input. */
    public void input(ValueInfoProto input) {
        inputs.put(input.getName(), input);
        names.add(input.getName());
    }

    /** Adds or replaces a graph output. */
    public void output(ValueInfoProto output) {
        outputs.put(output.getName(), output);
    }

    /** Leaves only the named outputs. */
    public void keepOutputs(Set<String> kept) {
        outputs.keySet().retainAll(kept);
    }

    /** Name of a float32 constant. */
    public String floats(List<Long> shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return constant(DataType.FLOAT, shape, bytes);
    }

    /** Name of an int64 constant of one dimension. */
    public String longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return constant(DataType.INT64, List.of((long) values.length), bytes);
    }

    /** Name of a uint8 constant without dimensions. */
    public String unsignedByte(int value) {
        return constant(DataType.UINT8, List.of(), ByteBuffer.allocate(1).put((byte) value));
    }

    private String constant(DataType type, List<Long> shape, ByteBuffer bytes) {
        ByteString raw = ByteString.copyFrom(bytes.flip());
        String same = type + " " + shape + " " + raw.hashCode() + " " + raw.size();
        String known = constants.get(same);
        if (known != null && initializers.get(known).getRawData().equals(raw)) {
            return known;
        }
        String name = fresh("kogata.constant");
        initializer(TensorProto.newBuilder().setName(name).setDataType(type.getNumber()).addAllDims(shape).setRawData(raw).build());
        constants.put(same, name);
        return name;
    }

    /** The changed model, nodes in an order in which every name is written before it is read. */
    public ModelProto build() {
        List<NodeProto> nodes = nodes();
        List<String> wanted = new ArrayList<>(withoutUnread ? outputs.keySet() : Set.of());
        nodes.stream().filter(n -> !withoutUnread || n.getAttributeList().stream().anyMatch(AttributeProto::hasT)).flatMap(n -> n.getOutputList().stream()).filter(o -> !o.isEmpty()).forEach(wanted::add);
        return build(new NodeOrder(nodes).neededFor(wanted), List.copyOf(initializers.values()));
    }

    /** The changed model without the nodes and initializers that no output needs. */
    public ModelProto buildNeeded() {
        List<NodeProto> needed = new NodeOrder(nodes()).neededFor(outputs.keySet());
        Set<String> read = new HashSet<>(outputs.keySet());
        needed.forEach(n -> NodeOrder.reads(n, read::add));
        return build(needed, initializers.values().stream().filter(t -> read.contains(t.getName())).toList());
    }

    private ModelProto build(List<NodeProto> nodes, List<TensorProto> tensors) {
        GraphProto.Builder graph = model.getGraph().toBuilder().clearNode().clearInitializer().clearInput().clearOutput().clearValueInfo();
        graph.addAllNode(nodes).addAllInitializer(tensors).addAllInput(inputs.values()).addAllOutput(outputs.values());
        ModelProto.Builder built = model.toBuilder().setGraph(graph);
        domains.forEach((domain, version) -> {
            if (model.getOpsetImportList().stream().noneMatch(o -> o.getDomain().equals(domain))) {
                built.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
            }
        });
        return built.build();
    }

    private List<NodeProto> nodes() {
        List<NodeProto> nodes = new ArrayList<>();
        model.getGraph().getNodeList().stream().filter(n -> !removed.contains(n)).forEach(n -> nodes.add(redirected(n)));
        nodes.addAll(added);
        return nodes;
    }

    private NodeProto redirected(NodeProto node) {
        NodeProto.Builder changed = rename(node, name -> redirections.getOrDefault(name, name)).toBuilder();
        replacements.getOrDefault(node, Map.of()).forEach(changed::setInput);
        return changed.build();
    }

    private static NodeProto rename(NodeProto node, UnaryOperator<String> names) {
        NodeProto.Builder builder = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            builder.setInput(i, names.apply(node.getInput(i)));
        }
        for (int i = 0; i < node.getAttributeCount(); i++) {
            if (node.getAttribute(i).hasG()) {
                GraphProto.Builder graph = node.getAttribute(i).getG().toBuilder();
                graph.clearNode();
                node.getAttribute(i).getG().getNodeList().forEach(n -> graph.addNode(rename(n, names)));
                builder.setAttribute(i, node.getAttribute(i).toBuilder().setG(graph));
            }
        }
        return builder.build();
    }
}
