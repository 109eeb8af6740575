package dev.kogata.e2e;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Faults in an order and at moments that a seed decides: the same seed gives the same schedule where the same kinds of faults can be had. */
final class FaultSchedule {
    private static final int FAULTS = 3;

    /** @param step of the client, before which this does not strike */
    private record Strike(Fault fault, int step) {}

    private final long seed;
    private final List<Strike> strikes = new ArrayList<>();

    FaultSchedule(long seed, Map<String, List<Fault>> kinds) {
        this.seed = seed;
        Random random = new Random(seed);
        List<String> names = List.copyOf(kinds.keySet());
        for (int i = 0; i < FAULTS; i++) {
            List<Fault> kind = kinds.get(names.get(random.nextInt(names.size())));
            Fault fault = kind.get(random.nextInt(kind.size()));
            strikes.add(new Strike(fault, random.nextInt(fault.within())));
        }
        strikes.sort(Comparator.comparingInt(Strike::step));
    }

    /** Reasons for which a job may fail because of this. */
    Set<String> mayFailWith() {
        Set<String> reasons = new HashSet<>();
        strikes.forEach(strike -> reasons.addAll(strike.fault().mayFailWith()));
        return reasons;
    }

    /** Whether the broker keeps what it was told. */
    boolean brokerKeeps() {
        return strikes.stream().noneMatch(strike -> strike.fault().name().equals(Fault.EMPTY_BROKER));
    }

    /** Lets the faults happen while a client works. */
    void strike(SeparateServices mesh, PatientClient client) throws Exception {
        for (Strike strike : strikes) {
            Until.holds("the client has taken " + strike.step() + " steps", () -> client.steps() >= strike.step());
            System.out.println("  " + (client.steps() == Long.MAX_VALUE ? "after the end: " : "at step " + client.steps() + ": ") + strike.fault());
            strike.fault().action().run(mesh, client);
        }
    }

    @Override
    public String toString() {
        return "schedule " + seed + ": " + strikes.stream().map(strike -> strike.fault() + " from step " + strike.step()).toList();
    }
}
