package dev.kogata.orchestrator.deletion;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * Removes models, datasets and jobs of a tenant. From the moment this returns the resource is NOT_FOUND, its quota is given back, and its bytes
 * are {@link Leftovers}. What a job that has not ended needs stays. Removing again is no error; removing what never was, or is another tenant's, is
 * NOT_FOUND. Thread-safe.
 */
public final class Deletions {
    private final Database database;
    private final Leftovers leftovers;

    /** Deletions in one schema. */
    public Deletions(Database database, Leftovers leftovers) {
        this.database = database;
        this.leftovers = leftovers;
    }

    /** Removes a model. */
    public void model(String tenant, String name) {
        resource(tenant, "model", "models/", name, request -> request.getModel().equals(name));
    }

    /** Removes a dataset. */
    public void dataset(String tenant, String name) {
        resource(tenant, "dataset", "datasets/", name, request -> request.getDataset().equals(name) || request.getHeldout().equals(name));
    }

    private void resource(String tenant, String table, String collection, String name, Predicate<JobRequest> needs) {
        database.inTransaction(handle -> {
            // Whoever starts a job has the same locks: either it finds no model, or is found here.
            Leftovers.lock(handle);
            Quotas.lock(handle, tenant);
            Optional<byte[]> row = row(handle, table, tenant, id(collection, name));
            if (row.isEmpty()) {
                requireDeleted(handle, tenant, "The " + table, name);
                return null;
            }
            for (Job job : active(handle, tenant)) {
                if (needs.test(job.getRequest())) {
                    throw new KogataException(Reason.IN_USE, "The " + table + " " + name + " is needed by " + job.getName() + ", which is " + job.getState()
                            + "; cancel that job or wait until it has ended.", Map.of("name", name, "job", job.getName()));
                }
            }
            leftovers.leave(handle, List.of(row.get()));
            handle.createUpdate("delete from " + table + " where tenant = :tenant and id = :id").bind("tenant", tenant).bind("id", id(collection, name)).execute();
            remember(handle, tenant, name);
            return null;
        });
        leftovers.hurry();
    }

    /** Removes a job that has ended. */
    public void job(String tenant, String name) {
        String id = id("jobs/", name);
        database.inTransaction(handle -> {
            Leftovers.lock(handle);
            Optional<byte[]> row = handle.createQuery("select resource from job where tenant = :tenant and id = :id for update")
                    .bind("tenant", tenant).bind("id", id).mapTo(byte[].class).findOne();
            if (row.isEmpty()) {
                requireDeleted(handle, tenant, "The job", name);
                return null;
            }
            requireOver(handle, id, job(row.get()));
            List<byte[]> named = new ArrayList<>(handle.createQuery("select result from job where id = :id and result is not null").bind("id", id).mapTo(byte[].class).list());
            named.addAll(handle.createQuery("select result from job_task where job = :id and result is not null").bind("id", id).mapTo(byte[].class).list());
            named.addAll(handle.createQuery("select result from elastic_weights where job = :id").bind("id", id).mapTo(byte[].class).list());
            leftovers.leave(handle, named);
            for (String part : List.of("elastic_weights", "trial", "job_task", "job_event")) {
                handle.createUpdate("delete from " + part + " where job = :id").bind("id", id).execute();
            }
            handle.createUpdate("delete from job where id = :id").bind("id", id).execute();
            remember(handle, tenant, name);
            return null;
        });
        leftovers.hurry();
    }

    /** It has ended, and nobody is about to write of it any more. */
    private static void requireOver(Handle handle, String id, Job job) {
        boolean ended = switch (job.getState()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            default -> false;
        };
        boolean stopping = handle.createQuery("""
                        select (select count(*) from job where id = :id and lease_until > current_timestamp)
                             + (select count(*) from job_task where job = :id and result is null and not closed)""").bind("id", id).mapTo(long.class).one() > 0;
        if (!ended || stopping) {
            throw new KogataException(Reason.STATE_WRONG, ended ? "The work of " + job.getName() + " is still being stopped; try again in a moment."
                    : "The job " + job.getName() + " is " + job.getState() + "; cancel it first.", Map.of("name", job.getName(), "state", job.getState().name()));
        }
    }

    private static List<Job> active(Handle handle, String tenant) {
        return handle.createQuery("select resource from job where tenant = :tenant and state not in ('SUCCEEDED', 'FAILED', 'CANCELLED') order by number")
                .bind("tenant", tenant).mapTo(byte[].class).map(Deletions::job).list();
    }

    private static Optional<byte[]> row(Handle handle, String table, String tenant, String id) {
        return handle.createQuery("select resource from " + table + " where tenant = :tenant and id = :id for update").bind("tenant", tenant).bind("id", id)
                .mapTo(byte[].class).findOne();
    }

    private static void remember(Handle handle, String tenant, String name) {
        handle.createUpdate("insert into deleted (tenant, name) values (:tenant, :name) on conflict do nothing").bind("tenant", tenant).bind("name", name).execute();
    }

    private static void requireDeleted(Handle handle, String tenant, String what, String name) {
        if (handle.createQuery("select count(*) from deleted where tenant = :tenant and name = :name").bind("tenant", tenant).bind("name", name).mapTo(long.class).one() == 0) {
            throw KogataException.notFound(what, name);
        }
    }

    private static String id(String collection, String name) {
        return name.startsWith(collection) ? name.substring(collection.length()) : "";
    }

    private static Job job(byte[] resource) {
        try {
            return Job.parseFrom(resource);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of job is no message", e);
        }
    }
}
