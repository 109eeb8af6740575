package dev.kogata.onnx.measure;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.Scorer;
import dev.kogata.onnx.score.Sessions;
import dev.kogata.onnx.score.StockDecoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
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
    private static final int WARM_UP = 2;
    private static final int REPETITIONS = 7;
    private static final ObjectMapper JSON = new ObjectMapper();

    private MeasureMain() {}

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        MeasureRequest request = JSON.readValue(in.readLine(), MeasureRequest.class);
        Thread watch = new Thread(() -> endWith(in), "watch-starter");
        watch.setDaemon(true);
        watch.start();
        System.out.println(JSON.writeValueAsString(measure(request)));
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
        double[] differences = stepsAgainstPrefill(decoder, request, sample);
        decoder.close();
        for (OrtSession part : parts) {
            part.close();
        }
        return new Measurement(peak, cacheBytes, cacheTokens, median(prefill), prompt, median(steps), steps.length, load, request.threads(), differences[differences.length - 1], differences[9 * differences.length / 10],
                qualities(request));
    }

    private static DecodingRun run(OrtSession decoder, MeasureRequest request, Sample sample) throws OrtException {
        return DecodingRun.start(decoder, request.headSize(), sample.tokens(), sample.embeddings(), sample.hidden());
    }

    /** The second half of the sample, token by token, against the same in one pass: by token the largest difference, relative to the largest logit. */
    private static double[] stepsAgainstPrefill(OrtSession decoder, MeasureRequest request, Sample sample) throws OrtException {
        int half = sample.length() / 2;
        double largest = 0;
        double[] differences = new double[sample.length() - half];
        try (DecodingRun whole = run(decoder, request, sample); DecodingRun steps = run(decoder, request, sample)) {
            FloatBuffer expected = whole.next(sample.length());
            int vocabulary = expected.remaining() / sample.length();
            for (int i = 0; i < expected.remaining(); i++) {
                largest = Math.max(largest, Math.abs(expected.get(i)));
            }
            steps.next(half);
            for (int t = half; t < sample.length(); t++) {
                FloatBuffer actual = steps.next(1);
                for (int v = 0; v < vocabulary; v++) {
                    differences[t - half] = Math.max(differences[t - half], Math.abs(actual.get(v) - expected.get(t * vocabulary + v)));
                }
            }
        }
        double scale = largest == 0 ? 1 : largest;
        return Arrays.stream(differences).map(d -> d / scale).sorted().toArray();
    }

    private static Map<String, Quality> qualities(MeasureRequest request) throws IOException, OrtException {
        Map<String, Quality> qualities = new LinkedHashMap<>();
        for (MeasureRequest.Set set : request.sets()) {
            List<Sample> samples = SampleSetFile.read(Path.of(set.samples()));
            try (StockDecoder stock = StockDecoder.open(Path.of(request.decoder()), 1, request.headSize())) {
                qualities.put(set.name(), new Scorer(samples, ReferenceFile.open(Path.of(set.reference()), samples), Batching.DEFAULT, request.threads()).quality(stock));
            }
        }
        return qualities;
    }

    /** The kernel's high-water mark of this process's resident memory. */
    private static long peakResidentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("this system does not tell the peak memory of a process");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
