package dev.kogata.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads documents as any other program would. */
final class Json {

    private Json() {
    }

    static JsonNode read(byte[] document) {
        try {
            return new ObjectMapper().readTree(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long number(byte[] document, String field) {
        return read(document).get(field).asLong();
    }
}
