package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.Encoding;
import java.math.BigInteger;

/** The contract's values as documents write them. Stateless. */
final class Names {

    private Names() {
    }

    static String of(Encoding encoding) {
        return encoding == Encoding.SPARSE_BITMASK ? "sparse-bitmask" : "dense";
    }

    static String of(CacheFormat format) {
        return switch (format) {
            case PORTABLE -> "portable";
            case NATIVE -> "native";
            case AS_IS, CACHE_FORMAT_UNSPECIFIED, UNRECOGNIZED -> "as-is";
        };
    }

    /** The contract's seeds have 64 bits without a sign. */
    static BigInteger seed(long seed) {
        return new BigInteger(Long.toUnsignedString(seed));
    }
}
