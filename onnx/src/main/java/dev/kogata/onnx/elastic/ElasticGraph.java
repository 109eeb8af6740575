package dev.kogata.onnx.elastic;

import dev.kogata.core.RefusedInput;
import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataLocation;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.RotaryPairs;
import dev.kogata.onnx.graph.TensorFile;
import dev.kogata.onnx.graph.ValueInfos;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Builds the elastic graph of one part of a bundle, a decoder or an encoder: the same computation, with what a search changes as small inputs and what
 * calibration measures as further outputs. Every option is off at first; the caches' outputs are dropped, since every pass
 * starts from empty caches. Not thread-safe; one use.
 */
public final class ElasticGraph {
    private static final String DATA = "kogata.elastic.data";
    private static final String BANK = "kogata.bank.data";

    private final Bundle bundle;
    private final ModelFile part;
    private final boolean decodes;
    private final List<CacheLayer> caches;
    private Map<String, ByteBuffer> levels = Map.of();
    private Path bankFile;
    private Map<Integer, float[]> keyFactors;
    private Map<Integer, List<NativeScales>> natives = Map.of();
    private Map<String, Matrix> replaced = Map.of();
    private IntPredicate measuredLayers = layer -> false;
    private IntPredicate multipliedLayers = layer -> false;
    private boolean statistics;
    private boolean answers;
    private boolean features;

    private ElasticGraph(Bundle bundle, ModelFile part) {
        this.bundle = bundle;
        this.part = part;
        this.decodes = bundle.decoder().filter(part::equals).isPresent();
        this.caches = decodes ? bundle.cacheLayers() : List.of();
    }

    /** Starts from a bundle's decoder. */
    public static ElasticGraph of(Bundle bundle) {
        return of(bundle, bundle.decoder().orElseThrow(() -> new IllegalArgumentException("the bundle has no decoder")));
    }

    /** Starts from one of a bundle's parts; of its weights those of this file are meant. */
    public static ElasticGraph of(Bundle bundle, ModelFile part) {
        return new ElasticGraph(bundle, part);
    }

    /**
     * Makes weights elastic.
     *
     * @param levelsByWeight by weight id: one level for each element, uint8 in the weight's stored layout; see
     *     {@link ElasticSession#with} for what they mean
     */
    public ElasticGraph levels(Map<String, ByteBuffer> levelsByWeight) {
        this.levels = Map.copyOf(levelsByWeight);
        return this;
    }

    /** Makes all weights elastic as a bank, instead of {@link #levels}: the file of {@link BankFile}, linked beside the graph and mapped from there. */
    public ElasticGraph bank(Path file) {
        this.bankFile = file;
        return this;
    }

    /**
     * Makes cache widths elastic.
     *
     * @param keyFactorsByLayer by layer: factors (heads, channels) that keys are divided by before they are quantized; a layer
     *     without an entry is not divided
     */
    public ElasticGraph cacheWidths(Map<Integer, float[]> keyFactorsByLayer) {
        this.keyFactors = Map.copyOf(keyFactorsByLayer);
        return this;
    }

    /**
     * Lets caches be native, too: see {@link ElasticSession#with(dev.kogata.core.budget.ElasticPlan, Set)}.
     *
     * @param scalesByLayer by layer: versions of static scales that can be chosen; without an entry for a layer that offers none
     */
    public ElasticGraph nativeCaches(Map<Integer, List<NativeScales>> scalesByLayer) {
        this.natives = Map.copyOf(scalesByLayer);
        return this;
    }

    /** Computes with other values of some weights, by id. */
    public ElasticGraph replaced(Map<String, Matrix> valuesByWeight) {
        this.replaced = Map.copyOf(valuesByWeight);
        return this;
    }

    /** Gives the sums of squares of the inputs of the weights of these layers. */
    public ElasticGraph inputNorms(IntPredicate layers) {
        this.measuredLayers = layers;
        return this;
    }

    /** Gives the products {@code X^T X} of the inputs of the weights of these layers: of each distinct input one matrix. */
    public ElasticGraph inputProducts(IntPredicate layers) {
        this.multipliedLayers = layers;
        return this;
    }

    /** Gives what {@link CacheStatistics} reads: the largest keys (after rotary embedding) and values of every layer, head and channel, and some as they are. */
    public ElasticGraph cacheStatistics() {
        this.statistics = true;
        return this;
    }

    /** Gives logits at chosen positions. */
    public ElasticGraph answerLogits() {
        this.answers = true;
        return this;
    }

    /** Gives the first output of an encoder, its features, in float32. */
    public ElasticGraph features() {
        this.features = true;
        return this;
    }

    /**
     * Writes the graph with its own data into a folder that must exist; the original's data is linked into it, or copied
     * where the file system cannot link.
     */
    public ElasticModel write(Path folder) throws IOException {
        GraphEditor editor = new GraphEditor(decodes ? bundle.plainDecoder() : part.model());
        Set<String> outputs = new HashSet<>();
        List<WeightMatrix> own = bundle.weights().stream().filter(w -> w.file().equals(part.name())).toList();
        List<WeightMatrix> elastic = own.stream().filter(w -> bankFile != null || levels.containsKey(w.id())).toList();
        int versions = 0;
        Map<String, String> norms = new LinkedHashMap<>();
        Map<String, String> products = new LinkedHashMap<>();
        Map<Integer, ElasticModel.Statistics> statisticNames = new LinkedHashMap<>();
        try (TensorFile data = new TensorFile(folder, DATA)) {
            for (WeightMatrix weight : own) {
                if (replaced.containsKey(weight.id())) {
                    editor.initializer(data.append(weight.name(), weight.type().number(), List.of((long) weight.rows(), (long) weight.columns()),
                            bundle.encode(weight, replaced.get(weight.id()))));
                }
            }
            if (bankFile == null) {
                new ElasticWeights(editor).add(elastic, levels, data);
            }
        }
        if (bankFile != null) {
            try (BankFile bank = BankFile.open(bankFile)) {
                versions = bank.grid().versions();
                new ElasticWeights(editor).addBank(elastic, bank, BANK);
            }
            link(bankFile, folder.resolve(BANK));
        }
        if (keyFactors != null && decodes) {
            new ElasticCaches(editor).add(caches, keyFactors, natives);
        }
        Measurements measurements = new Measurements(editor);
        for (WeightMatrix weight : own) {
            if (measuredLayers.test(weight.layer())) {
                norms.put(weight.id(), measurements.norm(weight, inputOf(weight)));
            }
            if (multipliedLayers.test(weight.layer())) {
                products.put(weight.id(), measurements.product(weight, inputOf(weight)));
            }
        }
        if (statistics) {
            GraphView asItCame = new GraphView(MergedDecoder.graphs(part.model()).get(0).getGraph());
            for (CacheLayer layer : caches) {
                measurements.statistics(layer, RotaryPairs.of(asItCame, editor.original(), layer.names())).ifPresent(s -> statisticNames.put(layer.layer(), s));
            }
        }
        outputs.addAll(norms.values());
        outputs.addAll(products.values());
        statisticNames.values().forEach(s -> List.of(s.key(), s.value()).forEach(side -> outputs.addAll(List.of(side.textMaximum(), side.imageMaximum(), side.rows()))));
        if (answers) {
            outputs.add(new AnswerLogits(editor, bundle).add());
        }
        if (features) {
            outputs.add(features(editor));
        }
        editor.keepOutputs(outputs);
        ModelProto model = editor.buildNeeded();
        Path file = folder.resolve("elastic.onnx");
        try (OutputStream out = Files.newOutputStream(file)) {
            model.writeTo(out);
        }
        linkData(model, folder);
        return new ElasticModel(file, part.name(), versions == 0 ? ElasticModel.Form.LEVEL_MAP : ElasticModel.Form.BANK, versions, elastic, bundle.weights(), caches,
                keyFactors != null && decodes, natives, answers, bundle.vocabularySize(),
                caches.stream().mapToInt(CacheLayer::headSize).findFirst().orElse(0), norms, products, statisticNames);
    }

    private static String features(GraphEditor editor) {
        ValueInfoProto first = editor.original().graph().getOutput(0);
        editor.add("Cast", List.of(first.getName()), List.of(ElasticModel.FEATURES), Attributes.of("to", DataType.FLOAT_VALUE));
        editor.output(ValueInfos.tensor(ElasticModel.FEATURES, DataType.FLOAT, ValueInfos.dimensions(first).toArray()));
        return ElasticModel.FEATURES;
    }

    private String inputOf(WeightMatrix weight) {
        Optional<String> name = bundle.inputName(weight);
        return name.orElseThrow(() -> new RefusedInput("MODEL_UNSUPPORTED",
                "The weight %s is used in a subgraph or more than once, where its inputs cannot be measured.".formatted(weight.id()),
                Map.of("file", part.name())));
    }

    private void linkData(ModelProto model, Path folder) throws IOException {
        Set<String> own = Set.of(DATA, BANK);
        Set<String> linked = new HashSet<>();
        List<TensorProto> external = new ArrayList<>(model.getGraph().getInitializerList());
        external.removeIf(t -> t.getDataLocation() != DataLocation.EXTERNAL
                || t.getExternalDataList().stream().anyMatch(e -> e.getKey().equals("location") && own.contains(e.getValue())));
        for (TensorProto tensor : external) {
            var data = part.external(tensor);
            if (linked.add(data.location())) {
                Path target = folder.resolve(data.location());
                Files.createDirectories(target.getParent());
                link(data.file(), target);
            }
        }
    }

    private static void link(Path file, Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(file, target); // another file system, or one without links
        }
    }
}
