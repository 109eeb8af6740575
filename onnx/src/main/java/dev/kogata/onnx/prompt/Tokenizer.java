package dev.kogata.onnx.prompt;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.core.RefusedInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The bundle's {@code tokenizer.json}, run by Hugging Face's own library: the same tokens as in Python. Safe for use by
 * several threads. Nothing is fetched from a network: the library comes in its jar.
 */
public final class Tokenizer implements AutoCloseable {
    static {
        // Else the library reports its use to its makers, and looks for a CUDA build of itself to download.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
    }

    private static final Map<String, String> PLAIN = Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
    private final HuggingFaceTokenizer tokenizer;
    private final Map<Long, String> special;

    private Tokenizer(HuggingFaceTokenizer tokenizer, Map<Long, String> special) {
        this.tokenizer = tokenizer;
        this.special = special;
    }

    /** @throws RefusedInput TOKENIZER_UNKNOWN where the bundle has none, or one that cannot be read */
    public static Tokenizer open(Path bundle) throws IOException {
        JsonNode json = ConfigFile.json(bundle, "tokenizer.json", "TOKENIZER_UNKNOWN");
        if (!json.isObject()) {
            throw new RefusedInput("TOKENIZER_UNKNOWN", "The bundle has no tokenizer.json; export it with the model (save_pretrained of a fast tokenizer writes it).");
        }
        Map<Long, String> special = new HashMap<>();
        for (JsonNode token : json.path("added_tokens")) {
            if (token.path("special").asBoolean() && token.path("content").isTextual()) {
                special.put(token.path("id").asLong(), token.get("content").textValue());
            }
        }
        try {
            byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
            return new Tokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), PLAIN), Map.copyOf(special));
        } catch (RuntimeException e) {
            throw new RefusedInput("TOKENIZER_UNKNOWN", "The bundle's tokenizer.json cannot be read: it is damaged, or of a kind that this version does not know.");
        }
    }

    /**
     * Tokens of a text in which special tokens may stand; none is added.
     *
     * @throws RefusedInput TOKENIZER_UNKNOWN where the file contradicts itself, which shows only now: its token for what is unknown may be none
     */
    public long[] encode(String text) {
        try {
            return tokenizer.encode(text, false, false).getIds();
        } catch (RuntimeException e) {
            throw unusable(e);
        }
    }

    /** The text of tokens, special ones left out. */
    public String decode(long[] tokens) {
        try {
            return tokenizer.decode(tokens, true);
        } catch (RuntimeException e) {
            throw unusable(e);
        }
    }

    private static RefusedInput unusable(RuntimeException cause) {
        RefusedInput refused = new RefusedInput("TOKENIZER_UNKNOWN", "The bundle's tokenizer.json is read, but cannot turn texts into tokens and back: it contradicts itself, for instance by an unk_token that is not in its vocabulary.");
        refused.initCause(cause);
        return refused;
    }

    /** The text of one token, special or not. */
    String text(long token) {
        return special.containsKey(token) ? special.get(token) : tokenizer.decode(new long[] {token}, false);
    }

    /** Whether a token is one of the special ones that the file names. */
    boolean isSpecial(long token) {
        return special.containsKey(token);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
