package dev.kogata.gateway.identity;

import dev.kogata.gateway.problem.Problems;
import dev.kogata.kit.error.KogataException;
import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Finds out who sends a request for anything that belongs to a tenant. The page, health and the description of the API are for all. */
@jakarta.ws.rs.ext.Provider
@Priority(Priorities.AUTHENTICATION)
public class IdentityFilter implements ContainerRequestFilter {
    private final Provider<Authenticator> authenticator;
    private final CurrentCaller caller;

    /** The authenticator when the first request comes: filters are made before the configuration can be read. */
    @Inject
    IdentityFilter(Provider<Authenticator> authenticator, CurrentCaller caller) {
        this.authenticator = authenticator;
        this.caller = caller;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        if (!path.startsWith("/v1/") && !path.startsWith("/v2/models")) {
            return;
        }
        try {
            caller.set(authenticator.get().authenticate(request.getHeaderString(HttpHeaders.AUTHORIZATION), request.getHeaderString("X-API-Key")));
        } catch (KogataException refused) {
            Response answer = Problems.response(refused);
            if (answer.getStatus() == Response.Status.UNAUTHORIZED.getStatusCode()) {
                answer.getHeaders().putSingle(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"kogata\"");
            }
            request.abortWith(answer);
        }
    }
}
