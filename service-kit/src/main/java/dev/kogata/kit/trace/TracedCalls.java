package dev.kogata.kit.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;

/** Calls to other services, each a span of the trace it is made in, which the other side goes on with. What is in no trace makes none. */
public final class TracedCalls {
    private TracedCalls() {}

    /** A client's interceptor, as a function: a class of that kind would be taken for a bean. */
    public static <Q, A> ClientCall<Q, A> intercept(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        Context parent = Traces.current();
        if (!Traces.isOn() || !Span.fromContext(parent).getSpanContext().isValid()) {
            return next.newCall(method, options);
        }
        Span span = Traces.tracer().spanBuilder(method.getFullMethodName()).setParent(parent).setSpanKind(SpanKind.CLIENT).startSpan();
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                Traces.propagator().inject(parent.with(span), headers, (carrier, key, value) ->
                        carrier.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value));
                super.start(new SimpleForwardingClientCallListener<>(listener) {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end(span, status);
                        super.onClose(status, trailers);
                    }
                }, headers);
            }
        };
    }

    static void end(Span span, Status status) {
        span.setAttribute("rpc.grpc.status_code", status.getCode().value());
        if (!status.isOk()) {
            span.setStatus(StatusCode.ERROR, status.getCode().name());
        }
        span.end();
    }
}
