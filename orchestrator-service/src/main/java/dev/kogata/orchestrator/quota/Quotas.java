package dev.kogata.orchestrator.quota;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.Usage;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * What each tenant has and may have at once. Whoever adds something counts in the same transaction, after {@link #lock}: two
 * that add at once cannot both take the last of it. Thread-safe.
 */
public final class Quotas {
    private static final List<String> ACTIVE = List.of("QUEUED", "INSPECTING", "PROFILING", "SEARCHING", "COMPRESSING", "VERIFYING");

    private final QuotaConfig config;

    /** Quotas as configured. */
    public Quotas(QuotaConfig config) {
        this.config = config;
    }

    /** What a tenant has now. */
    public Usage usage(Handle handle, String tenant) {
        long unknown = unknownTrials(handle, tenant);
        return handle.createQuery("select count(*) as jobs, coalesce(sum(trials), 0) as trials from job where tenant = :tenant and state in (<active>)")
                .bind("tenant", tenant).bindList("active", ACTIVE)
                .map((row, context) -> usage(handle, tenant, row.getLong("jobs"), row.getLong("trials") + unknown)).one();
    }

    /** Trials of jobs whose rows do not say how many. */
    private static long unknownTrials(Handle handle, String tenant) {
        return handle.createQuery("select resource from job where tenant = :tenant and state in (<active>) and trials is null")
                .bind("tenant", tenant).bindList("active", ACTIVE).map((row, context) -> (long) job(row.getBytes("resource")).getRequest().getTrials()).list()
                .stream().mapToLong(Long::longValue).sum();
    }

    private Usage usage(Handle handle, String tenant, long jobs, long trials) {
        return Usage.newBuilder()
                .setJobs(jobs).setJobsLimit(limit(tenant, QuotaConfig.OfTenant::jobs, config.jobs()))
                .setTrials(trials)
                .setTrialsLimit(limit(tenant, QuotaConfig.OfTenant::trials, config.trials()))
                .setBytes(bytes(handle, tenant)).setBytesLimit(limit(tenant, QuotaConfig.OfTenant::bytes, config.bytes()))
                .build();
    }

    /** Refuses with {@code QUOTA_EXCEEDED} a job of so many trials that was just inserted in a transaction that has the {@link #lock}. */
    public void requireRoomForInserted(Handle handle, String tenant, int trials) {
        Usage usage = usage(handle, tenant);
        require("jobs", "jobs that have not ended", usage.getJobs() - 1, 1, usage.getJobsLimit());
        require("trials", "trials of jobs that have not ended", usage.getTrials() - trials, trials, usage.getTrialsLimit());
    }

    /** Refuses further bytes with {@code QUOTA_EXCEEDED}. The caller's transaction holds the lock from here on. */
    public void requireRoomForBytes(Handle handle, String tenant, long bytes) {
        long limit = limit(tenant, QuotaConfig.OfTenant::bytes, config.bytes());
        if (limit > 0) {
            lock(handle, tenant);
            require("bytes", "bytes of models and datasets", bytes(handle, tenant), bytes, limit);
        }
    }

    /** Jobs of a tenant that may be run at once; 0 for no limit. */
    public long runningAtOnce(String tenant) {
        return limit(tenant, QuotaConfig.OfTenant::running, config.running());
    }

    /** From here to the end of the transaction, nobody else counts what this tenant has. */
    public static void lock(Handle handle, String tenant) {
        handle.createUpdate("insert into tenant (name) values (:tenant) on conflict do nothing").bind("tenant", tenant).execute();
        handle.createQuery("select name from tenant where name = :tenant for update").bind("tenant", tenant).mapTo(String.class).one();
    }

    private static void require(String quota, String what, long used, long more, long limit) {
        if (limit > 0 && used + more > limit) {
            throw new KogataException(Reason.QUOTA_EXCEEDED,
                    "Your tenant may have %d %s at once, has %d, and asks for %d more; wait until some have ended, or ask for a larger quota."
                            .formatted(limit, what, used, more),
                    Map.of("quota", quota, "limit", Long.toString(limit), "used", Long.toString(used)));
        }
    }

    private long limit(String tenant, Function<QuotaConfig.OfTenant, OptionalLong> quota, long common) {
        QuotaConfig.OfTenant own = config.tenants().get(tenant);
        return own == null ? common : quota.apply(own).orElse(common);
    }

    private static long bytes(Handle handle, String tenant) {
        return bytes(handle, tenant, "model", resource -> parse(() -> Model.parseFrom(resource).getSizeBytes()))
                + bytes(handle, tenant, "dataset", resource -> parse(() -> Dataset.parseFrom(resource).getSizeBytes()));
    }

    private static long bytes(Handle handle, String tenant, String table, Function<byte[], Long> size) {
        long known = handle.createQuery("select coalesce(sum(size_bytes), 0) from " + table + " where tenant = :tenant")
                .bind("tenant", tenant).mapTo(Long.class).one();
        return known + handle.createQuery("select resource from " + table + " where tenant = :tenant and size_bytes is null").bind("tenant", tenant)
                .map((row, context) -> size.apply(row.getBytes("resource"))).list().stream().mapToLong(Long::longValue).sum();
    }

    private interface Parsing<T> {
        T parse() throws InvalidProtocolBufferException;
    }

    private static Job job(byte[] resource) {
        return parse(() -> Job.parseFrom(resource));
    }

    private static <T> T parse(Parsing<T> parsing) {
        try {
            return parsing.parse();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row is no message", e);
        }
    }
}
