package dev.kogata.standalone.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobEventsTest {
    @Test
    void handsEveryEventOverOnceAcrossConnections() throws Exception {
        try (var fake = new FakeGateway()) {
            fake.answer("GET /v1/jobs/1/events", 200, "text/event-stream",
                            event(1, "QUEUED") + event(2, "SEARCHING") + ": still there\n\n" + "id: 3\ndata: {\"sequence\":3,")
                    .answer("GET /v1/jobs/1/events", 200, "text/event-stream", event(2, "SEARCHING") + event(3, "SUCCEEDED"))
                    .json("GET /v1/jobs/1", 200, "{\"state\":\"SEARCHING\",\"last_sequence\":\"3\"}")
                    .json("GET /v1/jobs/1", 200, "{\"state\":\"SUCCEEDED\",\"last_sequence\":\"3\"}");
            List<Long> seen = new ArrayList<>();
            JsonNode ended = new JobEvents(new Gateway(fake.address()), "jobs/1", 0).follow(event -> seen.add(event.path("sequence").asLong()));
            assertThat(seen).containsExactly(1L, 2L, 3L);
            assertThat(ended.path("state").asText()).isEqualTo("SUCCEEDED");
            assertThat(fake.requests()).filteredOn(request -> request.path().endsWith("/events"))
                    .extracting(request -> request.headers().get("last-event-id")).containsExactly("0", "2");
        }
    }

    private static String event(long sequence, String state) {
        return "id: " + sequence + "\ndata: {\"sequence\":\"" + sequence + "\",\"state\":\"" + state + "\"}\n\n";
    }
}
