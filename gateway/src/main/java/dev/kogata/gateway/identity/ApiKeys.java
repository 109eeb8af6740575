package dev.kogata.gateway.identity;

import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.tenant.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Static keys of a small installation, from a file: one {@code TENANT NAME SHA256} a line, the hash of the key in hexadecimal,
 * lines that begin with # apart. A plain hash is enough, since keys are random and long ({@code ./kogata key} makes them).
 * A changed file counts from the next request on; one that became unreadable or wrong leaves the last good one in force.
 * Thread-safe.
 */
final class ApiKeys {
    private static final Logger LOG = Logger.getLogger(ApiKeys.class);
    private static final int LEAST_CHARACTERS = 24;

    private final Path file;
    private Map<String, Caller> byHash;
    private FileTime read;

    /** Reads the file; an IllegalArgumentException says in one sentence what is wrong with it. */
    ApiKeys(Path file) {
        this.file = file;
        try {
            this.read = Files.getLastModifiedTime(file);
            this.byHash = parse(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("The file of API keys (kogata.gateway.identity.api-keys) cannot be read: " + file + ".");
        }
    }

    /** Whose key it is. */
    Optional<Caller> find(String key) {
        // By hash: how long the look-up takes says nothing about a key.
        return key.length() < LEAST_CHARACTERS ? Optional.empty()
            : Optional.ofNullable(current().get(Sha256.of(key.getBytes(StandardCharsets.UTF_8))));
    }

    private synchronized Map<String, Caller> current() {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            if (!changed.equals(read)) {
                read = changed;
                byHash = parse(Files.readString(file));
                LOG.infof("API keys are read again: %d keys", byHash.size());
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("The file of API keys is not usable now, the keys read before stay: %s", e.getMessage());
        }
        return byHash;
    }

    private static Map<String, Caller> parse(String text) {
        Map<String, Caller> keys = new HashMap<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.trim().split("\\s+");
            if (words.length != 3 || !Tenant.isName(words[0]) || !words[2].matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("Line " + number + " of the file of API keys is not \"TENANT NAME SHA256\"; ./kogata key makes such lines.");
            }
            if (keys.put(words[2], new Caller(words[0], words[1])) != null) {
                throw new IllegalArgumentException("Line " + number + " of the file of API keys repeats a key.");
            }
        }
        return keys;
    }
}
