package dev.kogata.kit.task;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.kogata.events.v1.TaskChanged;
import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.AttemptEnd;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskMetadata;
import dev.kogata.tasks.v1.TaskState;
import java.time.Duration;

/** A row of the task table, and its three shapes outside: an operation, a task for a worker, an event. */
record TaskRow(long number, String name, String requestSha256, String job, String tenant, byte[] request, TaskState state, double progress,
        String message, int attempts, int attemptsLeft, long fence, String worker, byte[] result, byte[] error, byte[] endedAttempts) {
    private static final int ENDS_KEPT = 20;

    /** This row after it was claimed. */
    TaskRow claimedBy(String claimer) {
        return new TaskRow(number, name, requestSha256, job, tenant, request, TaskState.RUNNING, 0, "", attempts + 1, attemptsLeft, fence + 1, claimer, result, error,
                endedAttempts);
    }

    boolean ended() {
        return state != TaskState.WAITING && state != TaskState.RUNNING;
    }

    Operation toOperation(String type) {
        TaskMetadata metadata = ended(endedAttempts).setJob(job).setType(type).setState(state).setProgress(progress)
                .setMessage(message).setAttempts(attempts).setWorker(worker).build();
        Operation.Builder operation = Operation.newBuilder().setName(name).setMetadata(Any.pack(metadata)).setDone(ended());
        try {
            if (state == TaskState.SUCCEEDED) {
                operation.setResponse(Any.parseFrom(result));
            } else if (ended()) {
                operation.setError(Status.parseFrom(error));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the stored outcome of " + name + " is damaged", e);
        }
        return operation.build();
    }

    Task toTask(String type, Duration lease) {
        try {
            return Task.newBuilder().setName(name).setType(type).setJob(job).setTenant(tenant).setFence(fence).setAttempt(attempts)
                    .setLease(com.google.protobuf.Duration.newBuilder().setSeconds(lease.toSeconds()).setNanos(lease.toNanosPart()))
                    .setRequest(Any.parseFrom(request)).build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the stored request of " + name + " is damaged", e);
        }
    }

    /** What is known of ended attempts, and how this one ended. */
    byte[] endedAttempts(Status how, boolean counted) {
        KogataException error = KogataException.of(how);
        TaskMetadata.Builder all = ended(endedAttempts).addEndedAttempts(AttemptEnd.newBuilder().setAttempt(attempts).setWorker(worker)
                .setReason(error.reason().name()).setMessage(Names.shortened(error.getMessage(), TaskTable.LONGEST_MESSAGE)).setCounted(counted));
        if (all.getEndedAttemptsCount() > ENDS_KEPT) {
            all.removeEndedAttempts(0);
        }
        return all.build().toByteArray();
    }

    private TaskMetadata.Builder ended(byte[] stored) {
        try {
            return stored == null ? TaskMetadata.newBuilder() : TaskMetadata.newBuilder().mergeFrom(stored);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the stored attempts of " + name + " are damaged", e);
        }
    }

    TaskChanged toEvent(String type) {
        return TaskChanged.newBuilder().setTask(name).setJob(job).setState(state).setType(type).build();
    }

    /** Every change that is told has its own: per fencing token a task waits once and ends once. */
    String eventId() {
        return name + "/" + fence + "/" + state;
    }
}
