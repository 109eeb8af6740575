package dev.kogata.kit.trace;

import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.config.KogataConfig;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The traces of this process (OpenTelemetry), off until an endpoint is configured. Everything that is done for a job, in whatever
 * process, before and after however many restarts, and every event about it belongs to one trace: its id is made of the job's name, so
 * that nothing has to be carried through databases and brokers. Thread-safe.
 *
 * <p>OpenTelemetry's own SDK rather than a framework's extension, because workers are no Quarkus applications.
 */
public final class Traces {
    static final io.grpc.Context.Key<Context> CALL = io.grpc.Context.key("kogata-trace");
    private static final AtomicReference<OpenTelemetry> TELEMETRY = new AtomicReference<>(OpenTelemetry.noop());
    private static final String SCOPE = "dev.kogata";
    private static final TextMapGetter<Map<String, String>> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public String get(Map<String, String> headers, String key) {
            return headers.get(key);
        }
    };

    private Traces() {}

    /**
     * Turns traces on where an endpoint is configured; closing what is returned sends what is left and turns them off.
     *
     * @param service name of this process in traces
     */
    public static AutoCloseable open(KogataConfig.Traces config, String service) {
        if (config.endpoint().isEmpty()) {
            return () -> { };
        }
        String endpoint = config.endpoint().get().toString().replaceAll("/+$", "") + "/v1/traces";
        SdkTracerProvider spans = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(Attributes.builder().put("service.name", service).build())))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build()).build()).build();
        return use(OpenTelemetrySdk.builder().setTracerProvider(spans)
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance())).build());
    }

    /** The same with a telemetry made elsewhere. */
    static AutoCloseable use(OpenTelemetrySdk telemetry) {
        TELEMETRY.set(telemetry);
        return () -> {
            TELEMETRY.compareAndSet(telemetry, OpenTelemetry.noop());
            telemetry.close();
        };
    }

    /** Whether spans are recorded. */
    public static boolean isOn() {
        return TELEMETRY.get() != OpenTelemetry.noop();
    }

    /** The trace that this thread, or the gRPC call it answers, is in; the root context where it is in none. */
    public static Context current() {
        Context own = Context.current();
        if (Span.fromContext(own).getSpanContext().isValid()) {
            return own;
        }
        Context call = CALL.get();
        return call == null ? own : call;
    }

    /** The trace of a job, by its name {@code jobs/ID}. */
    public static Context ofJob(String job) {
        String digits = Sha256.of(job.getBytes(StandardCharsets.UTF_8));
        // Sixteen and eight bytes, neither of them all zero but once in a universe.
        return Context.root().with(Span.wrap(
                SpanContext.createFromRemoteParent(digits.substring(0, 32), digits.substring(32, 48), TraceFlags.getSampled(), TraceState.getDefault())));
    }

    /** Does work in a span of a job's trace; what it throws is noted and goes on. */
    public static <T> T inJob(String job, String name, Map<String, String> attributes, Supplier<T> work) {
        if (!isOn()) {
            return work.get();
        }
        Span span = tracer().spanBuilder(name).setParent(ofJob(job)).setSpanKind(SpanKind.INTERNAL).setAttribute("kogata.job", job).startSpan();
        attributes.forEach((key, value) -> span.setAttribute("kogata." + key, value));
        try (Scope scope = span.makeCurrent()) {
            return work.get();
        } catch (RuntimeException | Error e) {
            span.setStatus(StatusCode.ERROR, e.getClass().getSimpleName());
            throw e;
        } finally {
            span.end();
        }
    }

    /**
     * Records a request that was answered, for servers whose threads come and go: a span of the trace that its caller is in, or else of a job's.
     *
     * @param parent the caller's header {@code traceparent}; null where there was none
     * @param job whose trace it belongs to where the caller is in none; empty for a trace of its own
     */
    public static void answered(String name, String parent, Optional<String> job, Instant began, Map<String, String> attributes, boolean failed) {
        if (!isOn()) {
            return;
        }
        Context callers = parent == null ? Context.root() : propagator().extract(Context.root(), Map.of("traceparent", parent), HEADERS);
        boolean known = Span.fromContext(callers).getSpanContext().isValid();
        var builder = tracer().spanBuilder(name).setParent(known ? callers : job.map(Traces::ofJob).orElse(Context.root())).setSpanKind(SpanKind.SERVER).setStartTimestamp(began);
        attributes.forEach(builder::setAttribute);
        job.ifPresent(it -> builder.setAttribute("kogata.job", it));
        Span span = builder.startSpan();
        if (failed) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    /** The header {@code traceparent} of a job's trace, as events carry it. */
    public static String parentOfJob(String job) {
        SpanContext span = Span.fromContext(ofJob(job)).getSpanContext();
        return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex();
    }

    public static Tracer tracer() {
        return TELEMETRY.get().getTracer(SCOPE);
    }

    static TextMapPropagator propagator() {
        return TELEMETRY.get().getPropagators().getTextMapPropagator();
    }
}
