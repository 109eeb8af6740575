package dev.kogata.gateway.job;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;

/** Who asks for events with {@code wait} polls, whatever Accept says: curl and browsers send no useful one. */
@Provider
@PreMatching
public class PollFilter implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext request) {
        boolean events = request.getUriInfo().getPath().endsWith("/events");
        if (events && request.getUriInfo().getQueryParameters().containsKey("wait")) {
            request.getHeaders().putSingle(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON);
        }
    }
}
