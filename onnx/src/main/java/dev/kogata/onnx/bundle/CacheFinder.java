package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.GroupQueryAttentionNode;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.NativeCaches;
import dev.kogata.onnx.graph.PlainCaches;
import dev.kogata.onnx.graph.ValueInfos;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Finds the caches of a decoder and says which of them can be rewritten. */
final class CacheFinder {
    private final ModelFile file;
    private final GraphView graph;
    private final List<GraphView> graphs;
    private final Supplier<Optional<Integer>> configuredHeadSize;
    private final List<String> remarks = new ArrayList<>();

    /** @param graphs where it computes: {@link dev.kogata.onnx.graph.MergedDecoder#graphs} */
    CacheFinder(ModelFile file, List<GraphView> graphs, Supplier<Optional<Integer>> configuredHeadSize) {
        this.file = file;
        this.graph = graphs.get(graphs.size() - 1);
        this.graphs = graphs;
        this.configuredHeadSize = configuredHeadSize;
    }

    /** The caches by block. */
    List<CacheLayer> layers() {
        Map<Integer, CacheName.Pair> keys = new TreeMap<>();
        Map<Integer, CacheName.Pair> values = new TreeMap<>();
        CacheName.pairs(graph.graph()).forEach(p -> (p.key() ? keys : values).put(p.layer(), p));
        List<CacheLayer> layers = new ArrayList<>();
        keys.forEach((layer, key) -> {
            CacheName.Pair value = values.get(layer);
            if (value == null) {
                remarks.add("Layer %d has a key cache but no value cache: both stay as they are.".formatted(layer));
            } else {
                layers.add(layer(layer, key, value));
            }
        });
        List<GraphView> plain = plain(layers);
        layers.replaceAll(layer -> layer.withNativeObstacle(nativeObstacle(layer, plain)));
        return layers;
    }

    /** The graphs with all caches that can be in the plain form, but for those that GroupQueryAttention keeps: these are native but for their types. */
    private List<GraphView> plain(List<CacheLayer> layers) {
        List<PlainCaches.Layer> names = layers.stream().filter(l -> l.widths().size() > 1).map(CacheLayer::names)
                .filter(l -> graphs.stream().allMatch(g -> PlainCaches.groupQuery(g, l).isEmpty())).toList();
        return MergedDecoder.graphs(file.model()).stream().map(m -> new GraphView(PlainCaches.of(m, names).getGraph())).toList();
    }

    private static String nativeObstacle(CacheLayer layer, List<GraphView> plain) {
        return plain.stream().flatMap(g -> NativeCaches.obstacle(g, layer.names(), layer.kvHeads()).stream()).findFirst().orElse("");
    }

    /** What was found on the way and cannot be changed. */
    List<String> remarks() {
        return remarks;
    }

    private CacheLayer layer(int number, CacheName.Pair key, CacheName.Pair value) {
        ValueInfoProto input = ValueInfos.find(graph.graph().getInputList(), key.input());
        List<Dimension> shape = input.getType().getTensorType().getShape().getDimList();
        int heads = size(shape.get(1), number, "number of heads");
        int headSize = shape.get(3).hasDimValue() ? size(shape.get(3), number, "head size") : configuredHeadSize.get().or(() -> headSizeOf(key))
                .orElseThrow(() -> Refusals.broken(file.name(), "the head size of layer %d stands neither in the graph nor in a configuration file".formatted(number)));
        int type = input.getType().getTensorType().getElemType();
        Optional<String> obstacle = quantized(key).or(() -> quantized(value))
                .or(() -> obstacle(new PlainCaches.Layer(key.input(), key.output(), value.input(), value.output(), headSize)));
        if (obstacle.isEmpty() && headSize % 8 != 0) {
            obstacle = Optional.of("its head size %d is not divisible by 8".formatted(headSize));
        }
        obstacle.ifPresent(why -> remarks.add("The cache of layer %d stays as it is: %s.".formatted(number, why)));
        return new CacheLayer(number, heads, headSize, valueBytes(type, number), CacheLayer.groupSizeFor(headSize),
                CacheLayer.widthsFor(headSize, obstacle.isEmpty()), "", new CacheTensor(key.input(), key.output()), new CacheTensor(value.input(), value.output()));
    }

    private Optional<String> obstacle(PlainCaches.Layer layer) {
        return graphs.stream().flatMap(g -> PlainCaches.obstacle(g, layer).stream()).findFirst();
    }

    /** From the width of packed projections, where the weight behind them shows it. */
    private Optional<Integer> headSizeOf(CacheName.Pair key) {
        return GroupQueryAttentionNode.reading(graph, key.input()).filter(n -> n.packed() && n.heads() + n.kvHeads() > 0)
                .flatMap(n -> graph.producer(n.query()).flatMap(p -> p.getInputList().stream().flatMap(i -> graph.initializer(i).stream()).findFirst())
                        .map(t -> (int) (t.getDims(t.getDimsCount() - 1) / (n.heads() + 2 * n.kvHeads()))));
    }

    private Optional<String> quantized(CacheName.Pair side) {
        int type = ValueInfos.find(graph.graph().getInputList(), side.input()).getType().getTensorType().getElemType();
        return ValueType.of(type).isEmpty() ? Optional.of("it is quantized already") : Optional.empty();
    }

    private int valueBytes(int type, int layer) {
        return ValueType.of(type).map(ValueType::bytes).orElseGet(() -> switch (DataType.forNumber(type)) {
            case INT8, UINT8, FLOAT8E4M3FN, FLOAT8E5M2 -> 1;
            default -> throw Refusals.unsupported(file.name(), "the cache of layer %d has the data type %d".formatted(layer, type));
        });
    }

    private int size(Dimension dimension, int layer, String what) {
        long size = dimension.getDimValue();
        if (size < 1 || size > 65_536) {
            throw Refusals.broken(file.name(), "the cache of layer %d gives no usable %s (%d)".formatted(layer, what, size));
        }
        return (int) size;
    }
}
