package dev.kogata.onnx.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one line's conversation, in either of the two forms that are common:
 * OpenAI's {@code {"messages": [{"role": "user", "content": "..." or [{"type": "text", "text": "..."}, {"type": "image", "image": "PATH"}]}]}},
 * where {@code {"type": "image_url", "image_url": {"url": "PATH"}}} is a picture too; and LLaVA's
 * {@code {"image": "PATH", "conversations": [{"from": "human", "value": "<image>\n..."}, {"from": "gpt", "value": "..."}]}}.
 * Both may have {@code id} and {@code tags} (one for each assistant turn).
 */
final class ConversationReader {
    private static final String PLACEHOLDER = "<image>";
    private final Pictures pictures;
    private final DatasetLimits limits;

    ConversationReader(Pictures pictures, DatasetLimits limits) {
        this.pictures = pictures;
        this.limits = limits;
    }

    Conversation read(int line, JsonNode row) throws IOException {
        List<Message> messages;
        if (row.path("messages").isArray()) {
            messages = openAi(line, row.get("messages"));
        } else if (row.path("conversations").isArray()) {
            messages = llava(line, row);
        } else {
            throw Refusal.line(line, "has neither \"messages\" nor \"conversations\"");
        }
        if (messages.size() > limits.messages()) {
            throw Refusal.tooLarge("messages", limits.messages(), "Line %d of the dataset has %d messages; at most %d are read.".formatted(line, messages.size(), limits.messages()));
        }
        String id = row.path("id").isValueNode() && !row.path("id").isNull() ? row.get("id").asText() : Integer.toString(line);
        return Conversation.of(id, line, messages, tags(line, row.path("tags"), answers(line, messages)));
    }

    private static int answers(int line, List<Message> messages) {
        int answers = 0;
        for (Message message : messages) {
            if (message.role() == Role.ASSISTANT) {
                answers++;
                if (message.text().isBlank()) {
                    throw Refusal.line(line, "has an assistant message without text");
                }
                if (message.parts().stream().anyMatch(Part.Picture.class::isInstance)) {
                    throw Refusal.line(line, "has an assistant message with a picture");
                }
            }
        }
        if (answers == 0) {
            throw Refusal.line(line, "has no assistant message, so there is no answer to measure");
        }
        return answers;
    }

    private static List<String> tags(int line, JsonNode node, int turns) {
        List<String> tags = new ArrayList<>();
        for (JsonNode tag : node) {
            if (!tag.isTextual()) {
                throw Refusal.line(line, "has a tag that is no text");
            }
            tags.add(tag.textValue());
        }
        if (!tags.isEmpty() && tags.size() != turns) {
            throw Refusal.line(line, "has %d tags for %d assistant messages".formatted(tags.size(), turns));
        }
        while (tags.size() < turns) {
            tags.add("");
        }
        return tags;
    }

    private List<Message> openAi(int line, JsonNode nodes) throws IOException {
        List<Message> messages = new ArrayList<>();
        for (JsonNode node : nodes) {
            JsonNode content = node.path("content");
            List<Part> parts = new ArrayList<>();
            if (content.isTextual()) {
                parts.add(new Part.Text(content.textValue()));
            } else if (content.isArray()) {
                for (JsonNode part : content) {
                    parts.add(part(line, part));
                }
            } else {
                throw Refusal.line(line, "has a message whose \"content\" is neither text nor a list of parts");
            }
            messages.add(new Message(role(line, node.path("role")), parts));
        }
        return messages;
    }

    private Part part(int line, JsonNode part) throws IOException {
        String type = part.path("type").asText();
        JsonNode value = switch (type) {
            case "text" -> part.path("text");
            case "image" -> part.path("image");
            case "image_url" -> part.path("image_url").isTextual() ? part.get("image_url") : part.path("image_url").path("url");
            default -> throw Refusal.line(line, "has a part of type %s; text, image and image_url are known".formatted(Refusal.shown(type)));
        };
        if (!value.isTextual()) {
            throw Refusal.line(line, "has a part of type \"%s\" without its %s".formatted(type, type.equals("text") ? "text" : "path"));
        }
        return type.equals("text") ? new Part.Text(value.textValue()) : pictures.check(line, value.textValue());
    }

    private List<Message> llava(int line, JsonNode row) throws IOException {
        List<Part.Picture> images = new ArrayList<>();
        JsonNode image = row.path("image");
        for (JsonNode path : image.isArray() ? image : row.has("image") && !image.isNull() ? List.of(image) : List.<JsonNode>of()) {
            if (!path.isTextual()) {
                throw Refusal.line(line, "has an \"image\" that is no path");
            }
            images.add(pictures.check(line, path.textValue()));
        }
        long placeholders = 0;
        for (JsonNode turn : row.get("conversations")) {
            placeholders += turn.path("value").asText().split(PLACEHOLDER, -1).length - 1;
        }
        if (placeholders != 0 && placeholders != images.size()) {
            throw Refusal.line(line, "has %d pictures, but %d times %s".formatted(images.size(), placeholders, PLACEHOLDER));
        }
        List<Message> messages = new ArrayList<>();
        int used = 0;
        for (JsonNode turn : row.get("conversations")) {
            Role role = role(line, turn.path("from"));
            if (!turn.path("value").isTextual()) {
                throw Refusal.line(line, "has a turn without a text in \"value\"");
            }
            List<Part> parts = new ArrayList<>();
            if (placeholders == 0 && role == Role.USER) {
                // Pictures without a place stand before the first question.
                parts.addAll(images.subList(used, images.size()));
                used = images.size();
            }
            String[] texts = turn.get("value").textValue().split("\n?" + PLACEHOLDER + "\n?", -1);
            for (int i = 0; i < texts.length; i++) {
                if (i > 0) {
                    parts.add(images.get(used++));
                }
                if (!texts[i].isEmpty() || texts.length == 1) {
                    parts.add(new Part.Text(texts[i]));
                }
            }
            messages.add(new Message(role, parts));
        }
        return messages;
    }

    private static Role role(int line, JsonNode name) {
        return Role.of(name.asText()).orElseThrow(() -> Refusal.line(line, "has a message of %s; system, user (human) and assistant (gpt) are known"
                .formatted(name.isTextual() ? Refusal.shown(name.textValue()) : "nobody")));
    }
}
