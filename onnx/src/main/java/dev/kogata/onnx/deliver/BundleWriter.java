package dev.kogata.onnx.deliver;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.GraphView;
import dev.kogata.onnx.graph.MergedDecoder;
import dev.kogata.onnx.graph.NativeCaches;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.PlainCaches;
import dev.kogata.onnx.graph.PortableCache;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes a compressed bundle: the original's files under their names, weights replaced at the very places where they stand,
 * caches of the decoder rewritten into the portable or the native format. Not thread-safe.
 */
public final class BundleWriter {
    private final Bundle original;
    /** The files that change: those of weights, and the decoder, which holds the caches. */
    private final Set<ModelFile> models;

    /** Starts from a bundle. */
    public BundleWriter(Bundle original) {
        this.original = original;
        this.models = new LinkedHashSet<>(original.weightFiles());
        original.decoder().ifPresent(models::add);
    }

    /**
     * Writes into a folder that is empty or does not exist.
     *
     * @param weights for each weight its new values in its stored type and layout, little endian, or nothing for as it is;
     *     asked for one weight after the other
     * @param caches widths of the layers' caches; a layer without an entry stays as it is
     */
    public void write(Path folder, Function<WeightMatrix, Optional<ByteBuffer>> weights, List<DeliveredCache> caches) throws IOException {
        Set<String> changed = models.stream().map(ModelFile::name).collect(Collectors.toSet());
        for (String file : original.files()) {
            Path target = folder.resolve(file);
            Files.createDirectories(target.getParent());
            if (!changed.contains(file)) {
                copy(original.root().resolve(file), target);
            }
        }
        for (ModelFile model : models) {
            write(model, folder, weights, original.decoder().filter(model::equals).isPresent() ? caches : List.of());
        }
        if (caches.stream().anyMatch(c -> c.scales().isEmpty() && (c.keyBits() > 0 || c.valueBits() > 0))) {
            GenaiConfig.withGrowingCache(folder);
        }
    }

    private void write(ModelFile file, Path folder, Function<WeightMatrix, Optional<ByteBuffer>> weights, List<DeliveredCache> caches) throws IOException {
        List<TensorProto> replaced = new ArrayList<>();
        try (DeliveredData data = new DeliveredData(file, folder)) {
            for (WeightMatrix weight : original.weights()) {
                Optional<ByteBuffer> values = weight.file().equals(file.name()) ? weights.apply(weight) : Optional.empty();
                if (values.isPresent()) {
                    replaced.add(data.replace(weight, values.get()));
                }
            }
        }
        List<ModelProto> written = MergedDecoder.graphs(file.model()).stream().map(graph -> rewritten(graph, replaced, caches)).toList();
        ModelProto model = written.size() == 1 ? written.get(0) : MergedDecoder.of(file.model()).orElseThrow().merge(written.get(0), written.get(1));
        try (OutputStream out = Files.newOutputStream(folder.resolve(file.name()))) {
            model.writeTo(out);
        }
    }

    private ModelProto rewritten(ModelProto graph, List<TensorProto> replaced, List<DeliveredCache> caches) {
        GraphView view = new GraphView(graph.getGraph());
        List<PlainCaches.Layer> plain = caches.stream().filter(c -> c.keyBits() > 0 || c.valueBits() > 0)
                .filter(c -> c.scales().isEmpty() || PlainCaches.groupQuery(view, layer(c).names()).isEmpty()).map(c -> layer(c).names()).toList();
        GraphEditor editor = new GraphEditor(PlainCaches.of(graph, plain));
        replaced.forEach(editor::initializer);
        caches.stream().filter(c -> c.scales().isEmpty()).forEach(cache -> rewrite(editor, cache));
        List<DeliveredCache> natives = caches.stream().filter(c -> c.scales().isPresent()).toList();
        if (!natives.isEmpty()) {
            NativeCaches rewriting = new NativeCaches(editor);
            for (DeliveredCache cache : natives) {
                CacheLayer layer = layer(cache);
                rewriting.rewrite(layer.names(), layer.kvHeads(), offered(layer, cache.scales().orElseThrow()), PlainCaches.ignoresPast(view, layer.names()));
            }
        }
        return editor.build();
    }

    private void rewrite(GraphEditor editor, DeliveredCache cache) {
        CacheLayer layer = layer(cache);
        for (int bits : new int[] {cache.keyBits(), cache.valueBits()}) {
            if (!layer.widths().contains(bits)) {
                throw new IllegalArgumentException("%d bits for the cache of layer %d, which offers %s".formatted(bits, layer.layer(), layer.widths()));
            }
        }
        if (cache.keyBits() > 0) {
            Optional<float[]> factors = cache.keyFactors().length == 0 ? Optional.empty() : Optional.of(cache.keyFactors());
            new PortableCache(editor, layer.key().input(), layer.key().output(), layer.headSize(), layer.groupSize(), cache.keyBits()).rewrite(factors, layer.kvHeads());
        }
        if (cache.valueBits() > 0) {
            new PortableCache(editor, layer.value().input(), layer.value().output(), layer.headSize(), layer.groupSize(), cache.valueBits())
                    .rewrite(Optional.empty(), layer.kvHeads());
        }
    }

    private static NativeScales offered(CacheLayer layer, NativeScales scales) {
        if (!layer.nativeWidths().contains(scales.bits())) {
            throw new IllegalArgumentException("a native cache of %d bits for layer %d, which offers %s".formatted(scales.bits(), layer.layer(), layer.nativeWidths()));
        }
        return scales;
    }

    private CacheLayer layer(DeliveredCache cache) {
        return original.cacheLayers().stream().filter(l -> l.layer() == cache.layer()).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("layer %d has no cache".formatted(cache.layer())));
    }

    /** A plain copy: the target's permissions are the folder's, since exporters leave files that only their owner may read. */
    private static void copy(Path source, Path target) throws IOException {
        try (OutputStream out = Files.newOutputStream(target)) {
            Files.copy(source, out);
        }
    }
}
