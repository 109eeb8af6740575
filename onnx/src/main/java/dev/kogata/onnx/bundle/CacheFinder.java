package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.CacheConcat;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.NativeCaches;
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
    private final Supplier<Optional<Integer>> configuredHeadSize;
    private final List<String> remarks = new ArrayList<>();

    CacheFinder(ModelFile file, GraphView graph, Supplier<Optional<Integer>> configuredHeadSize) {
        this.file = file;
        this.graph = graph;
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
        return layers;
    }

    /** What was found on the way and cannot be changed. */
    List<String> remarks() {
        return remarks;
    }

    private CacheLayer layer(int number, CacheName.Pair key, CacheName.Pair value) {
        ValueInfoProto input = ValueInfos.find(graph.graph().getInputList(), key.input());
        List<Dimension> shape = input.getType().getTensorType().getShape().getDimList();
        int heads = size(shape.get(1), number, "number of heads");
        int headSize = shape.get(3).hasDimValue() ? size(shape.get(3), number, "head size") : configuredHeadSize.get()
                .orElseThrow(() -> Refusals.broken(file.name(), "the head size of layer %d stands neither in the graph nor in a configuration file".formatted(number)));
        int type = input.getType().getTensorType().getElemType();
        Optional<String> obstacle = obstacle(key).or(() -> obstacle(value));
        if (obstacle.isEmpty() && headSize % 8 != 0) {
            obstacle = Optional.of("its head size %d is not divisible by 8".formatted(headSize));
        }
        obstacle.ifPresent(why -> remarks.add("The cache of layer %d stays as it is: %s.".formatted(number, why)));
        return new CacheLayer(number, heads, headSize, valueBytes(type, number), CacheLayer.groupSizeFor(headSize),
                CacheLayer.widthsFor(headSize, obstacle.isEmpty()), nativeObstacle(key, value, heads, headSize), new CacheTensor(key.input(), key.output()), new CacheTensor(value.input(), value.output()));
    }

    private String nativeObstacle(CacheName.Pair key, CacheName.Pair value, int heads, int headSize) {
        return NativeCaches.obstacle(graph, new NativeCaches.Names(key.input(), key.output(), value.input(), value.output()), heads, headSize).orElse("");
    }

    private Optional<String> obstacle(CacheName.Pair side) {
        int type = ValueInfos.find(graph.graph().getInputList(), side.input()).getType().getTensorType().getElemType();
        if (ValueType.of(type).isEmpty()) {
            return Optional.of("it is quantized already");
        }
        if (CacheConcat.find(graph, side.input(), side.output()).isPresent()) {
            return Optional.empty();
        }
        String reader = graph.consumers(side.input()).stream().map(NodeProto::getOpType).filter(o -> !o.equals("Shape")).findFirst().orElse("a subgraph");
        return Optional.of("it is read by %s, where only Concat of past and new can be rewritten".formatted(Refusals.shown(reader)));
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
