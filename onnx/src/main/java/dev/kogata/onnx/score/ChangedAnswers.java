package dev.kogata.onnx.score;

import dev.kogata.core.quality.NextToken;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.prompt.Tokenizer;
import dev.kogata.onnx.sample.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects turns whose teacher-forced answer is not the dense model's, as a {@link Scorer}'s listener. Teacher-forced: each
 * token is what the model would say after the dataset's answer so far.
 */
public final class ChangedAnswers implements Scorer.Listener {
    private final List<Sample> samples;
    private final int vocabulary;
    private final Tokenizer tokenizer;
    private final Map<Integer, List<ChangedAnswer>> bySample = new TreeMap<>();

    /**
     * One turn.
     *
     * @param conversation the conversation's id
     * @param turn number of the assistant turn, from 0
     * @param tag its tag; may be empty
     * @param question what the user asked
     * @param expected the dataset's answer
     * @param dense the dense model's answer
     * @param compressed the compressed model's answer
     * @param pictures the pictures it was answered with
     */
    public record ChangedAnswer(String conversation, int turn, String tag, String question, String expected, String dense, String compressed,
                                List<Part.Picture> pictures) {
    }

    public ChangedAnswers(List<Sample> samples, int vocabulary, Tokenizer tokenizer) {
        this.samples = List.copyOf(samples);
        this.vocabulary = vocabulary;
        this.tokenizer = tokenizer;
    }

    @Override
    public void measured(int index, float[] logits, float[] dense) {
        Sample sample = samples.get(index);
        int[] turns = sample.answerTurns();
        for (int from = 0, to; from < turns.length; from = to) {
            to = from + 1;
            while (to < turns.length && turns[to] == turns[from]) {
                to++;
            }
            String was = answer(dense, from, to), is = answer(logits, from, to);
            if (!was.equals(is)) {
                int turn = turns[from];
                bySample.computeIfAbsent(index, i -> new ArrayList<>()).add(
                        new ChangedAnswer(sample.id(), turn, sample.tags().get(turn), sample.questions().get(turn), sample.answers().get(turn), was, is,
                                sample.picturesOf(turn)));
            }
        }
    }

    private String answer(float[] logits, int from, int to) {
        long[] tokens = new long[to - from];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = Math.max(0, NextToken.argmax(logits, (from + i) * vocabulary, vocabulary));
        }
        return tokenizer.decode(tokens).strip();
    }

    /** The first ones in the order of the samples. */
    public List<ChangedAnswer> first(int limit) {
        return bySample.values().stream().flatMap(List::stream).limit(limit).toList();
    }
}
