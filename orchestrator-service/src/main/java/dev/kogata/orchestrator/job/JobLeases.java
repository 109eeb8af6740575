package dev.kogata.orchestrator.job;

import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.quota.Quotas;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jdbi.v3.core.Handle;

/**
 * Who runs which job: a lease by the database's clock and a fence that grows with every claim, so that two orchestrators do no
 * harm and a dead one's jobs go on elsewhere. Thread-safe.
 */
public final class JobLeases {

    private final Database database;
    private final String owner;
    private final Duration length;
    private final ToLongFunction<String> atOnce;

    /**
     * @param owner name of this orchestrator, unique per process
     * @param length how long a lease lasts without being renewed
     * @param atOnce jobs of a tenant that may be run at once; 0 for no limit
     */
    public JobLeases(Database database, String owner, Duration length, ToLongFunction<String> atOnce) {
        this.database = database;
        this.owner = owner;
        this.length = length;
        this.atOnce = atOnce;
    }

    /** Claims the oldest job that has not ended, that nobody runs and that its tenant may have run now. */
    public Optional<JobLease> claim() {
        return database.inTransaction(handle -> {
            OffsetDateTime now = now(handle);
            Optional<JobLease> lease = handle.createQuery("""
                            select id, fence from job where state in (<active>) and (lease_until is null or lease_until < :now) and tenant not in (<full>)
                            order by number limit 1 for update skip locked""")
                    .bindList("active", JobStates.ACTIVE).bind("now", now).bindList("full", full(handle, now))
                    .map((row, context) -> new JobLease(row.getString("id"), owner, row.getLong("fence") + 1)).findOne();
            lease.ifPresent(claimed -> handle.createUpdate("update job set lease_owner = :owner, lease_until = :until, fence = :fence where id = :id")
                    .bind("owner", owner).bind("until", now.plus(length)).bind("fence", claimed.fence()).bind("id", claimed.job()).execute());
            return lease;
        });
    }

    /** Tenants that have as many jobs run as they may, and at least one name that is no tenant's. Nobody claims for them meanwhile. */
    private List<String> full(Handle handle, OffsetDateTime now) {
        List<String> full = new ArrayList<>(List.of(""));
        for (String tenant : waiting(handle, now)) {
            long limit = atOnce.applyAsLong(tenant);
            if (limit > 0) {
                Quotas.lock(handle, tenant);
                long running = handle.createQuery("select count(*) from job where tenant = :tenant and state in (<active>) and lease_until >= :now")
                        .bind("tenant", tenant).bindList("active", JobStates.ACTIVE).bind("now", now).mapTo(Long.class).one();
                if (running >= limit) {
                    full.add(tenant);
                }
            }
        }
        return full;
    }

    private static List<String> waiting(Handle handle, OffsetDateTime now) {
        return handle.createQuery("select distinct tenant from job where state in (<active>) and (lease_until is null or lease_until < :now) order by tenant")
                .bindList("active", JobStates.ACTIVE).bind("now", now).mapTo(String.class).list();
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
