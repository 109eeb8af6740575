package dev.kogata.orchestrator.scale;

import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.TaskCount;
import java.util.List;
import java.util.function.Function;

/**
 * How much work there is for workers of one type, asked of the service whose tasks they are: its database is the truth. Limits of
 * tenants are in it already, since no job of theirs begins that they may not have. Stateless.
 */
public final class WorkLoad {
    /** Types of tasks, each with workers of its own. */
    public static final List<String> TYPES = List.of("profile", "prune", "quantize", "evaluate");

    private final Function<String, TaskCount> count;

    /** @param count counts the tasks of a type; may block, and throw {@code UNAVAILABLE} */
    public WorkLoad(Function<String, TaskCount> count) {
        this.count = count;
    }

    /**
     * Tasks that workers do or are needed for: those that wait, and those that are held. As many workers should there be, the
     * ones that are starting included; so what is counted here minus the workers that exist is how many are missing.
     */
    public long wanted(String type) {
        TaskCount tasks = count.apply(known(type));
        return tasks.getWaiting() + tasks.getRunning();
    }

    /** Whether a task waits: a worker more may help. */
    public boolean waits(String type) {
        return count.apply(known(type)).getWaiting() > 0;
    }

    private static String known(String type) {
        if (!TYPES.contains(type)) {
            throw KogataException.invalid("taskType", "'taskType' must be one of " + String.join(", ", TYPES) + ".");
        }
        return type;
    }
}
