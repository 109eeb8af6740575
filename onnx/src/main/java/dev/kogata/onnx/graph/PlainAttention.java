package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Attention over a plain cache, recognised by structure: {@code softmax(scale * q k^T + mask) v} as MatMul and Softmax, or as
 * {@code ai.onnx Attention}; heads of keys and values may be repeated by Unsqueeze, Expand and Reshape. Rotary embedding comes
 * before the cache and is no part of it. Immutable.
 *
 * @param query {@code [batch, heads, new, head size]}
 * @param heads heads of the query
 * @param scale what products of query and key are multiplied by
 * @param mask what is added to the scores, broadcast to {@code [batch, heads, new, all]}; or true where a query sees a key
 * @param output {@code [batch, heads, new, head size]}
 */
public record PlainAttention(String query, int heads, float scale, String mask, String output) {
    private static final Set<String> UNCHANGED = Set.of("Identity", "Dropout");
    private static final int MOST_STEPS = 400;

    /**
     * What was found.
     *
     * @param attention the attention; empty where it is not of this form
     * @param obstacle why not, as the rest of a sentence; empty where it is
     */
    public record Finding(Optional<PlainAttention> attention, String obstacle) {
        static Finding not(String why, Object... values) {
            return new Finding(Optional.empty(), why.formatted(values));
        }
    }

    /** Ends the walk through the graph with a reason. */
    private static final class Unlike extends RuntimeException {
        Unlike(String why, Object... values) {
            super(why.formatted(values), null, false, false);
        }
    }

    /**
     * Looks for the attention that reads a layer's caches.
     *
     * @param presentKey output of the key cache's Concat
     * @param presentValue output of the value cache's Concat
     */
    public static Finding find(GraphView graph, String presentKey, String presentValue, int kvHeads, int headSize) {
        try {
            return new Finding(Optional.of(new Walk(graph, kvHeads, headSize).attention(presentKey, presentValue)), "");
        } catch (Unlike unlike) {
            return Finding.not(unlike.getMessage());
        }
    }

    /** One walk from the caches through the graph. */
    private record Walk(GraphView graph, int kvHeads, int headSize) {

        PlainAttention attention(String presentKey, String presentValue) {
            Path keys = follow(presentKey, "keys");
            Path values = follow(presentValue, "values");
            if (keys.reader.getOpType().equals("Attention")) {
                return standard(keys, values);
            }
            if (!keys.turned || !keys.reader.getInput(1).equals(keys.name)) {
                throw new Unlike("its keys are not what a query is multiplied by");
            }
            String query = keys.reader.getInput(0);
            float scale = keys.scale;
            Optional<String> mask = Optional.empty();
            String name = keys.reader.getOutput(0);
            NodeProto reader = onlyReader(name, "scores");
            for (; !reader.getOpType().equals("Softmax"); reader = onlyReader(name, "scores")) {
                if (isScaling(reader) && mask.isEmpty()) {
                    scale *= scaling(reader, name);
                } else if (reader.getOpType().equals("Add") && mask.isEmpty()) {
                    mask = Optional.of(reader.getInput(reader.getInput(0).equals(name) ? 1 : 0));
                } else if (!reader.getOpType().equals("Cast") && !UNCHANGED.contains(reader.getOpType())) {
                    throw new Unlike("its scores are read by %s", reader.getOpType());
                }
                name = reader.getOutput(0);
            }
            long axis = Attributes.integer(reader, "axis", -1);
            if (axis != -1 && axis != 3) {
                throw new Unlike("its softmax is along axis %d", axis);
            }
            name = reader.getOutput(0);
            reader = onlyReader(name, "probabilities");
            while (reader.getOpType().equals("Cast") || UNCHANGED.contains(reader.getOpType())) {
                name = reader.getOutput(0);
                reader = onlyReader(name, "probabilities");
            }
            if (!reader.getOpType().equals("MatMul") || !reader.getInput(0).equals(name) || values.reader != reader || !reader.getInput(1).equals(values.name)
                    || values.turned || values.scale != 1) {
                throw new Unlike("its probabilities are not what its values are weighed with");
            }
            return complete(query, scale, mask, reader.getOutput(0), keys, values);
        }

        /** {@code ai.onnx Attention} with caches kept outside. */
        private PlainAttention standard(Path keys, Path values) {
            NodeProto node = keys.reader;
            if (values.reader != node || !node.getInput(1).equals(keys.name) || !node.getInput(2).equals(values.name) || keys.turned || values.turned
                    || keys.scale != 1 || values.scale != 1) {
                throw new Unlike("its keys and values are not read by one Attention");
            }
            if (node.getInputCount() > 4 || Attributes.find(node, "softcap").map(AttributeProto::getF).orElse(0f) != 0 || Attributes.integer(node, "is_causal", 0) != 0
                    || Attributes.integer(node, "q_num_heads", 0) != 0 || node.getOutputCount() > 1) {
                throw new Unlike("its Attention uses an option that GroupQueryAttention lacks");
            }
            float scale = Attributes.find(node, "scale").map(AttributeProto::getF).orElse((float) (1 / Math.sqrt(headSize)));
            Optional<String> mask = node.getInputCount() == 4 && !node.getInput(3).isEmpty() ? Optional.of(node.getInput(3)) : Optional.empty();
            return complete(node.getInput(0), scale, mask, node.getOutput(0), keys, values);
        }

        private PlainAttention complete(String query, float scale, Optional<String> mask, String output, Path keys, Path values) {
            String added = mask.orElseThrow(() -> new Unlike("nothing masks what comes later"));
            CausalMask.obstacle(graph, added).ifPresent(why -> {
                throw new Unlike("%s", why);
            });
            int heads = heads(query, output);
            if (heads % kvHeads != 0 || heads != kvHeads && !(keys.repeated && values.repeated)) {
                throw new Unlike("%d heads of the query do not share %d heads of the cache in order", heads, kvHeads);
            }
            return new PlainAttention(query, heads, scale, added, output);
        }

        /** What becomes of a cache until something multiplies it. */
        private Path follow(String present, String what) {
            String name = present;
            boolean turned = false, repeated = false, unsqueezed = false;
            float scale = 1;
            for (int step = 0; step < MOST_STEPS; step++) {
                NodeProto reader = onlyReader(name, what);
                switch (reader.getOpType()) {
                    case "Unsqueeze" -> {
                        List<Long> axes = reader.getInputCount() > 1 ? Constants.longs(graph, reader.getInput(1)) : Attributes.integers(reader, "axes");
                        if (unsqueezed || turned || !axes.equals(List.of(2L))) {
                            throw new Unlike("heads of its %s are repeated along axis %s", what, axes);
                        }
                        unsqueezed = true;
                    }
                    case "Expand", "Reshape" -> {
                        if (!unsqueezed || turned || !reader.getInput(0).equals(name)) {
                            throw new Unlike("its %s are read by %s", what, reader.getOpType());
                        }
                        repeated = true;
                    }
                    case "Transpose" -> {
                        if (turned || !Attributes.integers(reader, "perm").equals(List.of(0L, 1L, 3L, 2L))) {
                            throw new Unlike("its %s are turned to %s", what, Attributes.integers(reader, "perm"));
                        }
                        turned = true;
                    }
                    case "Mul", "Div" -> scale *= scaling(reader, name);
                    case "Identity" -> {
                    }
                    case "MatMul", "Attention" -> {
                        return new Path(reader, name, turned, repeated, scale);
                    }
                    default -> throw new Unlike("its %s are read by %s", what, reader.getOpType());
                }
                name = reader.getOutput(0);
            }
            throw new Unlike("its %s go through more than %d nodes", what, MOST_STEPS);
        }

        private boolean isScaling(NodeProto node) {
            return node.getOpType().equals("Mul") || node.getOpType().equals("Div");
        }

        private float scaling(NodeProto node, String name) {
            boolean first = node.getInput(0).equals(name);
            if (node.getOpType().equals("Div") && !first) {
                throw new Unlike("something is divided by its keys or scores");
            }
            String other = node.getInput(first ? 1 : 0);
            float factor = Constants.number(graph, other).orElseThrow(() -> new Unlike("its scale %s is no constant number", other));
            return node.getOpType().equals("Mul") ? factor : 1 / factor;
        }

        /** Shapes of intermediate values may be asked for; their values have one reader. */
        private NodeProto onlyReader(String name, String what) {
            List<NodeProto> readers = graph.consumers(name).stream().filter(n -> !n.getOpType().equals("Shape")).toList();
            if (readers.size() != 1) {
                throw new Unlike("its %s have %d readers", what, readers.size());
            }
            return readers.get(0);
        }

        /** From the weight that reads the output, or else the one that makes the query. */
        private int heads(String query, String output) {
            String name = output;
            for (int step = 0; step < 8; step++) {
                List<NodeProto> readers = graph.consumers(name).stream().filter(n -> !n.getOpType().equals("Shape")).toList();
                if (readers.size() != 1) {
                    break;
                }
                NodeProto reader = readers.get(0);
                Optional<List<Long>> weight = weight(reader);
                if (weight.isPresent()) {
                    return wholeHeads(weight.get().get(0));
                }
                name = reader.getOutput(0);
            }
            return headsMadeBy(query);
        }

        private int headsMadeBy(String query) {
            Set<String> seen = new HashSet<>(Set.of(query));
            Deque<String> open = new ArrayDeque<>(seen);
            for (int step = 0; step < MOST_STEPS && !open.isEmpty(); step++) {
                Optional<NodeProto> producer = graph.producer(open.remove());
                if (producer.isEmpty()) {
                    continue;
                }
                NodeProto node = producer.get();
                Optional<List<Long>> weight = weight(node);
                if (weight.isPresent()) {
                    return wholeHeads(weight.get().get(1));
                }
                if (!node.getOpType().equals("Shape")) {
                    node.getInputList().stream().filter(i -> !i.isEmpty() && seen.add(i)).forEach(open::add);
                }
            }
            throw new Unlike("the number of its query's heads stands nowhere");
        }

        /** (in, out) of the weight that a node multiplies by, quantized or not; empty where it does not. */
        private Optional<List<Long>> weight(NodeProto node) {
            if (node.getOpType().equals("MatMulNBits")) {
                return Optional.of(List.of(Attributes.integer(node, "K", 0), Attributes.integer(node, "N", 0)));
            }
            if (!node.getOpType().equals("MatMul") && !node.getOpType().equals("Gemm")) {
                return Optional.empty();
            }
            String name = node.getInput(1);
            Optional<NodeProto> restored = graph.producer(name).filter(p -> p.getOpType().equals("DequantizeLinear"));
            boolean turned = Attributes.integer(node, "transB", 0) == 1;
            return graph.initializer(restored.map(p -> p.getInput(0)).orElse(name)).map(TensorProto::getDimsList).filter(dims -> dims.size() == 2)
                    .map(dims -> turned ? List.of(dims.get(1), dims.get(0)) : List.copyOf(dims));
        }

        private int wholeHeads(long channels) {
            if (channels <= 0 || channels % headSize != 0) {
                throw new Unlike("%d channels of its query are no whole heads of %d", channels, headSize);
            }
            return (int) (channels / headSize);
        }
    }

    /**
     * Where a cache ended up.
     *
     * @param reader the MatMul or Attention that reads it
     * @param name under which it does
     * @param turned whether its last two dimensions were exchanged on the way
     * @param repeated whether heads were repeated on the way
     */
    private record Path(NodeProto reader, String name, boolean turned, boolean repeated, float scale) {}
}
