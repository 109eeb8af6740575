package dev.kogata.onnx.sample;

import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.score.FeatureSource;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One conversation prepared for one model. An answer position p is the token at which the model predicts the answer's
 * next token, the one at p + 1. Arrays are not copied and must not be changed; safe for use by several threads, since
 * nobody moves the position of {@code embeddings} itself.
 *
 * @param id the conversation's id in the dataset
 * @param tokens (tokens): token ids; an image stands as the image token, once per row of its features
 * @param embeddings (tokens, hidden) float32, position 0: what the decoder receives; pictures' features in place. It may
 *     be mapped from a file. Empty (hidden 0) where the decoder takes token ids itself
 * @param hidden width of an embedding; 0 where there are none
 * @param answerPositions (answers): positions whose logits are scored, ascending
 * @param answerTokens (answers): the answer's token that each of them should predict
 * @param answerTurns (answers): number of the assistant turn each belongs to, from 0, ascending
 * @param tags (turns): tag of each assistant turn; empty text where it has none
 * @param questions (turns): what was asked before the turn
 * @param answers (turns): the answer in the dataset
 * @param hasImage whether the conversation holds a picture
 * @param pictures (turns): the pictures that came with what was asked before the turn, or before an earlier one
 * @param images pictures as the vision encoder takes them, in order; empty unless it is compressed too
 * @param imageRows positions of the rows of these pictures' features among the tokens, ascending; empty with them
 */
public record Sample(String id, long[] tokens, FloatBuffer embeddings, int hidden, int[] answerPositions, int[] answerTokens,
                     int[] answerTurns, List<String> tags, List<String> questions, List<String> answers, boolean hasImage,
                     List<List<Part.Picture>> pictures, List<Pixels> images, int[] imageRows) {
    public Sample {
        tags = List.copyOf(tags);
        questions = List.copyOf(questions);
        answers = List.copyOf(answers);
        pictures = List.copyOf(pictures);
        images = List.copyOf(images);
        if (embeddings.capacity() != (long) tokens.length * hidden) {
            throw new IllegalArgumentException("%d embedding values for %d tokens of %d".formatted(embeddings.capacity(), tokens.length, hidden));
        }
        if (answerPositions.length != answerTokens.length || answerPositions.length != answerTurns.length) {
            throw new IllegalArgumentException("%d answer positions, %d tokens, %d turns"
                    .formatted(answerPositions.length, answerTokens.length, answerTurns.length));
        }
    }

    /** A sample of which no pictures are known. */
    public Sample(String id, long[] tokens, FloatBuffer embeddings, int hidden, int[] answerPositions, int[] answerTokens, int[] answerTurns,
            List<String> tags, List<String> questions, List<String> answers, boolean hasImage) {
        this(id, tokens, embeddings, hidden, answerPositions, answerTokens, answerTurns, tags, questions, answers, hasImage, List.of(), List.of(), new int[0]);
    }

    /** A picture for an encoder alone: no tokens and no answers. */
    static Sample ofPicture(String id, Pixels image, Part.Picture picture) {
        return new Sample(id, new long[0], FloatBuffer.allocate(0), 0, new int[0], new int[0], new int[0], List.of(), List.of(), List.of(), true,
                List.of(List.of(picture)), List.of(image), new int[0]);
    }

    /**
     * The same sample as an encoder sees its pictures: the rows of their features are what it gives for them.
     *
     * @throws IllegalStateException where it gives as many numbers as the decoder has no room for
     */
    public Sample seenBy(FeatureSource encoder) {
        if (images.isEmpty()) {
            return this;
        }
        FloatBuffer seen = FloatBuffer.allocate(embeddings.capacity()).put(embeddings.duplicate()).clear();
        int row = 0;
        for (Pixels image : images) {
            float[] features = encoder.features(image);
            for (int at = 0; at < features.length && row < imageRows.length; at += hidden) {
                seen.put(imageRows[row++] * hidden, features, at, hidden);
            }
        }
        if (row != imageRows.length) {
            throw new IllegalStateException("the encoder gives %d rows of features for %d places".formatted(row, imageRows.length));
        }
        return new Sample(id, tokens, seen, hidden, answerPositions, answerTokens, answerTurns, tags, questions, answers, hasImage, pictures, images, imageRows);
    }

    /** Pictures that an assistant turn was answered with; empty where none are known. */
    public List<Part.Picture> picturesOf(int turn) {
        return turn < pictures.size() ? pictures.get(turn) : List.of();
    }

    /** Number of tokens. */
    public int length() {
        return tokens.length;
    }
}
