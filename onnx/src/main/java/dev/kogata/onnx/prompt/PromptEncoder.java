package dev.kogata.onnx.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Message;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.dataset.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Turns conversations into tokens, by the bundle's chat template and tokenizer, and finds where the answers are: what the
 * template adds when an answer follows what it renders before one. Safe for use by several threads.
 */
public final class PromptEncoder implements AutoCloseable {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final OptionalLong imageToken;
    private final int longest;

    private PromptEncoder(Tokenizer tokenizer, ChatTemplate template, OptionalLong imageToken, int longest) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.imageToken = imageToken;
        this.longest = longest;
    }

    /** @throws RefusedInput TOKENIZER_UNKNOWN, CHAT_TEMPLATE_INVALID */
    public static PromptEncoder open(Path bundle) throws IOException {
        JsonNode config = ConfigFile.json(bundle, "config.json", "TOKENIZER_UNKNOWN");
        OptionalLong imageToken = imageToken(config);
        int longest = config.path("text_config").path("max_position_embeddings").asInt(config.path("max_position_embeddings").asInt(Integer.MAX_VALUE));
        Tokenizer tokenizer = Tokenizer.open(bundle);
        try {
            return new PromptEncoder(tokenizer, ChatTemplate.open(bundle, imageToken.isPresent() ? tokenizer.text(imageToken.getAsLong()) : ""), imageToken, longest);
        } catch (IOException | RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** The token that stands for a row of a picture's features, by the bundle's config.json; empty where it names none. */
    public static OptionalLong imageToken(Path bundle) throws IOException {
        return imageToken(ConfigFile.json(bundle, "config.json", "TOKENIZER_UNKNOWN"));
    }

    private static OptionalLong imageToken(JsonNode config) {
        JsonNode image = config.has("image_token_index") ? config.get("image_token_index") : config.path("image_token_id");
        return image.isIntegralNumber() ? OptionalLong.of(image.longValue()) : OptionalLong.empty();
    }

    /** Most tokens of a sequence, by the bundle's configuration; {@link Integer#MAX_VALUE} where it does not say. */
    public int contextTokens() {
        return longest;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * What the template puts around a user's words.
     *
     * @param before all that is said so far, with what introduces the words; pictures of the same message included
     * @param after what closes them, with what introduces an answer
     */
    public record Surroundings(String before, String after) {
    }

    /**
     * The surroundings of what a user says next.
     *
     * @param earlier messages before
     * @param pictures that come with the words, in front of them
     * @throws RefusedInput CHAT_TEMPLATE_INVALID
     */
    public Surroundings around(List<Message> earlier, List<Part.Picture> pictures) {
        List<Part> parts = new ArrayList<>(pictures);
        parts.add(new Part.Text(ChatTemplate.PROBE));
        List<Message> messages = new ArrayList<>(earlier);
        messages.add(new Message(Role.USER, parts));
        String rendered = introduction(messages);
        int at = rendered.lastIndexOf(ChatTemplate.PROBE);
        return new Surroundings(rendered.substring(0, at), rendered.substring(at + ChatTemplate.PROBE.length()));
    }

    /**
     * The messages as text, and what introduces an answer to them.
     *
     * @throws RefusedInput CHAT_TEMPLATE_INVALID
     */
    public String introduction(List<Message> messages) {
        try {
            return template.render(messages, true);
        } catch (ChatTemplate.Raised e) {
            throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template does not accept a user's questions and an assistant's answers in turn.");
        }
    }

    /**
     * A text's tokens, its image tokens repeated once per row.
     *
     * @param text as the template renders it
     * @param imageRows rows of features of each of its pictures; as many as it has image tokens
     */
    public Prompt encode(String text, List<Integer> imageRows) {
        long[] tokens = tokenizer.encode(text);
        int[] turnOf = new int[tokens.length];
        Arrays.fill(turnOf, -1);
        return expand(1, tokens, turnOf, imageRows, List.of(), List.of());
    }

    /** Image tokens in a text. */
    public int imageTokens(String text) {
        return imageToken.isEmpty() ? 0 : (int) Arrays.stream(tokenizer.encode(text)).filter(token -> token == imageToken.getAsLong()).count();
    }

    /** Whether a token stands for something other than text: a special one, or a picture. */
    public boolean isMark(long token) {
        return tokenizer.isSpecial(token) || imageToken.isPresent() && token == imageToken.getAsLong();
    }

    /**
     * Encodes a conversation.
     *
     * @param imageRows rows of features of each of its pictures, in order
     * @throws RefusedInput DATASET_LINE_INVALID, CHAT_TEMPLATE_INVALID
     */
    public Prompt encode(Conversation conversation, List<Integer> imageRows) {
        List<Message> messages = conversation.messages();
        String whole = render(conversation, messages, false);
        long[] tokens = tokenizer.encode(whole);
        int[] turnOf = new int[tokens.length];
        Arrays.fill(turnOf, -1);
        List<String> questions = new ArrayList<>(), answers = new ArrayList<>();
        String question = "";
        for (int m = 0; m < messages.size(); m++) {
            Message message = messages.get(m);
            if (message.role() == Role.USER) {
                question = message.text();
            } else if (message.role() == Role.ASSISTANT) {
                markAnswer(conversation, m, whole, tokens, turnOf, answers.size());
                questions.add(question);
                answers.add(message.text());
            }
        }
        return expand(conversation.line(), tokens, turnOf, imageRows, questions, answers);
    }

    /** Sets {@code turnOf} where the answer of message m stands: its content, and the closing token after it. */
    private void markAnswer(Conversation conversation, int m, String whole, long[] tokens, int[] turnOf, int turn) {
        List<Message> messages = conversation.messages();
        String before = render(conversation, messages.subList(0, m), true), with = render(conversation, messages.subList(0, m + 1), false);
        String content = messages.get(m).text().strip();
        if (!with.startsWith(before)) {
            // A template without a generation prompt, or one that ends it otherwise than an answer begins.
            before = render(conversation, messages.subList(0, m), false);
        }
        int at = with.startsWith(before) ? with.indexOf(content, before.length()) : -1;
        if (at < 0 || !whole.startsWith(with)) {
            throw new RefusedInput("CHAT_TEMPLATE_INVALID", "The bundle's chat template changes earlier messages or answers (line %d of the dataset), so answers cannot be found in the prompt."
                    .formatted(conversation.line()));
        }
        if (!with.substring(before.length(), at).isBlank()) {
            before = with.substring(0, at);
        }
        int from = common(tokens, tokenizer.encode(before)), to = common(tokens, tokenizer.encode(with));
        int end = to;
        // What follows the closing token (a newline, mostly) belongs to the next message's introduction.
        while (end > from && !tokenizer.isSpecial(tokens[end - 1]) && tokenizer.text(tokens[end - 1]).isBlank()) {
            end--;
        }
        if (end == from || !tokenizer.isSpecial(tokens[end - 1])) {
            end = to;
        }
        for (int t = from; t < end; t++) {
            turnOf[t] = turn;
        }
    }

    private static int common(long[] a, long[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    private String render(Conversation conversation, List<Message> messages, boolean forAnswer) {
        try {
            return template.render(messages, forAnswer);
        } catch (ChatTemplate.Raised e) {
            throw new RefusedInput("DATASET_LINE_INVALID", "Line %d of the dataset is not accepted by the model's chat template.".formatted(conversation.line()),
                    Map.of("line", Integer.toString(conversation.line())));
        }
    }

    /** Repeats each image token once per row of its image's features. */
    private Prompt expand(int line, long[] tokens, int[] turnOf, List<Integer> imageRows, List<String> questions, List<String> answers) {
        long found = imageToken.isEmpty() ? 0 : Arrays.stream(tokens).filter(token -> token == imageToken.getAsLong()).count();
        if (found != imageRows.size()) {
            throw new RefusedInput("DATASET_LINE_INVALID", "Line %d of the dataset has %d pictures, but its prompt %d image tokens%s.".formatted(line, imageRows.size(), found,
                    imageToken.isEmpty() ? "; the model's config.json names no image token" : ""), Map.of("line", Integer.toString(line)));
        }
        int length = tokens.length - imageRows.size() + imageRows.stream().mapToInt(Integer::intValue).sum();
        if (length > longest) {
            throw new RefusedInput("DATASET_LINE_INVALID", "Line %d of the dataset has %d tokens; the model takes at most %d.".formatted(line, length, longest),
                    Map.of("line", Integer.toString(line)));
        }
        long[] expanded = new long[length];
        boolean[] images = new boolean[length];
        int[] turns = new int[length];
        int at = 0, image = 0;
        for (int t = 0; t < tokens.length; t++) {
            boolean isImage = imageToken.isPresent() && tokens[t] == imageToken.getAsLong();
            for (int row = isImage ? imageRows.get(image++) : 1; row > 0; row--, at++) {
                expanded[at] = tokens[t];
                images[at] = isImage;
                turns[at] = turnOf[t];
            }
        }
        // The first token has no position before it that could predict it.
        int[] positions = IntStream.range(0, Math.max(0, length - 1)).filter(p -> turns[p + 1] >= 0).toArray();
        int[] answerTokens = Arrays.stream(positions).map(p -> (int) expanded[p + 1]).toArray();
        int[] answerTurns = Arrays.stream(positions).map(p -> turns[p + 1]).toArray();
        return new Prompt(expanded, images, positions, answerTokens, answerTurns, List.copyOf(questions), List.copyOf(answers));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
