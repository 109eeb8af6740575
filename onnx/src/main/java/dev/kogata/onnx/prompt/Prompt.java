package dev.kogata.onnx.prompt;

import java.util.List;

/**
 * A conversation in tokens.
 *
 * @param tokens (tokens): an image stands as the image token, once per row of its features
 * @param images (tokens): whether a token stands for a row of an image's features; these come in order
 * @param answerPositions (answers): positions whose next token belongs to an answer, ascending
 * @param answerTokens (answers): that next token
 * @param answerTurns (answers): number of the assistant turn, from 0
 * @param questions (turns): the user's last words before each assistant turn
 * @param answers (turns): what the assistant says
 */
public record Prompt(long[] tokens, boolean[] images, int[] answerPositions, int[] answerTokens, int[] answerTurns,
                     List<String> questions, List<String> answers) {
}
