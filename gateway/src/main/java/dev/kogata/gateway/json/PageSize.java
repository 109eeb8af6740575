package dev.kogata.gateway.json;

import dev.kogata.gateway.problem.Refusal;

/** The {@code page_size} of lists. */
public final class PageSize {
    private static final int LARGEST = 1000;

    private PageSize() {}

    /** Reads the parameter; null counts as 0, which leaves the choice to the service. */
    public static int parse(String value) {
        if (value == null) {
            return 0;
        }
        return checked(value.matches("\\d{1,4}") ? Integer.parseInt(value) : -1);
    }

    /** The same of a number. */
    public static int checked(int value) {
        if (value < 0 || value > LARGEST) {
            throw Refusal.argument("page_size", "\"page_size\" has to be a whole number from 0 to " + LARGEST + ".");
        }
        return value;
    }
}
