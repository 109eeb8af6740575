package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * Lets the same command go on with the job it had started when it was interrupted: a small file below the home folder keeps the
 * job's idempotency key, under a name made of what was asked for, until the job has ended and its result was delivered.
 */
final class Resumption {
    private final Path file;
    private String key;
    private boolean earlier;

    private Resumption(Path file) {
        this.file = file;
    }

    /**
     * What is known of a request.
     *
     * @param home folder of the state
     * @param request body of {@code POST /v1/jobs}, with the names of model and datasets
     * @param out where the result goes
     */
    static Resumption of(Path home, ObjectNode request, Path out) {
        String asked = Sha256.of((request + "\n" + out.toAbsolutePath().normalize()).getBytes(StandardCharsets.UTF_8));
        Resumption resumption = new Resumption(home.resolve("compress").resolve(asked.substring(0, 32) + ".json"));
        resumption.read();
        return resumption;
    }

    /** The job's idempotency key; the same as long as its end was not seen. */
    String key() {
        return key;
    }

    /** Whether an earlier command has asked for it. */
    boolean isEarlier() {
        return earlier;
    }

    /** The job that the key led to can no longer succeed: from now on there is a new key. */
    void renew() {
        over();
        read();
    }

    /** The job has ended, and nothing is left to do. */
    void over() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException kept) {
            throw unwritable(kept);
        }
    }

    private void read() {
        try {
            JsonNode kept = Output.JSON.readTree(Files.readAllBytes(file));
            key = kept.path("key").asText();
            earlier = !key.isEmpty();
        } catch (IOException none) {
            earlier = false;
        }
        if (!earlier) {
            key = UUID.randomUUID().toString();
            write();
        }
    }

    private void write() {
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, Output.JSON.writeValueAsBytes(Output.JSON.createObjectNode().put("key", key)));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException full) {
            throw unwritable(full);
        }
    }

    private CommandFailure unwritable(IOException cause) {
        return CommandFailure.refused(PlainWords.reason(cause), "The home folder cannot be written (" + file + "): " + PlainWords.of(cause) + ".");
    }
}
