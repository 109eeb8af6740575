package dev.kogata.onnx.measure;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.FeatureFile;
import dev.kogata.onnx.score.FeatureScorer;
import dev.kogata.onnx.score.Sessions;
import dev.kogata.onnx.score.StockEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures an encoder alone: memory, load, the pass over one picture, and its features on sets of pictures. Stateless. */
final class EncoderMeasurement {
    private EncoderMeasurement() {}

    static Measurement of(MeasureRequest request) throws IOException, OrtException {
        Pixels picture = SampleSetFile.read(Path.of(request.prompt())).get(0).images().get(0);
        long start = System.nanoTime();
        List<OrtSession> others = new ArrayList<>();
        for (String part : request.parts().subList(1, request.parts().size())) {
            others.add(Sessions.open(Path.of(part), request.threads()));
        }
        double[] passes = new double[MeasureMain.REPETITIONS];
        double load;
        long peak;
        try (StockEncoder encoder = StockEncoder.open(Path.of(request.parts().get(0)), request.threads())) {
            load = MeasureMain.seconds(start);
            for (int i = -MeasureMain.WARM_UP; i < passes.length; i++) {
                long before = System.nanoTime();
                encoder.features(picture);
                passes[Math.max(i, 0)] = MeasureMain.seconds(before);
            }
            peak = MeasureMain.peakResidentBytes();
        }
        for (OrtSession other : others) {
            other.close();
        }
        return new Measurement(peak, 0, 0, 0, 0, 0, 0, load, request.threads(), 0, 0, Map.of(), MeasureMain.median(passes), qualities(request));
    }

    private static Map<String, FeatureQuality> qualities(MeasureRequest request) throws IOException, OrtException {
        Map<String, FeatureQuality> qualities = new LinkedHashMap<>();
        // As trials run: results of sums may depend on the number of threads.
        try (StockEncoder encoder = StockEncoder.open(Path.of(request.parts().get(0)), 1)) {
            for (MeasureRequest.Set set : request.sets()) {
                List<Sample> samples = SampleSetFile.read(Path.of(set.samples()));
                qualities.put(set.name(), new FeatureScorer(samples, FeatureFile.open(Path.of(set.reference())), request.threads()).quality(encoder));
            }
        }
        return qualities;
    }
}
