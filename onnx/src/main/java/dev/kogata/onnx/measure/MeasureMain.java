package dev.kogata.onnx.measure;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.sample.ProjectedFeatures;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.Scorer;
import dev.kogata.onnx.score.SeeingDecoder;
import dev.kogata.onnx.score.ExecutionProvider;
import dev.kogata.onnx.score.Sessions;
import dev.kogata.onnx.score.StockDecoder;
import dev.kogata.onnx.score.StockEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures one bundle and prints a {@link Measurement} as one line of JSON. Run in a process of its own: memory is the whole
 * process's, and nothing that ran before can have warmed a cache. The first line of standard input is a {@link MeasureRequest} in JSON; where
 * standard input ends, so does this process, that it never outlives who started it.
 */
public final class MeasureMain {
    static final int WARM_UP = 2;
    static final int REPETITIONS = 7;
    /** Property with the name of the {@link ExecutionProvider}. */
    static final String PROVIDER = "kogata.measure.provider";
    private static final ObjectMapper JSON = new ObjectMapper();

    private MeasureMain() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        MeasureRequest request = JSON.readValue(in.readLine(), MeasureRequest.class);
        Thread watch = new Thread(() -> endWith(in), "watch-starter");
        watch.setDaemon(true);
        watch.start();
        Sessions.use(ExecutionProvider.valueOf(System.getProperty(PROVIDER, ExecutionProvider.CPU.name())));
        System.out.println(JSON.writeValueAsString(request.decoder() == null ? EncoderMeasurement.of(request) : measure(request)));
        // ONNX Runtime's threads would keep the process a while.
        System.exit(0);
    }

    private static void endWith(BufferedReader in) {
        try {
            while (in.readLine() != null) {
                // Nothing more is expected.
            }
        } catch (IOException e) {
            // As good as its end.
        }
        Runtime.getRuntime().halt(1);
    }

    private static Measurement measure(MeasureRequest request) throws IOException, OrtException {
        Sample sample = SampleSetFile.read(Path.of(request.prompt())).stream().max(Comparator.comparingInt(Sample::length)).orElseThrow();
        int prompt = request.promptTokens() == 0 ? sample.length() : request.promptTokens();
        long start = System.nanoTime();
        List<OrtSession> parts = new ArrayList<>();
        for (String part : request.parts()) {
            parts.add(Sessions.open(Path.of(part), request.threads()));
        }
        OrtSession decoder = Sessions.open(Path.of(request.decoder()), request.threads());
        double load = seconds(start);
        double[] prefill = new double[REPETITIONS];
        for (int i = -WARM_UP; i < REPETITIONS; i++) {
            try (DecodingRun run = run(decoder, request, sample)) {
                long before = System.nanoTime();
                run.next(prompt);
                prefill[Math.max(i, 0)] = seconds(before);
            }
        }
        double[] steps = new double[request.decodeTokens()];
        long cacheBytes;
        int cacheTokens;
        try (DecodingRun run = run(decoder, request, sample)) {
            run.next(prompt);
            for (int i = -MeasureRequest.WARM_UP_TOKENS; i < steps.length; i++) {
                long before = System.nanoTime();
                run.next(1);
                steps[Math.max(i, 0)] = seconds(before);
            }
            cacheBytes = run.cacheBytes();
            cacheTokens = run.length();
        }
        long peak = peakResidentBytes();
        StepsAgainstPrefill steady = StepsAgainstPrefill.of(decoder, request.headSize(), sample);
        decoder.close();
        for (OrtSession part : parts) {
            part.close();
        }
        return new Measurement(peak, cacheBytes, cacheTokens, median(prefill), prompt, median(steps), steps.length, load, request.threads(), steady.largest(), steady.most(),
                qualities(request), 0, Map.of());
    }

    private static DecodingRun run(OrtSession decoder, MeasureRequest request, Sample sample) throws OrtException {
        return DecodingRun.start(decoder, request.headSize(), sample.tokens(), sample.embeddings(), sample.hidden());
    }

    private static Map<String, Quality> qualities(MeasureRequest request) throws IOException, OrtException {
        Map<String, Quality> qualities = new LinkedHashMap<>();
        for (MeasureRequest.Set set : request.sets()) {
            List<Sample> samples = SampleSetFile.read(Path.of(set.samples()));
            Scorer scorer = new Scorer(samples, ReferenceFile.open(Path.of(set.reference()), samples), Batching.DEFAULT, request.threads());
            try (StockDecoder stock = StockDecoder.open(Path.of(request.decoder()), 1, request.headSize())) {
                qualities.put(set.name(), request.seeing() == null ? scorer.quality(stock) : seeing(request, scorer, stock));
            }
        }
        return qualities;
    }

    private static Quality seeing(MeasureRequest request, Scorer scorer, StockDecoder stock) throws OrtException {
        Bundle bundle = Bundle.open(Path.of(request.seeing()));
        try (StockEncoder encoder = StockEncoder.open(bundle.model(Component.Kind.VISION_ENCODER).orElseThrow().path(), 1);
                ProjectedFeatures projected = ProjectedFeatures.open(bundle, 1)) {
            return scorer.quality(new SeeingDecoder(stock, projected.of(encoder)));
        }
    }

    /** The kernel's high-water mark of this process's resident memory. */
    static long peakResidentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("this system does not tell the peak memory of a process");
    }

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
