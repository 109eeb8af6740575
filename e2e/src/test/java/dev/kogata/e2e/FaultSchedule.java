package dev.kogata.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Faults in an order and at moments that a seed decides: the same seed gives the same schedule. Replay one with
 * {@code -Dkogata.schedule.seed=SEED}.
 */
final class FaultSchedule {
    private static final Set<String> ENDED = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    private static final int FAULTS = 3;
    /** Events of a job before a fault strikes, at most; a job of four trials has about 25. */
    private static final int LATEST = 9;

    /** @param afterEvents events that the job has had since the fault before it, when this one strikes */
    private record Strike(Fault fault, int afterEvents) {}

    private final long seed;
    private final List<Strike> strikes = new ArrayList<>();

    FaultSchedule(long seed, List<Fault> faults) {
        this.seed = seed;
        Random random = new Random(seed);
        for (int i = 0; i < FAULTS; i++) {
            strikes.add(new Strike(faults.get(random.nextInt(faults.size())), random.nextInt(LATEST)));
        }
    }

    /** Lets the faults happen to a job, as long as it has not ended. */
    void strike(SeparateServices mesh, String job) throws Exception {
        long seen = 0;
        for (Strike strike : strikes) {
            long due = seen + strike.afterEvents();
            Until.holds("the job has had " + due + " events or has ended", () -> {
                JsonNode now = Rest.get(mesh.server() + "/v1/" + job);
                return now.get("last_sequence").asLong() >= due || ENDED.contains(now.get("state").asText());
            });
            JsonNode now = Rest.get(mesh.server() + "/v1/" + job);
            seen = now.get("last_sequence").asLong();
            System.out.println("  " + strike.fault() + ", at event " + seen + " (" + now.get("state").asText() + ")");
            strike.fault().action().run(mesh);
            mesh.awaitReady("gateway");
            mesh.awaitReady("orchestrator");
        }
    }

    @Override
    public String toString() {
        return "schedule " + seed + ": " + strikes.stream().map(strike -> strike.fault() + " after " + strike.afterEvents() + " events").toList();
    }
}
