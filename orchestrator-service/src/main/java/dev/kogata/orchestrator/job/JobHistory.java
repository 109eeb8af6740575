package dev.kogata.orchestrator.job;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** What earlier jobs took, as their workers measured it. Thread-safe. */
final class JobHistory {
    private static final int LATEST_JOBS = 200;

    private final Database database;

    JobHistory(Database database) {
        this.database = database;
    }

    /**
     * Seconds of earlier work.
     *
     * @param trials of every trial whose worker said how long it took
     * @param others of everything but the trials, in jobs that SUCCEEDED
     */
    record Seconds(List<Double> trials, List<Double> others) {
    }

    /** Of a tenant's latest jobs, those with the model. */
    Seconds ofModel(String tenant, String model) {
        return database.withHandle(handle -> {
            Map<String, Job> jobs = new TreeMap<>();
            handle.createQuery("select id, resource from job where tenant = :tenant order by number desc limit :limit")
                    .bind("tenant", tenant).bind("limit", LATEST_JOBS)
                    .map((row, context) -> Map.entry(row.getString("id"), JobLog.parse(row.getBytes("resource")))).list().stream()
                    .filter(job -> job.getValue().getRequest().getModel().equals(model)).forEach(job -> jobs.put(job.getKey(), job.getValue()));
            List<Double> trials = new ArrayList<>();
            List<Double> others = new ArrayList<>();
            jobs.forEach((id, job) -> {
                List<Double> own = trials(handle, id);
                trials.addAll(own);
                if (job.getState() == JobState.SUCCEEDED && !own.isEmpty()) {
                    double all = Timestamps.toMillis(job.getUpdateTime()) / 1e3 - Timestamps.toMillis(job.getCreateTime()) / 1e3;
                    others.add(Math.max(0, all - own.stream().mapToDouble(Double::doubleValue).sum()));
                }
            });
            return new Seconds(trials, others);
        });
    }

    private static List<Double> trials(Handle handle, String job) {
        return handle.createQuery("select result from job_task where job = :job and name like 'trial/%' and result is not null").bind("job", job)
                .map((row, context) -> seconds(row.getBytes("result"))).list().stream().filter(seconds -> seconds > 0).toList();
    }

    private static double seconds(byte[] result) {
        try {
            return Any.parseFrom(result).unpack(EvaluatePlanResult.class).getSeconds();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the result of a trial is no message", e);
        }
    }
}
