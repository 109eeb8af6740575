package dev.kogata.gateway.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorInfo;
import java.math.BigDecimal;
import java.util.Collection;

/**
 * Messages as JSON: field names as in the protos, enums by name, fields without presence always there. Other than in
 * protobuf's own mapping, 64-bit integers are JSON numbers: they are sizes and counters, which scripts compute with.
 * Thread-safe.
 */
public final class ProtoJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().preservingProtoFieldNames()
        .alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace()
        .usingTypeRegistry(TypeRegistry.newBuilder().add(ErrorInfo.getDescriptor()).build());

    private ProtoJson() {}

    /** One message as a JSON document without line breaks. */
    public static String print(Message message) {
        return tree(message).toString();
    }

    /** Several messages as a JSON list. */
    public static String print(Collection<? extends Message> messages) {
        ArrayNode list = JSON.createArrayNode();
        messages.forEach(message -> list.add(tree(message)));
        return list.toString();
    }

    private static JsonNode tree(Message message) {
        try {
            JsonNode tree = JSON.readTree(PRINTER.print(message));
            numbers(tree, message.getDescriptorForType());
            return tree;
        } catch (InvalidProtocolBufferException | JsonProcessingException e) {
            throw new IllegalStateException("No JSON for a " + message.getDescriptorForType().getName(), e);
        }
    }

    private static void numbers(JsonNode tree, Descriptor type) {
        // Timestamps and the like are no objects in JSON; Any has another form than its fields.
        if (!(tree instanceof ObjectNode object) || type.getFile().getPackage().equals("google.protobuf")) {
            return;
        }
        for (FieldDescriptor field : type.getFields()) {
            JsonNode value = object.get(field.getName());
            if (value == null || field.isMapField()) {
                continue;
            }
            if (value instanceof ArrayNode list) {
                for (int i = 0; i < list.size(); i++) {
                    list.set(i, number(list.get(i), field));
                }
            } else {
                object.set(field.getName(), number(value, field));
            }
        }
    }

    private static JsonNode number(JsonNode value, FieldDescriptor field) {
        return switch (field.getJavaType()) {
            // Of all integers, only those of 64 bits arrive as text.
            case LONG -> value.isTextual() ? DecimalNode.valueOf(new BigDecimal(value.textValue())) : value;
            case MESSAGE -> {
                numbers(value, field.getMessageType());
                yield value;
            }
            case INT, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING, ENUM -> value;
        };
    }
}
