package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A decoder of two branches of an {@code If}, chosen by an input such as {@code use_cache_branch}: one for whole sequences, which
 * looks at no past, and one that goes on from a cache; weights stand around them and serve both. Each branch can be taken out as
 * a decoder of its own, changed there, and put back. Immutable.
 */
public final class MergedDecoder {
    private final ModelProto model;
    private final NodeProto choice;

    private MergedDecoder(ModelProto model, NodeProto choice) {
        this.model = model;
        this.choice = choice;
    }

    /** Finds the branches, where the only {@code If} of the outermost graph goes on from past caches if its condition holds. */
    public static Optional<MergedDecoder> of(ModelProto model) {
        List<NodeProto> choices = model.getGraph().getNodeList().stream().filter(n -> n.getOpType().equals("If") && n.getDomain().isEmpty()).toList();
        if (choices.size() != 1 || branch(choices.get(0), "then_branch").isEmpty() || branch(choices.get(0), "else_branch").isEmpty()) {
            return Optional.empty();
        }
        MergedDecoder merged = new MergedDecoder(model, choices.get(0));
        return merged.pasts(merged.cached()).isEmpty() ? Optional.empty() : Optional.of(merged);
    }

    /** The graphs in which a decoder computes: itself, or both branches of a merged one, that for whole sequences first. */
    public static List<ModelProto> graphs(ModelProto model) {
        return of(model).map(m -> List.of(m.whole(), m.cached())).orElse(List.of(model));
    }

    /** The branch for whole sequences as a decoder. */
    public ModelProto whole() {
        return taken("else_branch");
    }

    /** The branch that goes on from a cache as a decoder. */
    public ModelProto cached() {
        return taken("then_branch");
    }

    /** Both branches, changed, in one decoder again. What the one for whole sequences appends to a past stands there alone. */
    public ModelProto merge(ModelProto whole, ModelProto cached) {
        Set<String> shared = model.getGraph().getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        GraphProto graph = cached.getGraph();
        NodeProto.Builder merged = choice.toBuilder().clearOutput().clearAttribute()
                .addAllOutput(graph.getOutputList().stream().map(ValueInfoProto::getName).toList())
                .addAttribute(AttributeProto.newBuilder().setName("then_branch").setType(AttributeProto.AttributeType.GRAPH)
                        .setG(branchOf(graph, graph.getNodeList(), shared, branch(choice, "then_branch").orElseThrow().getName())))
                .addAttribute(AttributeProto.newBuilder().setName("else_branch").setType(AttributeProto.AttributeType.GRAPH)
                        .setG(branchOf(whole.getGraph(), withoutPast(whole), shared, branch(choice, "else_branch").orElseThrow().getName())));
        List<NodeProto> condition = new NodeOrder(model.getGraph().getNodeList()).neededFor(List.of(choice.getInput(0)));
        GraphProto.Builder outer = model.getGraph().toBuilder().clearNode().addAllNode(condition).addNode(merged).clearValueInfo()
                .clearInput().addAllInput(graph.getInputList()).clearOutput().addAllOutput(graph.getOutputList())
                .clearInitializer().addAllInitializer(graph.getInitializerList().stream().filter(t -> shared.contains(t.getName())).toList());
        return model.toBuilder().setGraph(outer).clearOpsetImport().addAllOpsetImport(cached.getOpsetImportList()).build();
    }

    private GraphProto branchOf(GraphProto graph, List<NodeProto> nodes, Set<String> shared, String name) {
        // Nodes of the condition stay outside; where a branch needs them too, it reads them from there.
        Set<NodeProto> outside = new HashSet<>(new NodeOrder(model.getGraph().getNodeList()).neededFor(List.of(choice.getInput(0))));
        return GraphProto.newBuilder().setName(name).addAllNode(nodes.stream().filter(n -> !outside.contains(n)).toList()).addAllOutput(graph.getOutputList())
                .addAllInitializer(graph.getInitializerList().stream().filter(t -> !shared.contains(t.getName())).toList()).build();
    }

    /** Whoever chooses the branch for whole sequences may give any past: it must not be read. */
    private static List<NodeProto> withoutPast(ModelProto whole) {
        Set<String> inputs = whole.getGraph().getInputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
        return whole.getGraph().getNodeList().stream().map(n -> n.getOpType().equals("Concat") && n.getInputCount() == 2 && inputs.contains(n.getInput(0))
                ? n.toBuilder().setOpType("Identity").clearInput().addInput(n.getInput(1)).clearAttribute().build() : n).toList();
    }

    /** Inputs of four dimensions that the decoder reads. */
    private Set<String> pasts(ModelProto decoder) {
        GraphView view = new GraphView(decoder.getGraph());
        return decoder.getGraph().getInputList().stream().filter(i -> i.getType().getTensorType().getShape().getDimCount() == 4)
                .map(ValueInfoProto::getName).filter(name -> view.consumers(name).stream().anyMatch(n -> !n.getOpType().equals("Shape"))).collect(Collectors.toSet());
    }

    private ModelProto taken(String which) {
        GraphProto branch = branch(choice, which).orElseThrow();
        Map<String, String> names = new HashMap<>();
        List<NodeProto> copies = new ArrayList<>();
        Set<String> written = branch.getNodeList().stream().flatMap(n -> n.getOutputList().stream()).collect(Collectors.toSet());
        for (int i = 0; i < choice.getOutputCount(); i++) {
            String inner = branch.getOutput(i).getName(), outer = choice.getOutput(i);
            if (outer.isEmpty() || inner.equals(outer)) {
                continue;
            }
            if (written.contains(inner) && !names.containsKey(inner)) {
                names.put(inner, outer);
            } else {
                copies.add(NodeProto.newBuilder().setOpType("Identity").setName(outer + "/copy").addInput(names.getOrDefault(inner, inner)).addOutput(outer).build());
            }
        }
        GraphProto.Builder graph = model.getGraph().toBuilder().clearNode().clearValueInfo().addAllInitializer(branch.getInitializerList());
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node == choice) {
                branch.getNodeList().forEach(n -> graph.addNode(renamed(n, name -> names.getOrDefault(name, name))));
                graph.addAllNode(copies);
            } else {
                graph.addNode(node);
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private static NodeProto renamed(NodeProto node, UnaryOperator<String> names) {
        NodeProto.Builder builder = node.toBuilder().clearInput().clearOutput();
        node.getInputList().forEach(i -> builder.addInput(names.apply(i)));
        node.getOutputList().forEach(o -> builder.addOutput(names.apply(o)));
        for (int i = 0; i < node.getAttributeCount(); i++) {
            if (node.getAttribute(i).hasG()) {
                GraphProto.Builder graph = node.getAttribute(i).getG().toBuilder().clearNode();
                node.getAttribute(i).getG().getNodeList().forEach(n -> graph.addNode(renamed(n, names)));
                graph.getOutputBuilderList().forEach(o -> o.setName(names.apply(o.getName())));
                builder.setAttribute(i, node.getAttribute(i).toBuilder().setG(graph));
            }
        }
        return builder.build();
    }

    private static Optional<GraphProto> branch(NodeProto choice, String which) {
        return Attributes.find(choice, which).filter(AttributeProto::hasG).map(AttributeProto::getG);
    }
}
