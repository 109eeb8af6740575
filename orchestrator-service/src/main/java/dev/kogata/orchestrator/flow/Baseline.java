package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;

/**
 * What the delivered plan is compared with: another way to spend the same bytes. Chosen without a look at the held-out data.
 *
 * @param name key in the report
 * @param finalist its plan, measured on the selection set
 * @param pass how its weights were made, as the request names final passes
 * @param bytes what it weighs
 * @param heldout what held-out data say of it
 * @param forwardPasses forward passes over the search set that it took to find it; one that sees layer after layer counts as one
 */
record Baseline(String name, Finalist finalist, String pass, long bytes, Quality heldout, double forwardPasses) {

    static final String UNIFORM = "uniform";
    static final String RANKED = "uniform-wanda";
    static final String REPAIRED = "uniform-repaired";
}
