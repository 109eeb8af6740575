package dev.kogata.quantizer;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.common.v1.Encoding;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.Workload;
import dev.kogata.core.prune.Matrix;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sparse.SparseFolder;
import dev.kogata.onnx.sparse.SparseWeight;
import dev.kogata.quantizer.v1.WriteBundleRequest;
import dev.kogata.quantizer.v1.WriteBundleResult;
import dev.kogata.quantizer.v1.WrittenCacheLayer;
import dev.kogata.quantizer.v1.WrittenWeight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes the delivered folders of one plan, and counts what is in them on the values that were written. */
final class WriteBundleTask {
    private final TaskContext context;

    WriteBundleTask(TaskContext context) {
        this.context = context;
    }

    WriteBundleResult run(WriteBundleRequest request) throws Exception {
        Bundle original = Bundle.open(context.folder(request.getModel())).covering(request.getPlan().getWeightsList().stream().map(ElasticWeightPlan::getWeight).toList());
        Workload workload = new Workload(request.getWorkload().getBatch(), request.getWorkload().getContext());
        Map<Integer, float[]> factors = CacheRangeFile.keyFactors(context.file(request.getCalibration(), "calibration.safetensors"), original);
        Map<Integer, List<NativeScales>> scales = CacheRangeFile.nativeScales(context.file(request.getCalibration(), "calibration.safetensors"), original);
        Map<Integer, CacheLayerPlan> plans = new HashMap<>();
        request.getPlan().getLayersList().forEach(l -> plans.put(l.getLayer(), l));
        Path result = Files.createDirectories(context.workFolder().resolve("result"));
        WriteBundleResult.Builder answer = WriteBundleResult.newBuilder().setUntouchedBytes(original.untouchedBytes());
        long total = original.untouchedBytes();
        try (Safetensors weights = Safetensors.open(context.file(request.getWeights(), "weights.safetensors"))) {
            context.progress(0.1, "counting nonzeros");
            for (WeightMatrix weight : original.weights()) {
                WrittenWeight written = count(weight, WeightFile.read(weights, weight));
                answer.addWeights(written);
                total += written.getBytes();
            }
            context.progress(0.3, "writing the bundle");
            List<DeliveredCache> caches = new ArrayList<>();
            for (CacheLayer layer : original.cacheLayers()) {
                CacheLayerPlan plan = plans.getOrDefault(layer.layer(), CacheLayerPlan.getDefaultInstance());
                WrittenCacheLayer written = cache(layer, plan, workload, request.getFormatsList());
                answer.addLayers(written);
                total += written.getCacheBytes();
                caches.add(plan.getCacheFormat() == CacheFormat.NATIVE ? new DeliveredCache(layer.layer(), scales(layer, plan, scales))
                        : new DeliveredCache(layer.layer(), plan.getKeyBits(), plan.getValueBits(), factors.getOrDefault(layer.layer(), new float[0])));
            }
            new BundleWriter(original).write(result.resolve("bundle"), weight -> Optional.of(stored(original, weights, weight)), caches);
        }
        context.progress(0.7, "writing the bundle at rest");
        Map<String, Encoding> encodings = new HashMap<>();
        answer.getWeightsList().forEach(w -> encodings.put(w.getId(), w.getEncoding()));
        SparseFolder.write(result.resolve("bundle"), result.resolve("sparse"), original.weights().stream()
                .filter(w -> encodings.get(w.id()) == Encoding.SPARSE_BITMASK)
                .map(w -> new SparseWeight(w.file(), w.name()))
                .toList());
        return answer.setTotalBytes(total).setFiles(context.manifests().store(result)).build();
    }

    private ByteBuffer stored(Bundle original, Safetensors weights, WeightMatrix weight) {
        context.throwIfStopped();
        try {
            return original.encode(weight, WeightFile.read(weights, weight));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static WrittenWeight count(WeightMatrix weight, Matrix values) {
        long zeros = 0;
        for (float value : values.values()) {
            zeros += value == 0 ? 1 : 0;
        }
        WeightShape shape = new WeightShape(weight.id(), weight.layer(), weight.outputs(), weight.inputs(), weight.rows(), weight.columns(), weight.valueBytes());
        long nonzeros = shape.values() - zeros;
        return WrittenWeight.newBuilder()
                .setId(weight.id())
                .setZeros(zeros)
                .setEncoding(shape.sparseBytes(nonzeros) < shape.denseBytes() ? Encoding.SPARSE_BITMASK : Encoding.DENSE)
                .setBytes(shape.bytes(nonzeros))
                .build();
    }

    private static NativeScales scales(CacheLayer layer, CacheLayerPlan plan, Map<Integer, List<NativeScales>> scales) {
        return scales.getOrDefault(layer.layer(), List.of()).stream().filter(s -> s.bits() == plan.getKeyBits() && s.bits() == plan.getValueBits()).findFirst()
                .orElseThrow(() -> KogataException.invalid("plan", "The plan wants a native cache of %d and %d bits in layer %d, for which there are no static scales."
                        .formatted(plan.getKeyBits(), plan.getValueBits(), layer.layer())));
    }

    private static WrittenCacheLayer cache(CacheLayer layer, CacheLayerPlan plan, Workload workload, List<CacheFormat> formats) {
        boolean isNative = plan.getCacheFormat() == CacheFormat.NATIVE;
        CacheShape shape = new CacheShape(layer.layer(), layer.kvHeads(), layer.headSize(), layer.valueBytes(), layer.groupSize(),
                isNative ? List.of(CacheShape.AS_IS) : layer.widths(), isNative ? layer.nativeWidths() : List.of());
        boolean asIs = plan.getKeyBits() == 0 && plan.getValueBits() == 0;
        boolean lacking = formats.contains(CacheFormat.NATIVE) && !layer.nativeObstacle().isEmpty();
        return WrittenCacheLayer.newBuilder()
                .setLayer(layer.layer())
                .setKeyBits(plan.getKeyBits())
                .setValueBits(plan.getValueBits())
                .setCacheFormat(asIs ? CacheFormat.AS_IS : isNative ? CacheFormat.NATIVE : CacheFormat.PORTABLE)
                .setCacheBytes(shape.bytes(plan.getKeyBits(), plan.getValueBits(), workload))
                .setWhy(lacking ? "It cannot be native: " + layer.nativeObstacle() + "." : "")
                .build();
    }
}
