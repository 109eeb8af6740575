package dev.kogata.gateway.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.gateway.problem.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Body of {@code POST /v1/models} and {@code /v1/datasets}. Immutable.
 *
 * @param uploads names of uploads, at least one and each once
 * @param displayName what people call it; may be empty
 */
record UploadsRequest(List<String> uploads, String displayName) {
    private static final int MOST_CHARACTERS = 200;

    static UploadsRequest parse(JsonNode body) {
        for (String field : (Iterable<String>) body::fieldNames) {
            if (!field.equals("uploads") && !field.equals("display_name")) {
                throw Refusal.argument(field, "There is no field \"" + Refusal.printable(field) + "\".");
            }
        }
        return checked(uploads(body.path("uploads")), displayName(body.path("display_name")));
    }

    /** The same of values that came otherwise. */
    static UploadsRequest checked(List<String> uploads, String displayName) {
        if (uploads.isEmpty()) {
            throw Refusal.argument("uploads", "\"uploads\" has to be a list of one or more names: [\"uploads/ID\"].");
        }
        if (new HashSet<>(uploads).size() < uploads.size()) {
            throw Refusal.argument("uploads", "\"uploads\" names an upload twice.");
        }
        if (displayName.length() > MOST_CHARACTERS || !displayName.equals(Refusal.printable(displayName))) {
            throw wrongName();
        }
        return new UploadsRequest(uploads, displayName);
    }

    /** Everything that was asked for, in its order. */
    List<String> words() {
        List<String> words = new ArrayList<>(uploads);
        words.add(displayName);
        return words;
    }

    private static List<String> uploads(JsonNode list) {
        List<String> uploads = new ArrayList<>();
        for (JsonNode name : list) {
            if (!name.isTextual()) {
                throw Refusal.argument("uploads", "\"uploads\" has to be a list of names: [\"uploads/ID\"].");
            }
            uploads.add(name.textValue());
        }
        if (!list.isArray()) {
            throw Refusal.argument("uploads", "\"uploads\" has to be a list of one or more names: [\"uploads/ID\"].");
        }
        return uploads;
    }

    private static String displayName(JsonNode name) {
        if (name.isMissingNode() || name.isNull()) {
            return "";
        }
        if (!name.isTextual()) {
            throw wrongName();
        }
        return name.textValue();
    }

    private static RuntimeException wrongName() {
        return Refusal.argument("display_name",
            "\"display_name\" has to be a text of at most " + MOST_CHARACTERS + " characters, without control characters.");
    }
}
