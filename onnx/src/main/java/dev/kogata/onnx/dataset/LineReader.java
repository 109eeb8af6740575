package dev.kogata.onnx.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Lines of JSON objects, each of bounded length; blank lines are passed over. */
final class LineReader {
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private final InputStream in;
    private final int maximumBytes;
    private int line;

    /** @param in buffered */
    LineReader(InputStream in, int maximumBytes) {
        this.in = in;
        this.maximumBytes = maximumBytes;
    }

    /** Number of the line that was read last, from 1. */
    int line() {
        return line;
    }

    /** The next object, null at the end. */
    JsonNode next() throws IOException {
        for (ByteArrayOutputStream bytes = line(new ByteArrayOutputStream()); bytes != null; bytes = line(bytes)) {
            String text = text(bytes.toByteArray());
            if (!text.isBlank()) {
                return object(text);
            }
        }
        return null;
    }

    private ByteArrayOutputStream line(ByteArrayOutputStream bytes) throws IOException {
        bytes.reset();
        line++;
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (bytes.size() == maximumBytes) {
                throw Refusal.tooLarge("line_bytes", maximumBytes, "Line %d of the dataset is longer than %d bytes.".formatted(line, maximumBytes));
            }
            bytes.write(next);
        }
        return bytes;
    }

    private String text(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw Refusal.line(line, "is not UTF-8");
        }
    }

    private JsonNode object(String text) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw Refusal.line(line, "is not JSON (column %d)".formatted(e.getLocation() == null ? 1 : e.getLocation().getColumnNr()));
        }
        if (node == null || !node.isObject()) {
            throw Refusal.line(line, "is not a JSON object");
        }
        return node;
    }
}
