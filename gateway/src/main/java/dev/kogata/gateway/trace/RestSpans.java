package dev.kogata.gateway.trace;

import dev.kogata.kit.trace.Traces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every request of {@code /v1} is a span: of the trace that its {@code traceparent} names, or else of the job's that it is about or has made, or one by itself. Its name
 * has no ids in it. It ends when the answer begins. Stateless.
 */
@Provider
@PreMatching
public class RestSpans implements ContainerRequestFilter, ContainerResponseFilter {
    private static final String BEGAN = "kogata-span-began";
    private static final Pattern JOB = Pattern.compile("/v1/(jobs/[A-Za-z0-9_-]{1,64})(?=[/:]|$).*");

    @Override
    public void filter(ContainerRequestContext request) {
        if (Traces.isOn()) {
            request.setProperty(BEGAN, Instant.now());
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        String path = request.getUriInfo().getPath();
        if (!(request.getProperty(BEGAN) instanceof Instant began) || !path.startsWith("/v1/")) {
            return;
        }
        URI made = response.getLocation();
        Optional<String> job = job(path).or(() -> made == null ? Optional.empty() : job(made.getPath()));
        String route = path.replaceFirst("^(/v1/[a-z]+/)[^/:]+", "$1{id}").replaceFirst("/result/.+", "/result/{path}");
        Traces.answered(request.getMethod() + " " + route, request.getHeaderString("traceparent"), job, began,
            Map.of("http.request.method", request.getMethod(), "url.path", path, "http.response.status_code", Integer.toString(response.getStatus())), response.getStatus() >= 500);
    }

    private static Optional<String> job(String path) {
        Matcher matcher = JOB.matcher(path);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
