package dev.kogata.standalone.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/** Follows a job by its server-sent events until it ends, over as many connections as that takes. */
public final class JobEvents {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** A gateway that restarts is back long before. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Gateway gateway;
    private final String job;
    private long sequence;

    /** Follows {@code jobs/ID} from the event after the given sequence number; 0 for all. */
    public JobEvents(Gateway gateway, String job, long afterSequence) {
        this.gateway = gateway;
        this.job = job;
        this.sequence = afterSequence;
    }

    /** Whether a job in this state changes no more. */
    public static boolean hasEnded(String state) {
        return ENDED.contains(state);
    }

    /** Hands every event over once and in order; returns the job after its last one. */
    public JsonNode follow(Consumer<JsonNode> events) {
        long lastContact = System.nanoTime();
        while (true) {
            try {
                if (followOnce(events)) {
                    return gateway.job(job);
                }
                JsonNode now = gateway.job(job);
                if (hasEnded(now.path("state").asText()) && now.path("last_sequence").asLong() <= sequence) {
                    return now;
                }
                lastContact = System.nanoTime();
            } catch (GatewayFailure failure) {
                boolean over = System.nanoTime() - lastContact > PATIENCE.toNanos();
                if (failure.kind() == GatewayFailure.Kind.REFUSED || over || Thread.currentThread().isInterrupted()) {
                    throw failure;
                }
            }
            Gateway.pause(PAUSE);
        }
    }

    /** Reads one connection to its end; true when the job ended. */
    private boolean followOnce(Consumer<JsonNode> events) {
        try (var lines = new BufferedReader(new InputStreamReader(gateway.events(job, sequence), StandardCharsets.UTF_8))) {
            StringBuilder data = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    data.append(line, 5, line.length()).append('\n');
                } else if (line.isEmpty() && data.length() > 0) {
                    JsonNode event = JSON.readTree(data.toString());
                    data.setLength(0);
                    if (event.path("sequence").asLong() > sequence) {
                        sequence = event.path("sequence").asLong();
                        events.accept(event);
                    }
                    if (hasEnded(event.path("state").asText())) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException cut) {
            return false;
        }
    }
}
