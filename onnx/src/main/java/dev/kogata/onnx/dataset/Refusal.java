package dev.kogata.onnx.dataset;

import dev.kogata.core.RefusedInput;
import java.util.Map;

/** The refusals of this package. Whatever comes from the dataset is shown short and without control characters. */
final class Refusal {
    private static final int SHOWN = 120;

    private Refusal() {
    }

    static RefusedInput line(int line, String what) {
        return new RefusedInput("DATASET_LINE_INVALID", "Line " + line + " of the dataset " + what + ".", Map.of("line", Integer.toString(line)));
    }

    static RefusedInput image(int line, String path, String what) {
        return new RefusedInput("IMAGE_UNREADABLE", "Line %d of the dataset names the picture %s, which %s.".formatted(line, shown(path), what),
                Map.of("line", Integer.toString(line), "image", shown(path)));
    }

    static RefusedInput tooLarge(String limit, long value, String message) {
        return new RefusedInput("DATASET_TOO_LARGE", message, Map.of("limit", limit, "value", Long.toString(value)));
    }

    static RefusedInput tooSmall(String message) {
        return new RefusedInput("DATASET_TOO_SMALL", message);
    }

    static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(SHOWN).forEach(c -> {
            int type = Character.getType(c);
            boolean plain = type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE && type != Character.LINE_SEPARATOR && type != Character.PARAGRAPH_SEPARATOR;
            shown.appendCodePoint(plain ? c : '?');
        });
        return shown.append(text.codePointCount(0, text.length()) > SHOWN ? "..." : "").append('"').toString();
    }
}
