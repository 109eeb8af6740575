package dev.kogata.onnx.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.prompt.Tokenizer;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleSetFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the demo's real model: its quality is known from an independent measurement in Python. */
class ScorerTest {
    private static final int CONVERSATIONS = 24;
    @TempDir static Path folder;
    private static List<Sample> samples;
    private static StockDecoder decoder;
    private static ReferenceFile reference;
    private static Quality dense;

    @BeforeAll
    static void prepare() throws Exception {
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.HELDOUT, DatasetLimits.DEFAULT);
        Bundle bundle = Bundle.open(DemoFolder.MODEL);
        List<Sample> made = new ArrayList<>();
        try (SampleMaker maker = SampleMaker.open(bundle, 1)) {
            for (Conversation conversation : dataset.conversations().subList(0, CONVERSATIONS)) {
                made.add(maker.make(dataset, conversation));
            }
        }
        SampleSetFile.write(folder.resolve("samples"), made);
        samples = SampleSetFile.read(folder.resolve("samples"));
        assertSame(made, samples);
        decoder = StockDecoder.open(bundle.decoder().orElseThrow().path(), 1, 0);
        dense = ReferenceFile.write(folder.resolve("reference"), samples, decoder, Batching.DEFAULT, done -> { });
        reference = ReferenceFile.open(folder.resolve("reference"), samples);
    }

    @AfterAll
    static void close() throws Exception {
        decoder.close();
    }

    private static void assertSame(List<Sample> made, List<Sample> read) {
        assertThat(read).hasSameSizeAs(made);
        for (int i = 0; i < made.size(); i++) {
            Sample a = made.get(i), b = read.get(i);
            assertThat(b.embeddings()).isEqualTo(a.embeddings());
            assertThat(b).usingRecursiveComparison().ignoringFields("embeddings").isEqualTo(a);
        }
    }

    @Test
    void theDenseModelIsAsGoodAsMeasuredInPython() {
        // The judge's evaluate.py on the same 24 conversations.
        assertThat(dense.nll()).isCloseTo(0.10832973343202845, within(1e-6));
        assertThat(dense.exact()).isCloseTo(0.7974683544303798, within(1e-12));
        assertThat(dense.conversations()).isEqualTo(CONVERSATIONS);
    }

    @Test
    void neitherPaddingNorThreadsChangeAnything() {
        Quality alone = new Scorer(samples, reference, new Batching(1, 4096), 1).quality(decoder);
        Quality together = new Scorer(samples, reference, new Batching(24, 100_000), 1).quality(decoder);
        Quality inTwoThreads = new Scorer(samples, reference, Batching.DEFAULT, 2).quality(decoder);
        assertThat(alone.kl()).isLessThan(1e-9);
        assertThat(together.kl()).isLessThan(1e-9);
        assertThat(inTwoThreads).usingRecursiveComparison().ignoringFields("seconds").isEqualTo(dense);
    }

    @Test
    void aChangedAnswerIsShownWithItsQuestion() throws Exception {
        LogitsSource oneWrong = new LogitsSource() {
            @Override
            public int vocabulary() {
                return decoder.vocabulary();
            }

            @Override
            public List<float[]> answerLogits(List<Sample> batch) {
                List<float[]> logits = decoder.answerLogits(batch);
                for (int b = 0; b < batch.size(); b++) {
                    if (batch.get(b) == samples.get(5)) {
                        Arrays.fill(logits.get(b), 0, vocabulary(), 0);
                        logits.get(b)[4 + '0'] = 1;
                    }
                }
                return logits;
            }
        };
        try (Tokenizer tokenizer = Tokenizer.open(DemoFolder.MODEL)) {
            ChangedAnswers changed = new ChangedAnswers(samples, decoder.vocabulary(), tokenizer);
            Quality quality = new Scorer(samples, reference, Batching.DEFAULT, 1).quality(oneWrong, changed);
            assertThat(changed.first(20)).singleElement().satisfies(answer -> {
                assertThat(answer.conversation()).isEqualTo(samples.get(5).id());
                assertThat(answer.turn()).isZero();
                assertThat(answer.question()).isEqualTo(samples.get(5).questions().get(0));
                assertThat(answer.expected()).isEqualTo(samples.get(5).answers().get(0));
                assertThat(answer.compressed()).isNotEqualTo(answer.dense());
                assertThat(answer.pictures()).isNotEmpty().isEqualTo(samples.get(5).pictures().get(0));
            });
            assertThat(quality.kl()).isPositive();
            assertThat(quality.klStandardError()).isPositive();
        }
    }

    @Test
    void aListenerEndsTheMeasurement() {
        assertThatThrownBy(() -> new Scorer(samples, reference, Batching.DEFAULT, 2).quality(decoder, (sample, logits, denseLogits) -> {
            throw new CancellationException("enough");
        })).hasMessage("enough");
    }

    @Test
    void batchesHoldNeighboursInLengthWithinTheLimits() {
        List<int[]> batches = new Batching(5, 700).batches(samples);
        assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray()).containsExactly(IntStream.range(0, CONVERSATIONS).toArray());
        int longestBefore = 0;
        for (int[] batch : batches) {
            int shortest = Arrays.stream(batch).map(i -> samples.get(i).length()).min().orElseThrow();
            assertThat(shortest).isGreaterThanOrEqualTo(longestBefore);
            longestBefore = Arrays.stream(batch).map(i -> samples.get(i).length()).max().orElseThrow();
            assertThat(batch.length).isLessThanOrEqualTo(5);
            assertThat(batch.length * longestBefore).isLessThanOrEqualTo(700);
        }
    }
}
