package dev.kogata.kit.worker;

import com.google.protobuf.Any;
import com.google.protobuf.Message;

/** Does the tasks of one type. Called by several threads at once where the worker has several slots. */
@FunctionalInterface
public interface TaskHandler {
    /**
     * Does one task.
     *
     * @param request as it was sent to the service's start method
     * @return the result, of the type that the start method declares
     * @throws Exception any error; {@code KogataException}s go to the caller, others through the worker's error mapping
     */
    Message run(Any request, TaskContext context) throws Exception;
}
