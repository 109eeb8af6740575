package dev.kogata.gateway.upload;

import dev.kogata.gateway.problem.Problems;
import dev.kogata.gateway.problem.Refusal;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;
import java.util.Set;

/**
 * What tus asks of every request and answer: the version both ways, and the method in a header for clients that cannot
 * send PATCH (Java's own HttpURLConnection is one).
 */
@Provider
@PreMatching
public class TusFilter implements ContainerRequestFilter, ContainerResponseFilter {
    /** The only version of the protocol there is. */
    static final String VERSION = "1.0.0";
    private static final Set<String> OVERRIDES = Set.of(HttpMethod.PATCH, HttpMethod.DELETE, HttpMethod.HEAD);

    @Override
    public void filter(ContainerRequestContext request) {
        if (!isUpload(request)) {
            return;
        }
        String method = request.getHeaderString("X-HTTP-Method-Override");
        if (method != null && OVERRIDES.contains(method) && request.getMethod().equals(HttpMethod.POST)) {
            request.setMethod(method);
        }
        boolean free = request.getMethod().equals(HttpMethod.OPTIONS) || request.getMethod().equals(HttpMethod.GET);
        if (!free && !VERSION.equals(request.getHeaderString("Tus-Resumable"))) {
            request.abortWith(Problems.response(Response.Status.PRECONDITION_FAILED.getStatusCode(),
                Refusal.argument("Tus-Resumable", "Uploads speak tus 1.0.0: send the header Tus-Resumable: 1.0.0.")));
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (isUpload(request)) {
            response.getHeaders().putSingle("Tus-Resumable", VERSION);
            response.getHeaders().putSingle("Tus-Version", VERSION);
        }
    }

    private static boolean isUpload(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        return path.equals("/v1/uploads") || path.startsWith("/v1/uploads/");
    }
}
