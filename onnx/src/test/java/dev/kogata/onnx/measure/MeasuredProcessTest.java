package dev.kogata.onnx.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.StockDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredProcessTest {
    private static final Path MODEL = Path.of("src/test/resources/models/nano-optimum");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    @TempDir static Path folder;
    private static MeasureRequest.Set set;

    @BeforeAll
    static void prepare() throws Exception {
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.HELDOUT, DatasetLimits.DEFAULT);
        List<Sample> samples = new ArrayList<>();
        Bundle bundle = Bundle.open(MODEL);
        try (SampleMaker maker = SampleMaker.open(bundle, 1); StockDecoder decoder = StockDecoder.open(bundle.decoder().orElseThrow().path(), 1, 0)) {
            for (Conversation conversation : dataset.conversations().subList(0, 5)) {
                samples.add(maker.make(dataset, conversation));
            }
            SampleSetFile.write(folder.resolve("samples"), samples);
            ReferenceFile.write(folder.resolve("reference"), samples, decoder, Batching.DEFAULT, done -> { });
        }
        set = new MeasureRequest.Set("held", folder.resolve("samples").toString(), folder.resolve("reference").toString());
    }

    private static MeasureRequest request(Path bundle) {
        List<String> parts = List.of(bundle.resolve("onnx/vision_encoder.onnx").toString(), bundle.resolve("onnx/embed_tokens.onnx").toString());
        return new MeasureRequest(parts, bundle.resolve("onnx/decoder_model_merged.onnx").toString(), 0, 1, set.samples(), 40, 4, List.of(set));
    }

    private static Measurement measure(MeasureRequest request, MeasuredProcess.StopCheck stop) throws Exception {
        return MeasuredProcess.run(request, folder, LIMIT, stop);
    }

    @Test
    void memoryTimeAndQualityOfDenseAndDeliveredAreMeasured() throws Exception {
        Path delivered = folder.resolve("delivered");
        Bundle original = Bundle.open(MODEL);
        new BundleWriter(original).write(delivered, weight -> Optional.empty(), List.of(new DeliveredCache(0, 2, 2), new DeliveredCache(1, 2, 2)));
        Measurement dense = measure(request(MODEL), () -> { }), packed = measure(request(delivered), () -> { });

        assertThat(dense.qualities().get("held").kl()).isLessThan(1e-9);
        assertThat(packed.qualities().get("held").kl()).isPositive();
        assertThat(dense.stepAgainstPrefill()).isLessThan(1e-5);
        assertThat(packed.stepAgainstPrefill()).isLessThan(1e-4);

        CacheLayer layer = original.cacheLayers().get(0);
        assertThat(dense.cacheTokens()).isEqualTo(packed.cacheTokens()).isGreaterThanOrEqualTo(44);
        assertThat(dense.cacheBytes()).isEqualTo(4L * dense.cacheTokens() * layer.kvHeads() * layer.headSize() * Float.BYTES);
        assertThat(packed.cacheBytes()).isEqualTo(4L * packed.cacheTokens() * layer.kvHeads() * (layer.headSize() / 4 + 4 * layer.groups()));
        assertThat(dense.peakResidentBytes()).isGreaterThan(10_000_000);
        assertThat(dense.prefillSeconds()).isPositive();
        assertThat(dense.decodeSecondsPerToken()).isPositive();
        assertThat(dense.promptTokens()).isEqualTo(40);
    }

    @Test
    void whatFailsThereIsToldHere() {
        assertThatThrownBy(() -> measure(request(folder.resolve("none")), () -> { })).isInstanceOf(IOException.class).hasMessageContaining("the measuring process ended with 1");
    }

    @Test
    void aStopEndsTheProcess() {
        assertThatThrownBy(() -> measure(request(MODEL), () -> {
            throw new CancellationException("stopped");
        })).hasMessage("stopped");
        assertThat(children()).allSatisfy(child -> assertThat(child.onExit()).succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void theProcessEndsWhenItsStarterDoes() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), MeasureMain.class.getName());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        MeasureRequest endless = new MeasureRequest(List.of(), request(MODEL).decoder(), 0, 1, set.samples(), 40, 1_000_000, List.of());
        process.getOutputStream().write((new ObjectMapper().writeValueAsString(endless) + "\n").getBytes(StandardCharsets.UTF_8));
        // Closed as the system closes it when the starter dies.
        process.getOutputStream().close();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(child -> child.info().commandLine().orElse("").contains("MeasureMain")).toList();
    }
}
