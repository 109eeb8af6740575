package dev.kogata.gateway.openapi;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.kogata.orchestrator.v1.Job;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/**
 * Adds the messages that travel as JSON to the OpenAPI document, read from the protos, so that the two cannot differ:
 * names of fields as in the protos, 64-bit integers as numbers ({@link dev.kogata.gateway.json.ProtoJson}).
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.RUNTIME_STARTUP)
public class ProtoSchemas implements OASFilter {
    private static final Set<String> ROOTS = Set.of("Model", "ListModelsResponse", "Dataset", "ListDatasetsResponse", "Job",
        "JobRequest", "ContinueJobRequest", "ListJobsResponse", "JobEvent", "JobResult", "JobEstimate", "Usage", "WhatIfResponse");

    @Override
    public void filterOpenAPI(OpenAPI api) {
        if (api.getComponents() == null) {
            api.setComponents(OASFactory.createComponents());
        }
        Deque<Descriptor> open = new ArrayDeque<>();
        Job.getDescriptor().getFile().getMessageTypes().stream().filter(type -> ROOTS.contains(type.getName())).forEach(open::add);
        Set<String> done = new TreeSet<>();
        while (!open.isEmpty()) {
            Descriptor type = open.remove();
            if (done.add(type.getName())) {
                api.getComponents().addSchema(type.getName(), message(type, open));
            }
        }
        api.getComponents().addSchema("Uploaded", uploaded());
        api.getComponents().addSchema("Problem", problem());
    }

    private static Schema message(Descriptor type, Deque<Descriptor> open) {
        Schema schema = of(SchemaType.OBJECT);
        for (FieldDescriptor field : type.getFields()) {
            Schema value = value(field, open);
            schema.addProperty(field.getName(), field.isRepeated() ? of(SchemaType.ARRAY).items(value) : value);
        }
        return schema;
    }

    private static Schema value(FieldDescriptor field, Deque<Descriptor> open) {
        return switch (field.getJavaType()) {
            case INT -> of(SchemaType.INTEGER).format("int32");
            case LONG -> of(SchemaType.INTEGER).format("int64");
            case FLOAT, DOUBLE -> of(SchemaType.NUMBER).format("double");
            case BOOLEAN -> of(SchemaType.BOOLEAN);
            case STRING -> of(SchemaType.STRING);
            case BYTE_STRING -> of(SchemaType.STRING).format("byte");
            case ENUM -> of(SchemaType.STRING).enumeration(field.getEnumType().getValues().stream()
                .map(EnumValueDescriptor::getName).map(Object.class::cast).toList());
            case MESSAGE -> nested(field.getMessageType(), open);
        };
    }

    private static Schema nested(Descriptor type, Deque<Descriptor> open) {
        return switch (type.getFullName()) {
            case "google.protobuf.Timestamp" -> of(SchemaType.STRING).format("date-time");
            // In JSON: the message's fields, and its type as @type.
            case "google.protobuf.Any" -> of(SchemaType.OBJECT);
            default -> {
                open.add(type);
                yield OASFactory.createSchema().ref(type.getName());
            }
        };
    }

    private static Schema uploaded() {
        return of(SchemaType.OBJECT).required(List.of("uploads"))
            .addProperty("uploads", of(SchemaType.ARRAY).items(of(SchemaType.STRING).description("uploads/ID")))
            .addProperty("display_name", of(SchemaType.STRING));
    }

    private static Schema problem() {
        return of(SchemaType.OBJECT).description("RFC 9457")
            .addProperty("type", of(SchemaType.STRING).format("uri"))
            .addProperty("title", of(SchemaType.STRING))
            .addProperty("status", of(SchemaType.INTEGER))
            .addProperty("detail", of(SchemaType.STRING).description("What was wrong and what to do"))
            .addProperty("reason", of(SchemaType.STRING).description("Stable; the same in gRPC"))
            .addProperty("metadata", of(SchemaType.OBJECT).additionalPropertiesSchema(of(SchemaType.STRING)));
    }

    private static Schema of(SchemaType type) {
        return OASFactory.createSchema().addType(type);
    }
}
