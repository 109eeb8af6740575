package dev.kogata.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.JobRequested;
import dev.kogata.gateway.json.StrictJson;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Event;
import dev.kogata.kit.event.EventIntake;
import io.cloudevents.CloudEvent;
import java.io.ByteArrayInputStream;
import java.util.Locale;
import java.util.Map;

/** What an event on {@code kogata.requests} asks for; {@code EVENT_INVALID} where that cannot be told. Stateless. */
final class RequestReader {
    private static final StrictJson JSON = new StrictJson(EventIntake.LARGEST);
    private static final int LONGEST_NAME = 1000;

    private RequestReader() {}

    static JobRequested read(CloudEvent event) {
        if (!event.getType().equals(Event.JOB_REQUESTED)) {
            throw invalid("type", "Events of the type '" + Refusal.printable(event.getType()) + "' are not understood on " + Event.REQUESTS
                + ": send " + Event.JOB_REQUESTED + ".", null);
        }
        if (event.getId().length() > LONGEST_NAME || event.getSource().toString().length() > LONGEST_NAME) {
            throw invalid("id", "The event's id and source may have " + LONGEST_NAME + " characters each.", null);
        }
        if (event.getData() == null) {
            throw invalid("data", "The event has no payload.", null);
        }
        byte[] payload = event.getData().toBytes();
        JobRequested request = switch (contentType(event)) {
            case "application/json" -> json(payload);
            case "application/protobuf", "application/x-protobuf" -> protobuf(payload);
            default -> throw invalid("datacontenttype", "The payload's content type has to be application/json or application/protobuf.", null);
        };
        if (!request.hasJob()) {
            throw invalid("job", "The request has no \"job\".", null);
        }
        return request;
    }

    private static String contentType(CloudEvent event) {
        String type = String.valueOf(event.getDataContentType());
        return type.split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    private static JobRequested json(byte[] payload) {
        try {
            JsonNode document = JSON.object(new ByteArrayInputStream(payload));
            return StrictJson.merge(document, JobRequested.newBuilder()).build();
        } catch (KogataException e) {
            throw invalid(e.metadata().getOrDefault("field", "data"), e.getMessage(), e);
        }
    }

    private static JobRequested protobuf(byte[] payload) {
        try {
            return JobRequested.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw invalid("data", "The payload is no message of the type JobRequested.", e);
        }
    }

    private static KogataException invalid(String field, String message, Exception cause) {
        return new KogataException(Reason.EVENT_INVALID, message, Map.of("field", field), cause);
    }
}
