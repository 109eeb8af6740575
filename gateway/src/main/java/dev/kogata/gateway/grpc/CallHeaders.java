package dev.kogata.gateway.grpc;

import dev.kogata.gateway.identity.Authenticator;
import dev.kogata.gateway.identity.Caller;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Keeps what a call says about its caller until a service asks: checking it may take a call to the issuer, which has no place on
 * the threads that interceptors run on. No service gets a tenant without asking.
 */
@ApplicationScoped
@GlobalInterceptor
public class CallHeaders implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> API_KEY = Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Metadata> HEADERS = Context.key("kogata-call-headers");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(Context.current().withValue(HEADERS, headers), call, headers, next);
    }

    /** Who sent the call that is being answered; {@code UNAUTHENTICATED} for nobody known. */
    static Caller caller(Authenticator authenticator) {
        Metadata headers = HEADERS.get();
        if (headers == null) {
            throw new IllegalStateException("a call without headers");
        }
        return authenticator.authenticate(headers.get(AUTHORIZATION), headers.get(API_KEY));
    }
}
