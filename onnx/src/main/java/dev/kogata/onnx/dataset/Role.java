package dev.kogata.onnx.dataset;

import java.util.Locale;
import java.util.Optional;

/** Who speaks. */
public enum Role {
    SYSTEM, USER, ASSISTANT;

    /** The name that chat templates know: lower case. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads OpenAI's names ({@code user}) and LLaVA's ({@code human}, {@code gpt}). */
    static Optional<Role> of(String name) {
        return switch (name) {
            case "system" -> Optional.of(SYSTEM);
            case "user", "human" -> Optional.of(USER);
            case "assistant", "gpt" -> Optional.of(ASSISTANT);
            default -> Optional.empty();
        };
    }
}
