package dev.kogata.onnx.bundle;

import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.PlainCaches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One model as a folder of ONNX files, found by structure and read within limits; nothing of it is run. Values are mapped
 * from the files, never loaded whole. Immutable and safe for use by several threads as long as nobody changes the files.
 * Every method that reads a model throws {@link dev.kogata.core.RefusedInput} for what is broken, too large or not known.
 */
public final class Bundle {
    private final Path root;
    private final List<String> files;
    private final Map<Kind, ModelFile> models;
    private final BundleScan scan;
    private final Map<String, TensorProto> weightTensors = new HashMap<>();

    private Bundle(Path root, List<String> files, Map<Kind, ModelFile> models, Set<Kind> searched) {
        this.root = root;
        this.files = files;
        this.models = models;
        this.scan = new BundleScan(root, models, searched);
        Set<String> ids = Stream.of(scan.weights(), scan.includable()).flatMap(List::stream).map(WeightMatrix::id).collect(Collectors.toSet());
        models.values().forEach(file -> file.model().getGraph().getInitializerList().stream().filter(t -> ids.contains(file.name() + "#" + t.getName()))
                .forEach(t -> weightTensors.put(file.name() + "#" + t.getName(), t)));
    }

    /** Opens a bundle with the limits that Kogata accepts by default. */
    public static Bundle open(Path folder) {
        return open(folder, ScanLimits.DEFAULT);
    }

    /** Opens a bundle. */
    public static Bundle open(Path folder, ScanLimits limits) {
        Path root;
        try {
            root = folder.toRealPath();
        } catch (IOException e) {
            throw Refusals.layoutUnknown("There is no folder %s.".formatted(Refusals.shown(folder.toString())));
        }
        if (!Files.isDirectory(root)) {
            throw Refusals.layoutUnknown("%s is no folder. Name the folder that holds the model's ONNX files.".formatted(Refusals.shown(folder.toString())));
        }
        List<String> files = BundleFiles.list(root, limits);
        List<ModelFile> models = files.stream().filter(f -> f.endsWith(".onnx")).map(f -> ModelFile.open(root, f, limits)).toList();
        Map<Kind, ModelFile> found = new EnumMap<>(Kind.class);
        found.putAll(ComponentFinder.find(models));
        if (!found.containsKey(Kind.DECODER) && !found.containsKey(Kind.VISION_ENCODER)) {
            throw Refusals.layoutUnknown(("No model was found in %d ONNX files of %d files: looked for a decoder (a graph whose cache inputs such as "
                    + "past_key_values.0.key, of rank 4, have outputs such as present.0.key), a vision encoder (an input pixel_values) and "
                    + "token embeddings (input_ids to embeddings).").formatted(models.size(), files.size()));
        }
        return new Bundle(root, files, found, EnumSet.of(found.containsKey(Kind.DECODER) ? Kind.DECODER : Kind.VISION_ENCODER));
    }

    /** The same bundle with the weights of these parts among its own. */
    public Bundle including(Collection<Kind> parts) {
        EnumSet<Kind> all = EnumSet.copyOf(scan.searched());
        all.addAll(parts);
        return all.equals(scan.searched()) ? this : new Bundle(root, files, models, all);
    }

    /** The same with the parts that these weights belong to; what is no weight of the bundle counts for nothing. */
    public Bundle covering(Collection<String> ids) {
        Set<String> wanted = Set.copyOf(ids);
        return including(scan.includable().stream().filter(w -> wanted.contains(w.id())).map(WeightMatrix::part).collect(Collectors.toSet()));
    }

    /** Weights of other parts, which {@link #including} makes the bundle's own. */
    public List<WeightMatrix> includable() {
        return scan.includable();
    }

    /** Whether the vision encoder's file holds weights of the bundle, beside a decoder: what it gives is then not to be computed once. */
    public boolean sees() {
        return decoder().isPresent() && model(Kind.VISION_ENCODER).filter(weightFiles()::contains).isPresent();
    }

    /** The folder, free of links. */
    public Path root() {
        return root;
    }

    /** All files, relative, with forward slashes, sorted. */
    public List<String> files() {
        return files;
    }

    /** {@code optimum}, {@code genai}, {@code standard-attention} or {@code encoder-only}. */
    public String layout() {
        return scan.layout();
    }

    /** The parts that were found. */
    public List<Component> components() {
        return scan.components();
    }

    /** The ONNX file of a part, if the bundle has it. */
    public Optional<ModelFile> model(Kind kind) {
        return Optional.ofNullable(models.get(kind));
    }

    /** The decoder's file; absent in a bundle that is an encoder only. */
    public Optional<ModelFile> decoder() {
        return model(Kind.DECODER);
    }

    /** The weights that can be pruned, in graph order: the decoder's; without one, the vision encoder's. */
    public List<WeightMatrix> weights() {
        return scan.weights();
    }

    /** The ONNX file that a weight stands in. */
    public ModelFile file(WeightMatrix weight) {
        return models.values().stream().filter(m -> m.name().equals(weight.file())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the bundle has no model " + weight.file()));
    }

    /** The files that hold weights, in the order of the weights. */
    public List<ModelFile> weightFiles() {
        return weights().stream().map(this::file).distinct().toList();
    }

    /** The weight with that id. */
    public WeightMatrix weight(String id) {
        return weights().stream().filter(w -> w.id().equals(id)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the bundle has no weight " + id));
    }

    /** The caches, by block. */
    public List<CacheLayer> cacheLayers() {
        return scan.cacheLayers();
    }

    /**
     * The decoder for whole sequences with empty caches, every cache that can be rewritten in the form that rewriting knows:
     * what searching runs on.
     */
    public ModelProto plainDecoder() {
        ModelProto model = decoder().orElseThrow(() -> new IllegalArgumentException("the bundle has no decoder")).model();
        return PlainCaches.of(MergedDecoder.graphs(model).get(0), cacheLayers().stream().filter(l -> l.widths().size() > 1).map(CacheLayer::names).toList());
    }

    /** The tensors that are never pruned, largest first. */
    public List<UntouchedTensor> untouched() {
        return scan.untouched();
    }

    /** Bytes of all tensors that are never pruned, in all parts. */
    public long untouchedBytes() {
        return scan.untouched().stream().mapToLong(UntouchedTensor::bytes).sum();
    }

    /** What is left alone and why, in sentences. */
    public List<String> remarks() {
        return scan.remarks();
    }

    /** Last dimension of the logits; 0 without a decoder. */
    public int vocabularySize() {
        return scan.vocabularySize();
    }

    /** Width of an embedding that the decoder takes; 0 where it takes token ids, or without a decoder. */
    public int hiddenSize() {
        return scan.hiddenSize();
    }

    /** Name of the activations that a weight multiplies; absent where it stands in a subgraph. */
    public Optional<String> inputName(WeightMatrix weight) {
        return Optional.ofNullable(scan.inputNames().get(weight.id()));
    }

    /** Reads a weight as (out, in) in float32. */
    public Matrix read(WeightMatrix weight) {
        return WeightValues.decode(weight, stored(weight));
    }

    /** A weight's bytes as stored: its own type and layout, little endian, read-only. */
    public ByteBuffer stored(WeightMatrix weight) {
        TensorProto tensor = weightTensors.get(weight.id());
        if (tensor == null) {
            throw new IllegalArgumentException("the bundle has no weight " + weight.id());
        }
        return file(weight).values(tensor);
    }

    /** Brings (out, in) float32 values into the stored type and layout of a weight. */
    public ByteBuffer encode(WeightMatrix weight, Matrix values) {
        return WeightValues.encode(weight, values);
    }

    /**
     * Values that are 0.0 already, of every output row in order; empty where there are none at all. Reads the weight.
     *
     * @throws dev.kogata.core.RefusedInput WEIGHT_NOT_FINITE where it holds NaN or infinity
     */
    public int[] zerosByOutputRow(WeightMatrix weight) {
        return WeightValues.zerosByOutputRow(weight, stored(weight));
    }
}
