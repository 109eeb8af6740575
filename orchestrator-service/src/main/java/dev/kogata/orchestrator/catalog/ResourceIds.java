package dev.kogata.orchestrator.catalog;

import com.google.protobuf.Timestamp;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names and times of resources. Ids cannot be guessed: 80 random bits, in lower-case hexadecimal digits. */
public final class ResourceIds {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int BYTES = 10;

    private ResourceIds() {
    }

    /** A new id. */
    public static String fresh() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The id in a name of a collection such as {@code jobs/}; empty where it is none. */
    public static Optional<String> id(String collection, String name) {
        return Optional.of(name).filter(n -> n.startsWith(collection)).map(n -> n.substring(collection.length())).filter(ID.asMatchPredicate());
    }

    /** The time now, in the precision that is kept. */
    public static Timestamp now() {
        Instant now = Instant.now();
        return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano() / 1000 * 1000).build();
    }
}
