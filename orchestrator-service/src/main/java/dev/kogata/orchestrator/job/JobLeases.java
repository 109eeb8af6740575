package dev.kogata.orchestrator.job;

import dev.kogata.kit.database.Database;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Who runs which job: a lease by the database's clock and a fence that grows with every claim, so that two orchestrators do no
 * harm and a dead one's jobs go on elsewhere. Thread-safe.
 */
public final class JobLeases {

    private final Database database;
    private final String owner;
    private final Duration length;

    /**
     * @param owner name of this orchestrator, unique per process
     * @param length how long a lease lasts without being renewed
     */
    public JobLeases(Database database, String owner, Duration length) {
        this.database = database;
        this.owner = owner;
        this.length = length;
    }

    /** Claims the oldest job that has not ended and that nobody runs. */
    public Optional<JobLease> claim() {
        return database.inTransaction(handle -> {
            OffsetDateTime now = now(handle);
            Optional<JobLease> lease = handle.createQuery("""
                            select id, fence from job where state in (<active>) and (lease_until is null or lease_until < :now)
                            order by number limit 1 for update skip locked""")
                    .bindList("active", JobStates.ACTIVE).bind("now", now)
                    .map((row, context) -> new JobLease(row.getString("id"), owner, row.getLong("fence") + 1)).findOne();
            lease.ifPresent(claimed -> handle.createUpdate("update job set lease_owner = :owner, lease_until = :until, fence = :fence where id = :id")
                    .bind("owner", owner).bind("until", now.plus(length)).bind("fence", claimed.fence()).bind("id", claimed.job()).execute());
            return lease;
        });
    }

    /** Extends a lease; false where the job has ended or is run by somebody else. */
    public boolean renew(JobLease lease) {
        return database.inTransaction(handle -> handle
                .createUpdate("update job set lease_until = :until where id = :id and fence = :fence and state in (<active>)")
                .bind("until", now(handle).plus(length)).bind("id", lease.job()).bind("fence", lease.fence())
                .bindList("active", JobStates.ACTIVE).execute()) == 1;
    }

    /** Gives a job back, so that another orchestrator need not wait for the lease to end. */
    public void release(JobLease lease) {
        database.withHandle(handle -> handle.createUpdate("update job set lease_until = null where id = :id and fence = :fence")
                .bind("id", lease.job()).bind("fence", lease.fence()).execute());
    }

    private static OffsetDateTime now(Handle handle) {
        return handle.createQuery("select current_timestamp").mapTo(OffsetDateTime.class).one();
    }
}
