package dev.kogata.onnx.elastic;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.FeatureSource;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.onnx.score.PixelInput;
import dev.kogata.onnx.score.Sessions;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One ONNX Runtime session on an elastic graph of a vision encoder: what {@link ElasticSession} is for a decoder. Pictures run one
 * by one, since exporters may fix an encoder's batch. Safe for use by several threads; to be closed when no pass is running.
 */
public final class ElasticEncoder implements AutoCloseable {
    private final ElasticModel model;
    private final OrtSession session;
    private final PixelInput input;

    private ElasticEncoder(ElasticModel model, OrtSession session) throws OrtException {
        this.model = model;
        this.session = session;
        this.input = PixelInput.of(session);
    }

    /** @param threads threads that one pass may use, at least 1 */
    public static ElasticEncoder open(ElasticModel model, int threads) throws OrtException {
        OrtSession session = Sessions.open(model.file(), threads);
        try {
            return new ElasticEncoder(model, session);
        } catch (OrtException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** The encoder under a plan, of which its own weights are taken; the graph must have been written with features. */
    public FeatureSource with(ElasticPlan plan) {
        WeightChoice choice = WeightChoice.of(model, plan);
        return picture -> {
            try {
                return run(choice, picture, Set.of(ElasticModel.FEATURES)).get(ElasticModel.FEATURES);
            } catch (OrtException e) {
                throw new IllegalStateException("the elastic encoder failed on a picture: %s".formatted(e.getMessage()), e);
            }
        };
    }

    /** Sums over all pictures of the samples of what calibration reads: output name to values. All weights as the graph has them. */
    Map<String, float[]> measure(List<Sample> samples) throws OrtException {
        WeightChoice dense = WeightChoice.of(model, new ElasticPlan(model.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(), List.of()));
        Map<String, float[]> sums = new HashMap<>();
        for (Sample sample : samples) {
            for (Pixels picture : sample.images()) {
                run(dense, picture, session.getOutputNames()).forEach((name, values) -> sums.merge(name, values, ElasticEncoder::sum));
            }
        }
        return sums;
    }

    private static float[] sum(float[] a, float[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += b[i];
        }
        return a;
    }

    private Map<String, float[]> run(WeightChoice choice, Pixels picture, Set<String> outputs) throws OrtException {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        try {
            feed.put(input.name(), input.tensor(picture));
            if (session.getInputNames().contains(choice.input())) {
                feed.put(choice.input(), choice.tensor(Sessions.environment()));
            }
            Map<String, float[]> values = new HashMap<>();
            try (OrtSession.Result result = ModelRuns.run(session, feed, outputs)) {
                for (String name : outputs) {
                    FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
                    float[] copy = new float[buffer.remaining()];
                    buffer.get(copy);
                    values.put(name, copy);
                }
            }
            return values;
        } finally {
            feed.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
