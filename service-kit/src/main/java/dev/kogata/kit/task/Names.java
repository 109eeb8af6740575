package dev.kogata.kit.task;

import dev.kogata.kit.error.KogataException;
import java.util.UUID;

/** Names and tokens of tasks, made and read. */
final class Names {
    private Names() {}

    /** A new id: 32 hexadecimal digits. */
    static String fresh() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** First part of an operation's name; empty where there is none. */
    static String type(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    /** A page begins below this number. */
    static long pageStart(String pageToken) {
        try {
            return pageToken.isEmpty() ? Long.MAX_VALUE : Long.parseLong(pageToken);
        } catch (NumberFormatException e) {
            throw KogataException.invalid("page_token", "'page_token' must be one that an earlier answer gave, or empty.");
        }
    }

    static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
