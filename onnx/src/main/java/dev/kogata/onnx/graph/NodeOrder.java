package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Orders nodes so that every name is written before it is read, as ONNX demands, depth first from what is needed. */
final class NodeOrder {
    private final Map<String, NodeProto> producers = new HashMap<>();

    NodeOrder(Collection<NodeProto> nodes) {
        nodes.forEach(n -> n.getOutputList().forEach(o -> producers.put(o, n)));
    }

    /** The nodes that the names depend on, sorted. Iterative, since a decoder is deeper than a stack is. */
    List<NodeProto> neededFor(Iterable<String> names) {
        List<NodeProto> sorted = new ArrayList<>();
        Set<NodeProto> entered = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Visit> open = new ArrayDeque<>();
        for (String name : names) {
            enter(name, entered, open);
            while (!open.isEmpty()) {
                Visit visit = open.peek();
                if (visit.reads().hasNext()) {
                    enter(visit.reads().next(), entered, open);
                } else {
                    sorted.add(open.pop().node());
                }
            }
        }
        return sorted;
    }

    private void enter(String name, Set<NodeProto> entered, Deque<Visit> open) {
        NodeProto node = producers.get(name);
        if (node != null && entered.add(node)) {
            Set<String> reads = new LinkedHashSet<>();
            reads(node, reads::add);
            open.push(new Visit(node, reads.iterator()));
        }
    }

    /** All names that a node reads, those that its subgraphs take from around them included. */
    static void reads(NodeProto node, Consumer<String> name) {
        node.getInputList().stream().filter(i -> !i.isEmpty()).forEach(name);
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                Set<String> inner = new HashSet<>();
                attribute.getG().getNodeList().forEach(n -> inner.addAll(n.getOutputList()));
                attribute.getG().getNodeList().forEach(n -> reads(n, r -> {
                    if (!inner.contains(r)) {
                        name.accept(r);
                    }
                }));
                attribute.getG().getOutputList().stream().filter(o -> !inner.contains(o.getName())).forEach(o -> name.accept(o.getName()));
            }
        }
    }

    private record Visit(NodeProto node, Iterator<String> reads) {}
}
