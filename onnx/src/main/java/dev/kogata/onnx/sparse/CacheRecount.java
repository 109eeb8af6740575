package dev.kogata.onnx.sparse;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto;
import dev.kogata.onnx.format.Onnx.TypeProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.GroupQueryAttentionNode;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.PlainCaches;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Bytes and widths of a delivered decoder's cache, read from the shapes and types of its inputs and from the nodes that keep it. */
final class CacheRecount {
    private final Map<String, TypeProto.Tensor> inputs = new HashMap<>();
    private final Map<Integer, CacheLayer> layers = new HashMap<>();
    /** By layer: the node that keeps its cache quantized by itself, with the graph it stands in. */
    private final Map<Integer, GroupQueryAttentionNode> natives = new HashMap<>();
    private final Map<Integer, GraphView> graphs = new HashMap<>();

    CacheRecount(Bundle bundle) {
        bundle.decoder().ifPresent(decoder -> {
            for (ValueInfoProto input : decoder.model().getGraph().getInputList()) {
                inputs.put(input.getName(), input.getType().getTensorType());
            }
        });
        bundle.cacheLayers().forEach(layer -> layers.put(layer.layer(), layer));
        bundle.decoder().ifPresent(decoder -> {
            // Of a merged decoder the branch that goes on from a cache: the other one has the same.
            List<ModelProto> models = MergedDecoder.graphs(decoder.model());
            GraphView graph = new GraphView(models.get(models.size() - 1).getGraph());
            layers.forEach((number, layer) -> PlainCaches.groupQuery(graph, layer.names()).filter(GroupQueryAttentionNode::quantized).ifPresent(node -> {
                natives.put(number, node);
                graphs.put(number, graph);
            }));
        });
    }

    /** The layer's format, as plans write it. */
    String format(int layer) {
        return natives.containsKey(layer) ? "native" : inputs.containsKey(scaleOf(layers.get(layer).key().input())) || inputs.containsKey(scaleOf(layers.get(layer).value().input()))
                ? "portable" : "as-is";
    }

    /** Bytes that a layer's cache takes whatever its tokens: a native one's static scales. */
    long fixedBytes(int layer) {
        GroupQueryAttentionNode node = natives.get(layer);
        return node == null ? 0 : scaleBytes(layer, node.keyScale()) + scaleBytes(layer, node.valueScale());
    }

    private long scaleBytes(int layer, Optional<String> scale) {
        return scale.flatMap(graphs.get(layer)::initializer).map(t -> Float.BYTES * t.getDimsList().stream().reduce(1L, Math::multiplyExact))
                .orElseThrow(() -> new IllegalArgumentException("layer %d has a native cache without static scales".formatted(layer)));
    }

    /** Number of layers with a cache. */
    int layers() {
        return layers.size();
    }

    /** Bytes that one token of one sequence takes in the caches of a layer; -1 where there is no such layer. */
    long bytesPerToken(int layer) {
        CacheLayer cache = layers.get(layer);
        if (cache == null) {
            return -1;
        }
        long bytes = 0;
        for (String name : new String[] {cache.key().input(), cache.value().input()}) {
            bytes += bytes(cache, name) + (inputs.containsKey(scaleOf(name)) ? bytes(cache, scaleOf(name)) : 0);
        }
        return bytes;
    }

    /** Whether a side of a layer's cache can hold this many bits a value; 0 bits stand for values of floating-point type. */
    boolean hasWidth(int layer, boolean key, int bits) {
        CacheLayer cache = layers.get(layer);
        String name = key ? cache.key().input() : cache.value().input();
        if (natives.containsKey(layer)) {
            return natives.get(layer).cacheBits() == bits;
        }
        boolean packed = inputs.get(name).getElemType() == DataType.UINT8_VALUE;
        if (!packed || bits == 0) {
            return !packed && bits == 0;
        }
        // Of packed bytes and numbers of scale the width is the one that makes all groups equal and whole.
        long channels = last(cache, name) * 8;
        return inputs.containsKey(scaleOf(name)) && channels % bits == 0 && channels / bits % (last(cache, scaleOf(name)) / 2) == 0;
    }

    private static String scaleOf(String name) {
        return name + "_scale";
    }

    private long bytes(CacheLayer cache, String name) {
        int width = switch (DataType.forNumber(inputs.get(name).getElemType())) {
            case FLOAT -> 4;
            case FLOAT16, BFLOAT16 -> 2;
            case UINT8, INT8 -> 1;
            default -> throw new IllegalArgumentException("the cache " + name + " is of an unknown type");
        };
        return cache.kvHeads() * last(cache, name) * width;
    }

    private long last(CacheLayer cache, String name) {
        TensorShapeProto shape = inputs.get(name).getShape();
        long size = shape.getDim(shape.getDimCount() - 1).getDimValue();
        return size > 0 ? size : cache.headSize();
    }
}
