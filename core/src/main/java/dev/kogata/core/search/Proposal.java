package dev.kogata.core.search;

import dev.kogata.core.budget.ElasticPlan;

/**
 * A plan to try. Immutable.
 *
 * @param number number of the trial
 * @param parameters what goes into the journal
 * @param plan what to measure
 * @param origin where it came from: {@code uniform}, {@code arithmetic-progression}, {@code tpe}, {@code refinement}, {@code random},
 *     {@code paper}, or a start plan's
 */
public record Proposal(int number, double[] parameters, ElasticPlan plan, String origin) {
}
