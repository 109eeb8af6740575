package dev.kogata.onnx.dataset;

import java.util.List;
import java.util.stream.Collectors;

/** One message of a conversation. */
public record Message(Role role, List<Part> parts) {
    public Message {
        parts = List.copyOf(parts);
    }

    /** All text parts, joined. */
    public String text() {
        return parts.stream().map(part -> part instanceof Part.Text text ? text.text() : "").collect(Collectors.joining());
    }
}
