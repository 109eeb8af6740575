package dev.kogata.gateway.identity;

import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import java.util.Set;

/** Writes down every REST request that changes something. */
@Provider
public class AuditFilter implements ContainerResponseFilter {
    private static final Set<String> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final CurrentCaller caller;

    @Inject
    AuditFilter(CurrentCaller caller) {
        this.caller = caller;
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        String path = request.getUriInfo().getPath();
        if (READS.contains(request.getMethod()) || !path.startsWith("/v1/") || path.endsWith(":estimate")) {
            return;
        }
        URI made = response.getLocation();
        AuditLog.record(caller.isKnown() ? caller.get() : null, request.getMethod() + " " + path + (made == null ? "" : " -> " + made.getPath()),
            Integer.toString(response.getStatus()), "");
    }
}
