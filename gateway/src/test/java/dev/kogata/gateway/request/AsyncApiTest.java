package dev.kogata.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.kogata.events.v1.DeadLetter;
import dev.kogata.events.v1.JobChanged;
import dev.kogata.events.v1.JobRequested;
import dev.kogata.events.v1.TaskChanged;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.kit.event.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/asyncapi.yaml says what the code does. The schemas as they should be are written to target/asyncapi-schemas.yaml. */
class AsyncApiTest {
    private static final YAMLMapper YAML = YAMLMapper.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).enable(YAMLGenerator.Feature.MINIMIZE_QUOTES).build();
    private final JsonNode document = read();

    private static JsonNode read() {
        try {
            return YAML.readTree(Path.of(System.getProperty("kogata.root"), "docs/asyncapi.yaml").toFile());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void hasEveryTopic() {
        List<String> addresses = new ArrayList<>();
        document.get("channels").forEach(channel -> addresses.add(channel.get("address").asText()));
        assertThat(addresses).containsExactlyInAnyOrder(Event.JOBS, Event.REQUESTS, Event.DEAD, Event.tasks("{type}"));
    }

    @Test
    void hasEveryTypeWithItsPayload() {
        Map<String, String> payloads = new TreeMap<>();
        document.get("components").get("messages").forEach(message -> {
            assertThat(message.at("/headers/properties/ce_type/const")).isEqualTo(message.get("name"));
            payloads.put(message.get("name").asText(), message.at("/payload/$ref").asText().replace("#/components/schemas/", ""));
        });
        assertThat(payloads).isEqualTo(Map.of(Event.JOB_CHANGED, "JobChanged", Event.JOB_REQUESTED, "JobRequested", Event.DEAD_LETTER, "DeadLetter",
            Event.TASK_CHANGED, "TaskChanged"));
        assertThat(document.at("/components/messages/jobChanged/contentType").asText()).isEqualTo(Event.CONTENT_TYPE);
    }

    @Test
    void hasEveryFieldOfEveryPayload() throws IOException {
        ObjectNode schemas = YAML.createObjectNode();
        for (Descriptor root : List.of(JobChanged.getDescriptor(), JobRequested.getDescriptor(), DeadLetter.getDescriptor(), TaskChanged.getDescriptor())) {
            schema(root, schemas);
        }
        Files.writeString(Path.of("target/asyncapi-schemas.yaml"), YAML.writeValueAsString(schemas));
        assertThat(document.at("/components/schemas")).as("the schemas of docs/asyncapi.yaml; as they should be: gateway/target/asyncapi-schemas.yaml").isEqualTo(schemas);
    }

    @Test
    void givesAnExampleThatIsUnderstood() {
        JsonNode example = document.at("/components/messages/jobRequested/examples/0/payload");
        // YAML's numbers are not those that the reader of JSON makes.
        JobRequested request = StrictJson.merge(parse(example.toString()), JobRequested.newBuilder()).build();
        assertThat(request.getModel().getSha256()).hasSize(64);
        assertThat(request.getJob().getBudget().getRatio()).isEqualTo(0.6);
    }

    private static JsonNode parse(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void schema(Descriptor type, ObjectNode schemas) {
        if (schemas.has(type.getName())) {
            return;
        }
        ObjectNode properties = schemas.putObject(type.getName()).put("type", "object").putObject("properties");
        for (FieldDescriptor field : type.getFields()) {
            ObjectNode property = properties.putObject(field.getName());
            if (field.isMapField()) {
                property.put("type", "object");
            } else if (field.isRepeated()) {
                value(field, property.put("type", "array").putObject("items"), schemas);
            } else {
                value(field, property, schemas);
            }
        }
    }

    private static void value(FieldDescriptor field, ObjectNode property, ObjectNode schemas) {
        switch (field.getJavaType()) {
            case INT, LONG -> property.put("type", "integer");
            case FLOAT, DOUBLE -> property.put("type", "number");
            case BOOLEAN -> property.put("type", "boolean");
            case STRING -> property.put("type", "string");
            case BYTE_STRING -> property.put("type", "string").put("contentEncoding", "base64");
            case ENUM -> {
                ArrayNode names = property.put("type", "string").putArray("enum");
                field.getEnumType().getValues().stream().map(EnumValueDescriptor::getName).forEach(names::add);
            }
            case MESSAGE -> {
                Descriptor type = field.getMessageType();
                if (type.getFullName().equals("google.protobuf.Timestamp")) {
                    property.put("type", "string").put("format", "date-time");
                } else if (type.getFile().getPackage().startsWith("google.")) {
                    property.put("type", "object").put("description", type.getFullName());
                } else {
                    property.put("$ref", "#/components/schemas/" + type.getName());
                    schema(type, schemas);
                }
            }
        }
    }
}
