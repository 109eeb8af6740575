package dev.kogata.kit.task;

import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Operations of another kind than tasks, offered by the same standard service: a server can have only one of it. A source checks
 * its callers itself. Thread-safe.
 */
public interface OperationSource {
    /** The first part of its operations' names, {@code jobs} for {@code jobs/ID}. */
    String collection();

    /** An operation; {@code NOT_FOUND} where there is none. */
    Operation get(String name);

    /** The operation when it is done or the time is over. */
    CompletionStage<Operation> await(String name, Duration wait);

    /** Operations, newest first. */
    ListOperationsResponse list(int pageSize, String pageToken, String filter);

    /** Asks for the operation to end; one that has ended stays as it is. */
    void cancel(String name);

    /** Removes an operation that is done; {@code STATE_WRONG} for any other. */
    void delete(String name);
}
