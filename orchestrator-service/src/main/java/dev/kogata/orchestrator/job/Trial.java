package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Quality;
import java.util.Optional;

/**
 * One line of a search's journal. Immutable.
 *
 * @param number number of the trial, from 0
 * @param origin where the plan came from
 * @param parameters what the search proposed, bit for bit
 * @param plan the plan that was measured
 * @param bytes bytes of the plan at the workload
 * @param quality what was measured; empty while the trial runs
 */
public record Trial(int number, String origin, double[] parameters, ElasticPlan plan, long bytes, Optional<Quality> quality) {

    /** Its divergence; only of a measured trial. */
    public double loss() {
        return quality.orElseThrow().getKl();
    }

    /** The same trial, measured. */
    public Trial measured(Quality found) {
        return new Trial(number, origin, parameters, plan, bytes, Optional.of(found));
    }
}
