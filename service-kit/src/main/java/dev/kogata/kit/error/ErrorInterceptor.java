package dev.kogata.kit.error;

import dev.kogata.kit.metric.ErrorMetrics;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sees to it that every gRPC call ends with an answer or with a {@link KogataException}'s status: thrown errors, and
 * errors handed to {@code onError}, are translated; what nobody planned becomes an incident. Codes that gRPC itself
 * gives (unimplemented, cancelled, deadline) pass.
 */
@ApplicationScoped
@GlobalInterceptor
public class ErrorInterceptor implements ServerInterceptor {

    @Override
    public <Q, A> Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        TranslatingCall<Q, A> translating = new TranslatingCall<>(call);
        try {
            return new GuardedListener<>(next.startCall(translating, headers), translating);
        } catch (RuntimeException e) {
            translating.fail(e);
            return new Listener<>() {};
        }
    }

    /** Ends the call at most once, and never with a text that was not made for callers. */
    private static final class TranslatingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final AtomicBoolean closed = new AtomicBoolean();

        TranslatingCall(ServerCall<Q, A> delegate) {
            super(delegate);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            // What passes here with a reason of ours was made by the method itself.
            if (!closed.get() && !status.isOk()) {
                KogataException.parsed(StatusProto.fromStatusAndTrailers(status, trailers)).ifPresent(error -> ErrorMetrics.count("grpc", error.reason()));
            }
            if (status.getCause() instanceof KogataException error) {
                end(error.toGrpc());
            } else if ((status.getCode() == Status.Code.UNKNOWN || status.getCode() == Status.Code.INTERNAL)
                    && StatusProto.fromStatusAndTrailers(status, trailers).getDetailsCount() == 0) {
                end(Incident.of(status.asRuntimeException(trailers)).toGrpc());
            } else if (closed.compareAndSet(false, true)) {
                super.close(status, trailers);
            }
        }

        void fail(RuntimeException e) {
            if (e instanceof StatusRuntimeException known) {
                Metadata trailers = known.getTrailers();
                close(known.getStatus(), trailers == null ? new Metadata() : trailers);
            } else {
                end(Incident.of(e).toGrpc());
            }
        }

        private void end(StatusRuntimeException e) {
            if (closed.compareAndSet(false, true)) {
                ErrorMetrics.count("grpc", KogataException.of(e).reason());
                super.close(e.getStatus(), e.getTrailers());
            }
        }
    }

    /** The method itself runs inside these callbacks; what they throw ends the call. */
    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final TranslatingCall<?, ?> call;

        GuardedListener(Listener<Q> delegate, TranslatingCall<?, ?> call) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        private void guard(Runnable callback) {
            try {
                callback.run();
            } catch (RuntimeException e) {
                call.fail(e);
            }
        }
    }
}
