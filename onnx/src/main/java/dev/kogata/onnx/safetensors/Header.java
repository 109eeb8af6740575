package dev.kogata.onnx.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file's header, checked.
 *
 * @param tensors by name, in the order of their bytes
 * @param begins offset of each tensor's first byte in the file, by name
 */
record Header(Map<String, TensorEntry> tensors, Map<String, Long> begins, Map<String, String> metadata) {
    private static final int MAXIMUM_BYTES = 32 << 20;
    private static final int MAXIMUM_DIMENSIONS = 16;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private record Placed(TensorEntry tensor, long begin, long end) {
    }

    long begin(String name) {
        return begins.get(name);
    }

    static Header read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES) {
            throw new InvalidSafetensorsException("it has only %d bytes".formatted(size));
        }
        long length = read(channel, 0, Long.BYTES).getLong(0);
        if (length < 2 || length > MAXIMUM_BYTES || length > size - Long.BYTES) {
            throw new InvalidSafetensorsException("its header claims %s bytes; the file has %d, and at most %d are read"
                    .formatted(Long.toUnsignedString(length), size, MAXIMUM_BYTES));
        }
        return parse(read(channel, Long.BYTES, (int) length).array(), Long.BYTES + length, size);
    }

    private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new InvalidSafetensorsException("it ends in its header");
            }
        }
        return bytes;
    }

    private static Header parse(byte[] text, long dataBegin, long size) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidSafetensorsException("its header is no JSON: " + e.getOriginalMessage());
        } catch (CharConversionException e) {   // Jackson takes bytes for UTF-16 or UTF-32 where they begin so
            throw new InvalidSafetensorsException("its header is no JSON: " + e.getMessage());
        }
        if (root == null || !root.isObject()) {
            throw new InvalidSafetensorsException("its header is no JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Placed> placed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue().properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                placed.add(place(field.getKey(), field.getValue()));
            }
        }
        placed.sort(Comparator.comparingLong(Placed::begin).thenComparingLong(Placed::end));
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        Map<String, Long> begins = new LinkedHashMap<>();
        long at = 0;
        for (Placed p : placed) {
            if (p.begin != at) {
                throw new InvalidSafetensorsException("tensor %s begins at %d, where %d was expected".formatted(p.tensor.name(), p.begin, at));
            }
            at = p.end;
            tensors.put(p.tensor.name(), p.tensor);
            begins.put(p.tensor.name(), dataBegin + p.begin);
        }
        if (at != size - dataBegin) {
            throw new InvalidSafetensorsException("its tensors need %d bytes, it holds %d".formatted(at, size - dataBegin));
        }
        return new Header(Collections.unmodifiableMap(tensors), begins, Map.copyOf(metadata));
    }

    private static Placed place(String name, JsonNode node) throws InvalidSafetensorsException {
        JsonNode shape = node.path("shape"), offsets = node.path("data_offsets");
        boolean wellFormed = node.path("dtype").isTextual() && shape.isArray() && shape.size() <= MAXIMUM_DIMENSIONS && offsets.isArray() && offsets.size() == 2;
        for (JsonNode number : shape) {
            wellFormed &= isCount(number);
        }
        for (JsonNode number : offsets) {
            wellFormed &= isCount(number);
        }
        if (!wellFormed) {
            throw new InvalidSafetensorsException("tensor %s has no proper dtype, shape and data_offsets".formatted(name));
        }
        long[] dimensions = new long[shape.size()];
        for (int d = 0; d < dimensions.length; d++) {
            dimensions[d] = shape.get(d).longValue();
        }
        long begin = offsets.get(0).longValue(), end = offsets.get(1).longValue();
        try {
            TensorEntry tensor = new TensorEntry(name, TensorType.valueOf(node.get("dtype").textValue()), dimensions);
            if (end - begin != tensor.bytes()) {
                throw new InvalidSafetensorsException("tensor %s needs %d bytes, its data_offsets span %d".formatted(name, tensor.bytes(), end - begin));
            }
            return new Placed(tensor, begin, end);
        } catch (IllegalArgumentException e) {
            throw new InvalidSafetensorsException("tensor %s has the unknown dtype %s".formatted(name, node.get("dtype").textValue()));
        } catch (ArithmeticException e) {
            throw new InvalidSafetensorsException("tensor %s has too many elements".formatted(name));
        }
    }

    private static boolean isCount(JsonNode number) {
        return number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
    }
}
