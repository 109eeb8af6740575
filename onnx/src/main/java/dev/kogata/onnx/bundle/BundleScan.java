package dev.kogata.onnx.bundle;

import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.AttentionNode;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.Operators;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the files of a bundle hold: the facts that {@link Bundle} answers with. */
final class BundleScan {
    private final List<Component> components = new ArrayList<>();
    private final List<UntouchedTensor> untouched = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final List<WeightMatrix> weights = new ArrayList<>();
    private final List<WeightMatrix> includable = new ArrayList<>();
    private final Map<String, String> inputNames = new HashMap<>();
    private final Set<Kind> searched;
    private List<CacheLayer> cacheLayers = List.of();
    private String layout = "encoder-only";
    private int vocabularySize;
    private int hiddenSize;

    /** @param searched parts whose matrices are weights of the bundle; those of the others stay as they are */
    BundleScan(Path root, Map<Kind, ModelFile> models, Set<Kind> searched) {
        this.searched = searched;
        Optional.ofNullable(models.get(Kind.DECODER)).ifPresent(file -> decoder(root, file, new GraphView(file.model().getGraph())));
        models.forEach((kind, file) -> {
            if (kind != Kind.DECODER) {
                part(kind, file);
            }
        });
        components.sort(Comparator.comparing(Component::kind));
        untouched.sort(Comparator.comparingLong(UntouchedTensor::bytes).reversed().thenComparing(UntouchedTensor::file).thenComparing(UntouchedTensor::name));
        if (!models.containsKey(Kind.DECODER)) {
            remarks.add("The bundle has no decoder: it is judged by the features of its vision encoder, and there is nothing to say about caches.");
            if (weights.isEmpty()) {
                remarks.add("No matrix of a numbered block was found in the vision encoder: nothing can be pruned.");
            }
        } else if (!models.containsKey(Kind.VISION_ENCODER)) {
            remarks.add("The bundle has no vision encoder: it is compressed on text alone.");
        }
    }

    /** A part beside the decoder. Its matrices are numbered behind all blocks so far. */
    private void part(Kind kind, ModelFile file) {
        GraphView graph = new GraphView(file.model().getGraph());
        Map<String, String> reasons = new HashMap<>();
        int blocks = 0;
        // A decoder of token ids alone is shown no features; and a projector in a file of its own is given some that a trial would have to keep.
        boolean prunable = kind == Kind.VISION_ENCODER && (hiddenSize > 0 || searched.contains(kind));
        if (prunable && file.opset() >= Operators.OLDEST_OPSET) {
            EncoderWeights found = new EncoderWeights(file, graph, blocksSoFar());
            reasons.putAll(found.reasons());
            blocks = (int) found.weights().stream().filter(w -> w.part() == kind).mapToInt(WeightMatrix::layer).distinct().count();
            found.weights().forEach(w -> (searched.contains(w.part()) ? weights : includable).add(w));
            found.weights().forEach(w -> inputNames.put(w.id(), found.inputName(w)));
        }
        List<WeightMatrix> own = weights.stream().filter(w -> w.file().equals(file.name())).toList();
        long bytes = tensors(file, graph, own.stream().map(WeightMatrix::name).collect(Collectors.toSet()), reasons,
                kind == Kind.EMBED_TOKENS ? "embedding table" : "part of the " + kind.label()) + own.stream().mapToLong(WeightMatrix::bytes).sum();
        components.add(new Component(kind, file.name(), kind == Kind.VISION_ENCODER ? blocks : 0, bytes, file.opset(), (int) file.model().getIrVersion()));
    }

    private int blocksSoFar() {
        return Stream.of(weights.stream().map(WeightMatrix::layer), includable.stream().map(WeightMatrix::layer), cacheLayers.stream().map(CacheLayer::layer))
                .flatMap(layers -> layers).mapToInt(layer -> layer + 1).max().orElse(0);
    }

    private void decoder(Path root, ModelFile file, GraphView graph) {
        if (file.opset() < Operators.OLDEST_OPSET) {
            throw Refusals.unsupported(file.name(), "opset %d is older than %d, the oldest that can be rewritten; export with a newer one"
                    .formatted(file.opset(), Operators.OLDEST_OPSET));
        }
        List<GraphView> graphs = MergedDecoder.graphs(file.model()).stream().map(m -> new GraphView(m.getGraph())).toList();
        CacheFinder caches = new CacheFinder(file, graphs, () -> HeadSize.of(root));
        cacheLayers = caches.layers();
        DecoderWeights finder = new DecoderWeights(file, graphs, cacheLayers.stream().mapToInt(l -> l.layer() + 1).max().orElse(0));
        weights.addAll(finder.weights());
        weights.stream().filter(w -> finder.inputNames().containsKey(w.name())).forEach(w -> inputNames.put(w.id(), finder.inputNames().get(w.name())));
        remarks.addAll(caches.remarks());
        if (weights.isEmpty()) {
            remarks.add("No weight of a decoder block was found: nothing can be pruned.");
        }
        long quantized = finder.reasons().values().stream().filter(WeightFinder.QUANTIZED_ALREADY::equals).count();
        if (quantized > 0) {
            remarks.add("%d tensors belong to weights that are quantized already: they stay as they are.".formatted(quantized));
        }
        Set<String> pruned = weights.stream().map(WeightMatrix::name).collect(Collectors.toSet());
        long bytes = tensors(file, graph, pruned, finder.reasons(), "used by an operator that is not pruned")
                + weights.stream().mapToLong(WeightMatrix::bytes).sum();
        components.add(new Component(Kind.DECODER, file.name(), cacheLayers.size(), bytes, file.opset(), (int) file.model().getIrVersion()));
        layout = layout(root, graph);
        if (layout.equals("genai") && cacheLayers.stream().anyMatch(l -> l.widths().size() > 1)) {
            remarks.add("onnxruntime-genai's own loop does not pass on the scales that stand beside a portable cache: a result with portable caches runs in ONNX Runtime. "
                    + "For onnxruntime-genai choose native caches, or leave the caches as they are.");
        }
        Set<String> cacheNames = cacheLayers.stream().flatMap(l -> List.of(l.key().output(), l.value().output()).stream()).collect(Collectors.toSet());
        graph.graph().getOutputList().stream().filter(o -> !cacheNames.contains(o.getName())).findFirst().ifPresent(o -> vocabularySize = lastDimension(o));
        graph.graph().getInputList().stream().filter(i -> i.getName().equals("inputs_embeds")).findFirst().ifPresent(i -> hiddenSize = lastDimension(i));
    }

    private static String layout(Path root, GraphView graph) {
        if (Files.isRegularFile(root.resolve("genai_config.json"))) {
            return "genai";
        }
        List<NodeProto> nodes = graph.graph().getNodeList();
        if (nodes.stream().anyMatch(n -> AttentionNode.of(n).isPresent())) {
            return "standard-attention";
        }
        Set<String> outputs = graph.graph().getOutputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
        if (nodes.stream().anyMatch(n -> n.getOpType().equals("If") && n.getOutputList().stream().anyMatch(outputs::contains))) {
            return "merged-decoder";
        }
        // Only PyTorch's newer exporter writes where in the model's code a node comes from.
        return nodes.stream().anyMatch(n -> n.getMetadataPropsList().stream().anyMatch(m -> m.getKey().startsWith("pkg.torch."))) ? "torch-export" : "optimum";
    }

    private static int lastDimension(ValueInfoProto value) {
        var shape = value.getType().getTensorType().getShape();
        return shape.getDimCount() == 0 ? 0 : (int) shape.getDim(shape.getDimCount() - 1).getDimValue();
    }

    /** Records all tensors of a file but the pruned weights; returns their bytes. */
    private long tensors(ModelFile file, GraphView graph, Set<String> pruned, Map<String, String> reasons, String otherwise) {
        long[] sums = {0, 0, 0}; // initializers, constants, number of constants
        initializers(graph).stream().filter(t -> !pruned.contains(t.getName())).forEach(t -> {
            String why = reasons.getOrDefault(t.getName(), t.getDimsCount() < 2 ? "norm, bias or constant" : otherwise);
            untouched.add(new UntouchedTensor(t.getName(), file.name(), file.bytesOf(t), why));
            sums[0] += file.bytesOf(t);
        });
        graph.forEachNode((scope, node) -> {
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasT()) {
                    sums[1] += file.bytesOf(attribute.getT());
                    sums[2]++;
                }
            }
        });
        if (sums[2] > 0) {
            untouched.add(new UntouchedTensor("(%d constants of the graph)".formatted(sums[2]), file.name(), sums[1], "constants of the graph"));
        }
        return sums[0] + sums[1];
    }

    private static List<TensorProto> initializers(GraphView graph) {
        List<TensorProto> all = new ArrayList<>(graph.graph().getInitializerList());
        graph.subgraphs().forEach(s -> all.addAll(initializers(s)));
        return all;
    }

    List<Component> components() {
        return List.copyOf(components);
    }

    List<UntouchedTensor> untouched() {
        return List.copyOf(untouched);
    }

    List<String> remarks() {
        return List.copyOf(remarks);
    }

    List<WeightMatrix> weights() {
        return List.copyOf(weights);
    }

    /** Parts whose matrices are weights of the bundle. */
    Set<Kind> searched() {
        return searched;
    }

    /** Matrices of parts that are not searched. */
    List<WeightMatrix> includable() {
        return List.copyOf(includable);
    }

    List<CacheLayer> cacheLayers() {
        return cacheLayers;
    }

    /** By weight id. */
    Map<String, String> inputNames() {
        return inputNames;
    }

    String layout() {
        return layout;
    }

    int vocabularySize() {
        return vocabularySize;
    }

    int hiddenSize() {
        return hiddenSize;
    }
}
