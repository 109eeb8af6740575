package dev.kogata.kit.trace;

import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Calls of others, each a span of the trace that came with it. A call without one begins a trace where a user made it: the mesh's own
 * polling would be nothing but noise.
 */
@ApplicationScoped
@GlobalInterceptor
public class TraceInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> PARENT = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final String OF_USERS = "dev.kogata.gateway.";
    private static final TextMapGetter<Metadata> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
            return List.of("traceparent", "tracestate");
        }

        @Override
        public String get(Metadata headers, String key) {
            return headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
        }
    };

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        if (!Traces.isOn() || !headers.containsKey(PARENT) && !method.startsWith(OF_USERS)) {
            return next.startCall(call, headers);
        }
        Context parent = Traces.propagator().extract(Context.root(), headers, HEADERS);
        Span span = Traces.tracer().spanBuilder(method).setParent(parent).setSpanKind(SpanKind.SERVER).startSpan();
        ServerCall<Q, A> traced = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                TracedCalls.end(span, status);
                super.close(status, trailers);
            }
        };
        // In gRPC's own context, which goes along with the call onto whatever thread answers it.
        return new SimpleForwardingServerCallListener<>(
                Contexts.interceptCall(io.grpc.Context.current().withValue(Traces.CALL, parent.with(span)), traced, headers, next)) {
            @Override
            public void onComplete() {
                leave();
                super.onComplete();
            }

            @Override
            public void onCancel() {
                leave();
                super.onCancel();
            }

            /** An interceptor further out may end a call in which something was thrown; nothing of that passes here. */
            private void leave() {
                if (span.isRecording()) {
                    span.setStatus(StatusCode.ERROR);
                    span.end();
                }
            }
        };
    }
}
