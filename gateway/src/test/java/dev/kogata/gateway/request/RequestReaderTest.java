package dev.kogata.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.events.v1.JobRequested;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Event;
import dev.kogata.orchestrator.v1.JobRequest;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a CloudEvent that asks for a job may hold; anything else is a dead letter that says which part of it is wrong. */
class RequestReaderTest {

    @Test
    void readsJsonAndProtobuf() {
        JobRequested asked = JobRequested.newBuilder().setJob(JobRequest.newBuilder().setModel("models/m")).build();
        assertThat(RequestReader.read(event(Event.JOB_REQUESTED, "application/protobuf", asked.toByteArray()))).isEqualTo(asked);
        assertThat(RequestReader.read(event(Event.JOB_REQUESTED, "application/JSON; charset=utf-8", "{\"job\":{\"model\":\"models/m\"}}"))).isEqualTo(asked);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "dev.kogata.job.requested.v2|application/json|{}|type", "a\u001b[2Jb|application/json|{}|type",
        "dev.kogata.job.requested.v1|text/plain|{}|datacontenttype", "dev.kogata.job.requested.v1|application/jsonp|{}|datacontenttype",
        "dev.kogata.job.requested.v1|application/json||data", "dev.kogata.job.requested.v1|application/json|text|body",
        "dev.kogata.job.requested.v1|application/json|{\"jobb\":{}}|jobb", "dev.kogata.job.requested.v1|application/json|{}|job",
        "dev.kogata.job.requested.v1|application/json|{\"job\":{\"budget\":{\"ratio\":\"1\"}}}|job.budget.ratio",
        "dev.kogata.job.requested.v1|application/protobuf|{}|data"})
    @Tag("hostile-62")
    void refusesWhatIsNoRequestAndNamesThePart(String type, String contentType, String payload, String field) {
        assertRefused(event(type, contentType, payload), field);
    }

    @Test
    @Tag("hostile-62")
    void refusesNamesWithoutEnd() {
        assertRefused(CloudEventBuilder.from(event(Event.JOB_REQUESTED, "application/json", "{\"job\":{}}")).withId("x".repeat(1001)).build(), "id");
    }

    @Test
    @Tag("hostile-62")
    @Timeout(60)
    void refusesNumbersThatTakeForeverToWriteOut() {
        assertRefused(event(Event.JOB_REQUESTED, "application/json", "{\"job\":{\"seed\":1e300000000}}"), "job.seed");
    }

    private static void assertRefused(CloudEvent event, String field) {
        assertThatThrownBy(() -> RequestReader.read(event)).isInstanceOfSatisfying(KogataException.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Reason.EVENT_INVALID);
            assertThat(refused.metadata()).containsEntry("field", field);
            assertThat(refused.getMessage()).hasSizeLessThan(500).doesNotContain("\u001b", "Exception", "dev.kogata.gateway");
        });
    }

    private static CloudEvent event(String type, String contentType, String payload) {
        return event(type, contentType, payload == null ? null : payload.getBytes(StandardCharsets.UTF_8));
    }

    private static CloudEvent event(String type, String contentType, byte[] payload) {
        var event = CloudEventBuilder.v1().withId("1").withSource(URI.create("urn:test")).withType(type);
        return (payload == null ? event.withDataContentType(contentType) : event.withData(contentType, payload)).build();
    }
}
