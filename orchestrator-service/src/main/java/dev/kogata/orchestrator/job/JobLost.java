package dev.kogata.orchestrator.job;

/** The job has ended, or another orchestrator runs it: who gets this stops working on it and changes nothing more. */
public final class JobLost extends RuntimeException {

    private final boolean ended;

    JobLost(JobLease lease, boolean ended) {
        super("job " + lease.job() + " is no longer run by " + lease.owner() + " under fence " + lease.fence());
        this.ended = ended;
    }

    /** True where the job has ended; false where another orchestrator goes on with it. */
    public boolean ended() {
        return ended;
    }
}
