package dev.kogata.gateway.job;

import dev.kogata.gateway.problem.Refusal;
import java.time.Duration;

/** The query parameters of those who wait. */
public final class WaitTime {
    private WaitTime() {}

    /** Reads {@code wait}, a number of seconds; null counts as none. */
    static Duration parse(String value, Duration longest) {
        if (value == null) {
            return Duration.ZERO;
        }
        if (!value.matches("\\d{1,4}s?")) {
            throw Refusal.argument("wait", "\"wait\" has to be a number of seconds, for instance 20s.");
        }
        return checked(Duration.ofSeconds(Long.parseLong(value.replace("s", ""))), longest);
    }

    /** The same of a duration: what is longer than the installation allows is cut. */
    public static Duration checked(Duration asked, Duration longest) {
        if (asked.isNegative()) {
            throw Refusal.argument("wait", "\"wait\" has to be 0 or more seconds.");
        }
        return asked.compareTo(longest) > 0 ? longest : asked;
    }

    /** The sequence number of an event, 0 for before all. */
    public static long sequence(long sequence) {
        if (sequence < 0) {
            throw Refusal.argument("after_sequence", "\"after_sequence\" has to be the sequence number of an event, or 0.");
        }
        return sequence;
    }

    /** Reads the sequence number of an event; null counts as 0. */
    static long sequence(String value) {
        if (value == null) {
            return 0;
        }
        if (!value.matches("\\d{1,18}")) {
            throw Refusal.argument("after", "\"after\" and Last-Event-ID have to be the sequence number of an event.");
        }
        return Long.parseLong(value);
    }
}
