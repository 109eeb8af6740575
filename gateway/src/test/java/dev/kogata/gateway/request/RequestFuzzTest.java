package dev.kogata.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Event;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.util.Arrays;

/** Any payload of an event that asks for a job: a request, or a dead letter with its reason. */
class RequestFuzzTest {

    private static final String[] TYPES = {"application/json", "application/protobuf", "text/plain"};

    /** The first byte chooses the content type. */
    @FuzzTest(maxDuration = "5m")
    void aPayloadIsARequestOrRefused(byte[] bytes) {
        String type = TYPES[bytes.length == 0 ? 0 : (bytes[0] & 0xff) % TYPES.length];
        CloudEvent event = CloudEventBuilder.v1().withId("1").withSource(URI.create("urn:fuzz")).withType(Event.JOB_REQUESTED)
                .withData(type, Arrays.copyOfRange(bytes, Math.min(1, bytes.length), bytes.length)).build();
        try {
            assertThat(RequestReader.read(event).hasJob()).isTrue();
        } catch (KogataException refused) {
            assertThat(refused.reason()).isEqualTo(Reason.EVENT_INVALID);
            assertThat(refused).hasMessageNotContainingAny("dev.kogata", "java.", "com.google");
        }
    }
}
