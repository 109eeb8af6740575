package dev.kogata.core.budget;

import dev.kogata.core.RefusedInput;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Bytes the compressed model may take at its workload: one limit on everything, or one on weights and one on the cache. Immutable. */
public sealed interface ByteBudget {

    /**
     * A share of the dense total.
     *
     * @param ratio in (0, 1]
     */
    record Ratio(double ratio) implements ByteBudget {
        /** Refuses with {@code BUDGET_INVALID} what is no share. */
        public Ratio {
            requireShare("The budget", ratio);
        }
    }

    /**
     * An absolute number of bytes.
     *
     * @param bytes at least 1
     */
    record Bytes(long bytes) implements ByteBudget {
        /** Refuses with {@code BUDGET_INVALID} what is not positive. */
        public Bytes {
            if (bytes < 1) {
                throw invalid("A budget of %d bytes is not positive; give a number of bytes or a percentage.".formatted(bytes), Long.toString(bytes));
            }
        }
    }

    /**
     * Separate limits.
     *
     * @param weights share of the dense bytes of all weights and untouched tensors, in (0, 1]
     * @param cache share of the dense bytes of the cache, in (0, 1]
     */
    record Parts(double weights, double cache) implements ByteBudget {
        /** Refuses with {@code BUDGET_INVALID} what is no share. */
        public Parts {
            requireShare("The weights' budget", weights);
            requireShare("The cache's budget", cache);
        }
    }

    /**
     * The budget of a request, whose fields may be absent. Refuses with {@code BUDGET_INVALID} anything but exactly one of: a
     * ratio, bytes, both parts.
     */
    static ByteBudget of(OptionalDouble ratio, OptionalLong bytes, OptionalDouble weightsRatio, OptionalDouble cacheRatio) {
        boolean parts = weightsRatio.isPresent() || cacheRatio.isPresent();
        int given = (ratio.isPresent() ? 1 : 0) + (bytes.isPresent() ? 1 : 0) + (parts ? 1 : 0);
        if (given == 0) {
            throw invalid("No budget was given; give a share such as 60%, a number of bytes, or one limit for weights and one for the cache.", "");
        }
        if (given > 1) {
            throw invalid("Several budgets were given; give one of: a share, a number of bytes, or one limit for weights and one for the cache.", "");
        }
        if (parts) {
            if (weightsRatio.isEmpty() || cacheRatio.isEmpty()) {
                throw invalid("Separate limits need both: one for the weights and one for the cache; give 100% for the part to leave alone.", "");
            }
            return new Parts(weightsRatio.getAsDouble(), cacheRatio.getAsDouble());
        }
        return ratio.isPresent() ? new Ratio(ratio.getAsDouble()) : new Bytes(bytes.getAsLong());
    }

    private static void requireShare(String what, double share) {
        if (!(share > 0 && share <= 1)) {
            throw invalid("%s of %s is no share of the model: it must be above 0 and at most 1 (100%%).".formatted(what, share), Double.toString(share));
        }
    }

    private static RefusedInput invalid(String message, String value) {
        return new RefusedInput("BUDGET_INVALID", message, Map.of("budget", value));
    }

    /** The decimal share as it was written, so that 57 % of 100 bytes are 57. */
    static long share(double ratio, long bytes) {
        return BigDecimal.valueOf(ratio).multiply(BigDecimal.valueOf(bytes)).setScale(0, RoundingMode.FLOOR).longValueExact();
    }
}
