package dev.kogata.gateway.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.error.Problem;
import dev.kogata.kit.metric.ErrorMetrics;
import jakarta.ws.rs.core.Response;

/** Errors as answers: {@code application/problem+json} (RFC 9457). */
public final class Problems {
    private static final JsonMapper JSON = new JsonMapper();

    private Problems() {}

    /** The answer to an error. */
    public static Response response(KogataException error) {
        return response(error.code().http(), error);
    }

    /** The same with a status that says more to HTTP clients than the reason's own. */
    public static Response response(int status, KogataException error) {
        ErrorMetrics.count("rest", error.reason());
        return Response.status(status).type(Problem.MEDIA_TYPE).entity(document(status, error)).build();
    }

    /** The document alone. */
    public static String document(int status, KogataException error) {
        Problem problem = Problem.of(error);
        try {
            return JSON.writeValueAsString(
                new Problem(problem.type(), problem.title(), status, problem.detail(), problem.reason(), problem.metadata()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A problem is text only", e);
        }
    }
}
