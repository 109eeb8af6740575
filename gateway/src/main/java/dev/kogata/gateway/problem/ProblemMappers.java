package dev.kogata.gateway.problem;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import io.grpc.StatusRuntimeException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error that leaves the gateway passes here, and none says more than was meant for callers. */
public class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    Response refused(KogataException error) {
        return Problems.response(error);
    }

    @ServerExceptionMapper
    Response called(StatusRuntimeException error) {
        return Problems.response(KogataException.of(error));
    }

    /** What the framework answers by itself: no such path, method, or media type. */
    @ServerExceptionMapper
    Response framework(WebApplicationException error, UriInfo request) {
        int status = error.getResponse().getStatus();
        if (status < 400) {
            return error.getResponse();
        }
        String path = Refusal.printable(request.getPath());
        KogataException problem = switch (status) {
            case 404 -> new KogataException(Reason.NOT_FOUND, "There is nothing at " + path + ". /openapi.json lists what there is.",
                Map.of("name", path));
            case 405 -> Refusal.argument("method", path + " does not take this method. /openapi.json lists what it takes.");
            case 406 -> Refusal.argument("Accept", path + " cannot answer in any of the media types asked for.");
            case 415 -> Refusal.argument("Content-Type", path + " does not read this media type.");
            default -> status < 500 ? Refusal.argument("request", "The request is malformed.") : Incident.of(error);
        };
        Response response = Problems.response(status, problem);
        String allow = error.getResponse().getHeaderString("Allow");
        if (allow != null) {
            response.getHeaders().putSingle("Allow", allow);
        }
        return response;
    }

    /** Streams of clients turn their own faults into refusals: what is left is the disk. */
    @ServerExceptionMapper
    Response disk(IOException error) {
        LOG.warn("The disk cannot be read or written", error);
        return Problems.response(StorageError.of(error));
    }

    @ServerExceptionMapper
    Response unplanned(Exception error) {
        return Problems.response(Incident.of(error));
    }
}
