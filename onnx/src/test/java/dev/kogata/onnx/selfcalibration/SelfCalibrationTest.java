package dev.kogata.onnx.selfcalibration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.score.StockDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model talks to itself. */
class SelfCalibrationTest {
    private static final int CONVERSATIONS = 6;

    @TempDir
    Path folder;
    private final Bundle bundle;

    SelfCalibrationTest() throws Exception {
        bundle = Bundle.open(DemoFolder.MODEL);
    }

    @Test
    void makesADatasetOfDifferentConversationsSomeOfThemAboutPictures() throws Exception {
        Dataset dataset = written("a", 1);

        assertThat(dataset.conversations()).hasSize(CONVERSATIONS).extracting(Conversation::contentSha256).doesNotHaveDuplicates();
        assertThat(dataset.conversations()).allSatisfy(conversation -> assertThat(conversation.turns()).isBetween(1, 3));
        assertThat(dataset.withImages()).isPositive();
        Set<String> answers = new HashSet<>();
        dataset.conversations().forEach(conversation -> conversation.messages().forEach(message -> answers.add(message.text())));
        assertThat(answers).as("what is said").hasSizeGreaterThan(CONVERSATIONS);
    }

    @Test
    void theSameSeedSaysTheSameAndAnotherOneSaysOtherThings() throws Exception {
        written("a", 1);
        written("b", 1);
        written("c", 2);

        assertThat(files("a")).containsExactlyElementsOf(files("b")).hasSizeGreaterThan(1);
        for (String file : files("a")) {
            assertThat(folder.resolve("a").resolve(file)).hasSameBinaryContentAs(folder.resolve("b").resolve(file));
        }
        assertThat(Files.readString(folder.resolve("a/self-calibration.jsonl"))).isNotEqualTo(Files.readString(folder.resolve("c/self-calibration.jsonl")));
    }

    @Test
    void answersAreTheModelsLikeliestOnes() throws Exception {
        Dataset dataset = written("a", 3);
        int tokens = 0, likeliest = 0;
        try (SampleMaker maker = SampleMaker.open(bundle, 1); StockDecoder dense = StockDecoder.open(bundle.decoder().orElseThrow().path(), 1, 0)) {
            for (Conversation conversation : dataset.conversations()) {
                Sample sample = maker.make(dataset, conversation);
                float[] logits = dense.answerLogits(List.of(sample)).get(0);
                for (int i = 0; i < sample.answerTokens().length; i++) {
                    float[] row = Arrays.copyOfRange(logits, i * dense.vocabulary(), (i + 1) * dense.vocabulary());
                    // Where an answer was too long, it was not the model that ended it.
                    if (!maker.prompts().isMark(sample.answerTokens()[i])) {
                        tokens++;
                        likeliest += new Likeliest().of(row, token -> true) == sample.answerTokens()[i] ? 1 : 0;
                    }
                }
            }
        }
        // A text's tokens need not be those that it was made of, and logits of steps differ from those of whole sequences in their last bits.
        assertThat((double) likeliest / tokens).isGreaterThan(0.9);
    }

    @Test
    void waysThatLeadToNothingAreTriedLess() {
        Beginnings beginnings = new Beginnings(true);
        Map<Opening, Integer> times = new EnumMap<>(Opening.class);
        for (int i = 0; i < 100; i++) {
            Beginnings.Way way = beginnings.next();
            way.count(way.opening == Opening.ANSWER && way.scene == Beginnings.Scene.PLAIN);
            times.merge(way.opening, 1, Integer::sum);
        }
        assertThat(times.get(Opening.ANSWER)).isGreaterThan(90);
        assertThat(new Beginnings(false).next().scene).isEqualTo(Beginnings.Scene.NONE);
    }

    @Test
    void drawsAsOftenAsIsLikelyAndNeverWhatIsNotAllowed() {
        Drawn drawn = new Drawn(new Random(5));
        float[] logits = {0, (float) Math.log(3), 50, (float) Math.log(4)};
        int[] times = new int[logits.length];
        for (int i = 0; i < 8000; i++) {
            times[(int) drawn.of(logits, token -> token != 2)]++;
        }
        assertThat(times[2]).isZero();
        assertThat(times[0] / 8000.0).isBetween(0.1, 0.15);
        assertThat(times[1] / 8000.0).isBetween(0.34, 0.41);
        assertThat(new Likeliest().of(logits, token -> token != 2)).isEqualTo(3);
    }

    private Dataset written(String name, long seed) throws Exception {
        Path made = folder.resolve(name);
        try (SelfCalibration model = SelfCalibration.open(bundle, 1)) {
            model.write(made, CONVERSATIONS, new SplittableRandom(seed), share -> assertThat(share).isBetween(0.0, 1.0));
        }
        return Dataset.read(made, DatasetLimits.DEFAULT);
    }

    private List<String> files(String name) throws Exception {
        try (Stream<Path> all = Files.walk(folder.resolve(name))) {
            return all.filter(Files::isRegularFile).map(file -> folder.resolve(name).relativize(file).toString()).sorted().toList();
        }
    }
}
