package dev.kogata.gateway.job;

import dev.kogata.gateway.problem.Refusal;
import dev.kogata.gateway.idempotency.IdempotencyKeys;
import dev.kogata.orchestrator.v1.JobRequest;
import java.util.UUID;

/** What both doors of the gateway ask of a request for a job before anything else. Stateless. */
public final class JobRequests {
    private JobRequests() {}

    /** The request, or a refusal of one that names no model or no budget. */
    public static JobRequest checked(JobRequest request) {
        // A point of a front brings everything else with it, and a search for a front has no budget.
        if (request.getFromJob().isEmpty() && request.getModel().isEmpty()) {
            throw Refusal.argument("model", "\"model\" is missing: the name of a model, models/ID.");
        }
        if (request.getFromJob().isEmpty() && !request.getPareto() && !request.hasBudget()) {
            throw Refusal.argument("budget", "\"budget\" is missing: for instance {\"ratio\": 0.6}.");
        }
        return request;
    }

    /** The key, or one made here: the channel tries again where an answer was lost, and without any key that would be a second job. */
    public static String key(String key) {
        return IdempotencyKeys.checked(key).isEmpty() ? UUID.randomUUID().toString() : key;
    }
}
