package dev.kogata.onnx.measure;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Seconds of decoding one token on caches of given lengths, the bundle as it came against its caches portable and native, taking
 * turns in one process: {@code CacheLatencyMain BUNDLE THREADS TOKENS...}. One line of JSON for each length and variant. What
 * is in the caches does not matter for time: they hold zeros.
 */
public final class CacheLatencyMain {
    private static final int ROUNDS = 300;
    private static final int WARM_UP = 6;
    private static final float ANY_SCALE = 0.05f;

    private CacheLatencyMain() {}

    /** Measures and prints. */
    public static void main(String[] arguments) throws IOException, OrtException {
        Bundle bundle = Bundle.open(Path.of(arguments[0]));
        int threads = Integer.parseInt(arguments[1]);
        int[] lengths = Arrays.stream(arguments).skip(2).mapToInt(Integer::parseInt).toArray();
        Map<String, OrtSession> variants = new LinkedHashMap<>();
        variants.put("as it came", Sessions.open(bundle.decoder().orElseThrow().path(), threads));
        for (int bits : new int[] {8, 4}) {
            variants.put("native " + bits, open(bundle, threads, layer -> layer.nativeWidths().contains(bits)
                    ? new DeliveredCache(layer.layer(), scales(layer, bits)) : new DeliveredCache(layer.layer(), 0, 0)));
        }
        variants.put("portable 4", open(bundle, threads, layer -> layer.widths().contains(4) ? new DeliveredCache(layer.layer(), 4, 4) : new DeliveredCache(layer.layer(), 0, 0)));
        for (int length : lengths) {
            measure(bundle, variants, length);
        }
        for (OrtSession session : variants.values()) {
            session.close();
        }
    }

    /** How one layer's cache is delivered. */
    private interface Delivery {
        DeliveredCache of(CacheLayer layer);
    }

    private static OrtSession open(Bundle bundle, int threads, Delivery delivery) throws IOException, OrtException {
        Path folder = Files.createTempDirectory("kogata-latency");
        try {
            new BundleWriter(bundle).write(folder, weight -> Optional.empty(), bundle.cacheLayers().stream().map(delivery::of).toList());
            return Sessions.open(folder.resolve(bundle.decoder().orElseThrow().name()), threads);
        } finally {
            try (Stream<Path> written = Files.walk(folder)) {
                // A session holds what it needs: the files can go while it is open.
                written.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    private static NativeScales scales(CacheLayer layer, int bits) {
        float[] scales = new float[layer.kvHeads() * layer.headSize()];
        Arrays.fill(scales, ANY_SCALE);
        return new NativeScales(bits, scales, scales);
    }

    private static void measure(Bundle bundle, Map<String, OrtSession> variants, int length) throws OrtException {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        Map<String, Map<String, OnnxTensor>> feeds = new LinkedHashMap<>();
        for (Map.Entry<String, OrtSession> variant : variants.entrySet()) {
            feeds.put(variant.getKey(), feed(bundle, variant.getValue(), length));
            seconds.put(variant.getKey(), new ArrayList<>());
        }
        for (int round = 0; round < WARM_UP + ROUNDS; round++) {
            for (Map.Entry<String, OrtSession> variant : variants.entrySet()) {
                long start = System.nanoTime();
                variant.getValue().run(feeds.get(variant.getKey())).close();
                if (round >= WARM_UP) {
                    seconds.get(variant.getKey()).add((System.nanoTime() - start) / 1e9);
                }
            }
        }
        List<Double> asItCame = seconds.get("as it came");
        for (String variant : variants.keySet()) {
            long bytes = feeds.get(variant).entrySet().stream().filter(e -> e.getKey().startsWith("past")).mapToLong(e -> e.getValue().getInfo().getNumElements() * e.getValue().getInfo().type.size).sum();
            System.out.printf(Locale.ROOT, "{\"tokens\":%d,\"cache\":\"%s\",\"median_ms\":%.4f,\"fastest_ms\":%.4f,\"times_as_fast\":%.3f,\"cache_bytes\":%d}%n", length, variant,
                    1000 * median(seconds.get(variant)), 1000 * seconds.get(variant).stream().mapToDouble(s -> s).min().orElseThrow(), speed(asItCame, seconds.get(variant)), bytes);
        }
        feeds.values().forEach(feed -> feed.values().forEach(OnnxTensor::close));
    }

    /** One token on a cache of {@code length}. */
    private static Map<String, OnnxTensor> feed(Bundle bundle, OrtSession session, int length) throws OrtException {
        OrtEnvironment environment = Sessions.environment();
        int headSize = bundle.cacheLayers().stream().mapToInt(CacheLayer::headSize).findFirst().orElse(0);
        LongBuffer mask = direct(Long.BYTES * (length + 1)).asLongBuffer();
        for (int t = 0; t <= length; t++) {
            mask.put(t, 1);
        }
        FloatBuffer embedding = direct(Float.BYTES * bundle.hiddenSize()).asFloatBuffer();
        LongBuffer token = direct(Long.BYTES).asLongBuffer(), position = direct(Long.BYTES).asLongBuffer().put(0, length);
        Map<String, OnnxTensor> feed = new LinkedHashMap<>(DecoderInputs.of(environment, session, headSize).step(
                new PaddedBatch(1, 1, bundle.hiddenSize(), embedding, token, mask, position), true));
        for (NodeInfo input : session.getInputInfo().values()) {
            if (input.getName().startsWith("past") && input.getInfo() instanceof TensorInfo info) {
                long[] shape = info.getShape();
                shape[0] = 1;
                shape[2] = length;
                shape[3] = shape[3] < 0 ? headSize : shape[3];
                long bytes = Arrays.stream(shape).reduce(1, Math::multiplyExact) * info.type.size;
                feed.put(input.getName(), OnnxTensor.createTensor(environment, direct(Math.toIntExact(bytes)), shape, info.type));
            }
        }
        return feed;
    }

    /** Median over rounds of how many times as fast: what the machine does besides meets both of a round alike. */
    private static double speed(List<Double> before, List<Double> now) {
        return median(IntStream.range(0, now.size()).mapToObj(i -> before.get(i) / now.get(i)).toList());
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
