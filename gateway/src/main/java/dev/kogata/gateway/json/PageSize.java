package dev.kogata.gateway.json;

import dev.kogata.gateway.problem.Refusal;

/** The {@code page_size} of lists. */
public final class PageSize {
    private PageSize() {}

    /** Reads the parameter; null counts as 0, which leaves the choice to the service. */
    public static int parse(String value) {
        if (value == null) {
            return 0;
        }
        if (!value.matches("\\d{1,4}") || Integer.parseInt(value) > 1000) {
            throw Refusal.argument("page_size", "\"page_size\" has to be a whole number from 0 to 1000.");
        }
        return Integer.parseInt(value);
    }
}
