package dev.kogata.orchestrator.catalog;

import dev.kogata.kit.error.KogataException;

/** What people call a model or dataset: any text that fits on a line. It is shown, never interpreted. */
final class DisplayName {

    private static final int LONGEST = 200;

    private DisplayName() {
    }

    static void check(String name) {
        if (name.length() > LONGEST) {
            throw KogataException.invalid("display_name", "A display name has at most " + LONGEST + " characters, not " + name.length() + ".");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw KogataException.invalid("display_name", "A display name cannot hold control characters such as line breaks.");
        }
    }
}
