package dev.kogata.onnx.dataset;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * One line of a dataset.
 *
 * @param id its id in the dataset, else its line number
 * @param line number of the line, from 1
 * @param messages at least one of them an assistant's with text
 * @param tags tag of each assistant turn; empty text where it has none
 * @param contentSha256 hash of roles, texts and pictures' bytes: equal for equal content, whatever id, tags and file names
 */
public record Conversation(String id, int line, List<Message> messages, List<String> tags, String contentSha256) {
    public Conversation {
        messages = List.copyOf(messages);
        tags = List.copyOf(tags);
    }

    static Conversation of(String id, int line, List<Message> messages, List<String> tags) {
        return new Conversation(id, line, messages, tags, hash(messages));
    }

    /** Number of assistant turns. */
    public int turns() {
        return (int) messages.stream().filter(message -> message.role() == Role.ASSISTANT).count();
    }

    /** All pictures, in order. */
    public List<Part.Picture> pictures() {
        return messages.stream().flatMap(message -> message.parts().stream())
                .filter(Part.Picture.class::isInstance).map(Part.Picture.class::cast).toList();
    }

    /** For each assistant turn, the pictures that the conversation held before it, in order. */
    public List<List<Part.Picture>> picturesByTurn() {
        List<List<Part.Picture>> turns = new ArrayList<>();
        List<Part.Picture> shown = new ArrayList<>();
        for (Message message : messages) {
            if (message.role() == Role.ASSISTANT) {
                turns.add(List.copyOf(shown));
            }
            message.parts().stream().filter(Part.Picture.class::isInstance).map(Part.Picture.class::cast).forEach(shown::add);
        }
        return turns;
    }

    private static String hash(List<Message> messages) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Message message : messages) {
                out.writeByte(message.role().ordinal());
                out.writeInt(message.parts().size());
                for (Part part : message.parts()) {
                    // Length and kind first, so that no two different conversations have the same bytes.
                    byte[] content = (part instanceof Part.Text text ? text.text() : ((Part.Picture) part).sha256()).getBytes(StandardCharsets.UTF_8);
                    out.writeBoolean(part instanceof Part.Picture);
                    out.writeInt(content.length);
                    out.write(content);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sha256(bytes.toByteArray());
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
