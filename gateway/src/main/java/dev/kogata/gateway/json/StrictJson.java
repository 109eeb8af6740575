package dev.kogata.gateway.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.kogata.gateway.problem.Refusal;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Reads a request's JSON into a message and refuses everything it does not understand, naming the field: a misspelt
 * budget must not become a job without one. Thread-safe.
 */
public final class StrictJson {
    private static final JsonMapper JSON = JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .build();
    /** Decimal exponents beyond it no field can hold: those of float64 end at 308 and -324. */
    private static final int LARGEST_EXPONENT = 400;

    private final int mostBytes;

    /** Reads documents of at most so many bytes. */
    public StrictJson(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Reads one JSON object; ARGUMENT_INVALID or LIMIT_EXCEEDED where the body is none. */
    public JsonNode object(InputStream body) {
        byte[] bytes;
        try {
            bytes = body.readNBytes(mostBytes + 1);
        } catch (IOException e) {
            throw Refusal.argument("body", "The body broke off.");
        }
        if (bytes.length > mostBytes) {
            throw Refusal.limit("kogata.gateway.json.max-bytes", mostBytes, "A JSON body may have " + mostBytes + " bytes.");
        }
        JsonNode node;
        try {
            node = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw Refusal.argument("body", at == null ? "The body is no JSON." : "The body is no JSON, or names a field twice, at line "
                + at.getLineNr() + ", column " + at.getColumnNr() + ".");
        } catch (CharConversionException e) {   // bytes that begin as UTF-16 or UTF-32 does, and are none
            throw Refusal.argument("body", "The body is no JSON in UTF-8.");
        } catch (NumberFormatException e) {   // an exponent that no number can have
            throw Refusal.argument("body", "The body has a number out of range.");
        } catch (IOException e) {
            throw new UncheckedIOException("Bytes in memory cannot fail", e);
        }
        if (!node.isObject()) {
            throw Refusal.argument("body", "The body has to be a JSON object.");
        }
        return node;
    }

    /** Fills a message from a JSON object with the proto's own field names. */
    public static <B extends Message.Builder> B merge(JsonNode object, B builder) {
        merge("", object, builder);
        return builder;
    }

    private static void merge(String prefix, JsonNode object, Message.Builder builder) {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String path = prefix + entry.getKey();
            FieldDescriptor field = builder.getDescriptorForType().findFieldByName(entry.getKey());
            if (field == null) {
                throw Refusal.argument(path, "There is no field \"" + Refusal.printable(path) + "\".");
            }
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                continue;
            }
            if (field.getRealContainingOneof() != null && builder.hasOneof(field.getRealContainingOneof())) {
                throw Refusal.argument(path, "\"" + path + "\" and another field contradict each other: give only one.");
            }
            boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated() && value.isObject();
            if (nested) {
                merge(path + ".", value, builder.getFieldBuilder(field));
            } else {
                set(path, field, value, builder);
            }
        }
    }

    private static void set(String path, FieldDescriptor field, JsonNode value, Message.Builder builder) {
        if (!fits(field, value) || !bounded(value)) {
            throw wrong(path, field, value);
        }
        try {
            JsonFormat.parser().merge(JSON.createObjectNode().set(field.getName(), value).toString(), builder);
        } catch (InvalidProtocolBufferException e) {
            throw wrong(path, field, value);
        }
    }

    /** Protobuf's parser also takes the text "7" for a number and 7 for a text; a strict one does not. */
    private static boolean fits(FieldDescriptor field, JsonNode value) {
        if (field.isRepeated()) {
            return value.isArray();
        }
        return switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE -> value.isNumber();
            case BOOLEAN -> value.isBoolean();
            case STRING, BYTE_STRING, ENUM -> value.isTextual();
            case MESSAGE -> value.isObject();
        };
    }

    /** Protobuf's parser writes 1e9999999 out, to see whether it is a whole number: ten bytes would cost a core for a quarter of a minute. */
    private static boolean bounded(JsonNode value) {
        for (JsonNode child : value) {
            if (!bounded(child)) {
                return false;
            }
        }
        return !value.isBigDecimal() || Math.abs((long) value.decimalValue().scale()) <= LARGEST_EXPONENT;
    }

    private static RuntimeException wrong(String path, FieldDescriptor field, JsonNode value) {
        String wanted = switch (field.getJavaType()) {
            case INT, LONG -> "a whole number in range";
            case FLOAT, DOUBLE -> "a number";
            case BOOLEAN -> "true or false";
            case STRING, BYTE_STRING -> "a text";
            case ENUM -> "one of the known names";
            case MESSAGE -> "an object";
        };
        return Refusal.argument(path, "\"" + path + "\" has to be " + wanted + ", and is " + Refusal.printable(value.toString()) + ".");
    }
}
