package dev.kogata.core.budget;

import dev.kogata.core.RefusedInput;
import java.util.Map;

/**
 * How many sequences of how many tokens the cache is counted for. Immutable.
 *
 * @param batch sequences decoded at once, at least 1
 * @param context tokens of each sequence in the cache, at least 1
 */
public record Workload(int batch, int context) {

    /** Refuses with {@code ARGUMENT_INVALID} what is not positive. */
    public Workload {
        if (batch < 1 || context < 1) {
            throw new RefusedInput("ARGUMENT_INVALID",
                    "A workload of batch %d and context %d has no tokens; give at least 1 of each.".formatted(batch, context),
                    Map.of("batch", Integer.toString(batch), "context", Integer.toString(context)));
        }
    }

    /** Tokens in the cache. */
    long tokens() {
        return (long) batch * context;
    }
}
