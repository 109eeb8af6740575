package dev.kogata.orchestrator.deletion;

import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.quota.Quotas;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;

/**
 * The bytes that deleted models, datasets and jobs have left. They are named in the transaction that deletes, and freed later, by whoever finds that
 * nothing else names them: artifacts are shared by everybody who has the same bytes.
 *
 * <p>While a job has not ended nothing is freed: a worker may be about to name what is there already. Whoever registers something takes {@link #lock} meanwhile, as the
 * freeing does, so that what is registered is either kept or seen to be missing. Thread-safe, also between processes.
 *
 * <p>Freed no sooner than {@code keep} after the deletion: a copy of the database that is younger names nothing that the store has lost since.
 */
public final class Leftovers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Leftovers.class);
    /** No tenant can have this name. */
    private static final String LOCK = "(leftovers)";
    private static final int AT_ONCE = 20;
    /** Queries for what may name artifacts, and the table whose numbers they go by. */
    private static final Map<String, String> NAMING = Map.of(
            "select resource from model where number > :after", "model",
            "select resource from dataset where number > :after", "dataset",
            "select result from job where result is not null and number > :after", "job",
            "select t.result from job_task t join job j on j.id = t.job where t.result is not null and j.number > :after", "job",
            "select e.result from elastic_weights e join job j on j.id = e.job where j.number > :after", "job");

    private final Database database;
    private final ArtifactStore store;
    private final ArtifactNames names;
    private final Duration keep;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "leftovers");
        thread.setDaemon(true);
        return thread;
    });

    /** Leftovers of one schema's resources in a store, kept for so long at least. */
    public Leftovers(Database database, ArtifactStore store, Duration keep) {
        this.database = database;
        this.store = store;
        this.names = new ArtifactNames(store);
        this.keep = keep;
    }

    /** Begins to look now and then. */
    public void start(long everySeconds) {
        clock.scheduleWithFixedDelay(this::look, everySeconds, everySeconds, TimeUnit.SECONDS);
    }

    /** Looks soon: something was deleted, or a job has ended. */
    public void hurry() {
        clock.execute(this::look);
    }

    /** From here to the end of the transaction nothing is freed. */
    public static void lock(Handle handle) {
        Quotas.lock(handle, LOCK);
    }

    /** What stored bytes name is left over, as far as nothing else names it; to be called in the transaction that deletes them. */
    public void leave(Handle handle, List<byte[]> stored) {
        Set<String> named = new HashSet<>();
        stored.forEach(bytes -> names.add(bytes, named));
        // The second for what was left before, then taken up again: it was needed until now.
        for (String statement : List.of("insert into leftover (sha256) values (:sha256) on conflict do nothing", "update leftover set left_at = current_timestamp where sha256 = :sha256")) {
            var batch = handle.prepareBatch(statement);
            named.forEach(sha256 -> batch.bind("sha256", sha256).add());
            if (!named.isEmpty()) {
                batch.execute();
            }
        }
    }

    private void look() {
        try {
            free();
        } catch (RuntimeException e) {
            LOG.warnf("leftover artifacts are not looked at: %s", e.getMessage());
        }
    }

    /** Frees what nothing names, where no job is at work; returns how many artifacts that were. */
    int free() {
        OffsetDateTime until = database.withHandle(handle -> handle.createQuery("select current_timestamp").mapTo(OffsetDateTime.class).one()).minus(keep);
        List<String> left = database.withHandle(handle ->
                handle.createQuery("select sha256 from leftover where left_at <= :until order by sha256").bind("until", until).mapTo(String.class).list());
        if (left.isEmpty()) {
            return 0;
        }
        // Most is read without the lock; under it only what has come since. What a job at work will yet name cannot be known.
        Map<String, Long> seen = database.withHandle(Leftovers::last);
        if (database.withHandle(Leftovers::isBusy)) {
            return 0;
        }
        Set<String> named = new HashSet<>();
        database.withHandle(handle -> addNamed(handle, Map.of(), named));
        int freed = 0;
        for (int from = 0; from < left.size(); from += AT_ONCE) {
            List<String> some = left.subList(from, Math.min(from + AT_ONCE, left.size()));
            freed += database.inTransaction(handle -> free(handle, some, until, seen, named));
        }
        if (freed > 0) {
            LOG.infof("%d artifacts that nothing needs any more are freed", freed);
        }
        return freed;
    }

    private int free(Handle handle, List<String> candidates, OffsetDateTime until, Map<String, Long> seen, Set<String> named) {
        lock(handle);
        if (isBusy(handle)) {
            return 0;
        }
        addNamed(handle, seen, named);
        // Without those that were taken up and left again meanwhile.
        List<String> some = handle.createQuery("select sha256 from leftover where left_at <= :until and sha256 in (<candidates>)")
                .bind("until", until).bindList("candidates", candidates).mapTo(String.class).list();
        if (some.isEmpty()) {
            return 0;
        }
        int freed = 0;
        for (String sha256 : some) {
            if (!named.contains(sha256) && store.delete(sha256)) {
                freed++;
            }
        }
        handle.createUpdate("delete from leftover where sha256 in (<some>)").bindList("some", some).execute();
        return freed;
    }

    private static boolean isBusy(Handle handle) {
        return handle.createQuery("select count(*) from job where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED')").mapTo(long.class).one() > 0;
    }

    private static Map<String, Long> last(Handle handle) {
        Map<String, Long> last = new HashMap<>();
        for (String table : List.of("model", "dataset", "job")) {
            last.put(table, handle.createQuery("select coalesce(max(number), 0) from " + table).mapTo(Long.class).one());
        }
        return last;
    }

    /** Adds what rows name that are newer than the given ones. */
    private Object addNamed(Handle handle, Map<String, Long> after, Set<String> named) {
        NAMING.forEach((query, table) -> handle.createQuery(query).bind("after", after.getOrDefault(table, 0L)).mapTo(byte[].class)
                .forEach(bytes -> names.add(bytes, named)));
        return null;
    }

    @Override
    public void close() {
        clock.shutdown();
        try {
            // Not interrupted: it may be at H2's file.
            clock.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
