package dev.kogata.kit.tenant;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Tells calls of the mesh from calls of users. Where {@code kogata.grpc.token} is set, a service answers only who knows it;
 * what is made for users (the gateway's own services) checks users itself. Where none is set, everybody who reaches the port
 * belongs to the mesh. Thread-safe.
 */
@ApplicationScoped
@GlobalInterceptor
public class MeshInterceptor implements ServerInterceptor {
    /** Header with the mesh's shared secret. */
    public static final Metadata.Key<String> TOKEN = Metadata.Key.of("kogata-mesh-token", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Boolean> WITHIN = Context.key("kogata-within-mesh");
    /** Services that check their callers themselves, or tell nothing. */
    private static final List<String> FOR_USERS = List.of("dev.kogata.gateway.", "google.longrunning.Operations", "grpc.health.", "grpc.reflection.",
            // KEDA's operator, which has no secret of ours, asks for numbers.
            "externalscaler.");

    private final Optional<String> token;

    /** The interceptor of a server whose mesh shares this secret; everybody belongs to it where there is none. */
    public MeshInterceptor(Optional<String> token) {
        this.token = token;
    }

    @Inject
    MeshInterceptor(KogataConfig config) {
        this(config.grpc().token());
    }

    /** Whether the call being answered came from the mesh itself. */
    public static boolean isWithin() {
        return Boolean.TRUE.equals(WITHIN.get());
    }

    @Override
    public <Q, A> Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        boolean within = token.isEmpty() || knows(token.get(), headers.get(TOKEN));
        if (!within && FOR_USERS.stream().noneMatch(call.getMethodDescriptor().getFullMethodName()::startsWith)) {
            StatusRuntimeException refusal = new KogataException(Reason.UNAUTHENTICATED,
                    "This service answers its own mesh only; use the gateway's services, dev.kogata.gateway.v1.").toGrpc();
            call.close(refusal.getStatus(), refusal.getTrailers());
            return new Listener<>() {};
        }
        Context context = Context.current().withValue(WITHIN, within);
        String tenant = headers.get(Tenant.HEADER);
        if (within && tenant != null && Tenant.isName(tenant)) {
            context = context.withValue(Tenant.CURRENT, tenant);
        }
        return Contexts.interceptCall(context, call, headers, next);
    }

    private static boolean knows(String token, String said) {
        return said != null && MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
    }
}
