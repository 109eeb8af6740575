package dev.kogata.orchestrator.job;

/**
 * The right to run a job, until somebody else has a greater fence. Immutable.
 *
 * @param job id of the job
 * @param owner the orchestrator that holds it
 * @param fence number of the claim: what an earlier claim writes is refused
 */
public record JobLease(String job, String owner, long fence) {
}
