package dev.kogata.kit.grpc;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.tenant.MeshInterceptor;
import dev.kogata.kit.trace.TracedCalls;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Connections to other services: every call has a deadline, and is tried again where nobody answered. */
public final class Channels {
    private Channels() {}

    /**
     * A channel to {@code address} ({@code host:port}), connected when first used; the caller shuts it down.
     *
     * <p>UNAVAILABLE is retried a few times within two seconds: all methods of the mesh are either reads or idempotent by
     * their request id or fencing token. A claim whose answer got lost comes back when its lease ends.
     */
    public static ManagedChannel open(String address, KogataConfig.Grpc config) {
        NettyChannelBuilder builder = secured(NettyChannelBuilder.forTarget("dns:///" + address), config.tls())
                .maxInboundMessageSize(config.messageBytes())
                .keepAliveTime(config.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(config.keepAlive().toMillis() / 3, TimeUnit.MILLISECONDS)
                // Without calls too: one whose other end never began to speak has none, and would be waited for without end.
                .keepAliveWithoutCalls(true)
                .enableRetry()
                .defaultServiceConfig(Map.of(
                        "loadBalancingConfig", List.of(Map.of("round_robin", Map.of())),
                        "methodConfig", List.of(Map.of(
                                "name", List.of(Map.of()),
                                "retryPolicy", Map.of(
                                        "maxAttempts", 4.0,
                                        "initialBackoff", "0.1s",
                                        "maxBackoff", "1s",
                                        "backoffMultiplier", 3.0,
                                        "retryableStatusCodes", List.of("UNAVAILABLE"))))))
                .intercept(new Deadlines(config.deadline())::intercept)
                .intercept(TracedCalls::intercept);
        config.token().ifPresent(token -> builder.intercept(MetadataUtils.newAttachHeadersInterceptor(mesh(token))));
        return builder.build();
    }

    private static Metadata mesh(String token) {
        Metadata headers = new Metadata();
        headers.put(MeshInterceptor.TOKEN, token);
        return headers;
    }

    private static NettyChannelBuilder secured(NettyChannelBuilder builder, KogataConfig.Tls tls) {
        if (tls.trust().isEmpty()) {
            if (tls.certificate().isPresent() || tls.key().isPresent()) {
                throw KogataException.invalid("kogata.grpc.tls.trust", "A certificate for calls is configured, but not whom to trust: "
                        + "set kogata.grpc.tls.trust, or calls would be in plain text.");
            }
            return builder.usePlaintext();
        }
        try {
            SslContextBuilder context = GrpcSslContexts.forClient().trustManager(tls.trust().get().toFile());
            if (tls.certificate().isPresent() != tls.key().isPresent()) {
                throw KogataException.invalid("kogata.grpc.tls.key", "kogata.grpc.tls.certificate and kogata.grpc.tls.key go together; only one is set.");
            }
            if (tls.certificate().isPresent()) {
                context.keyManager(tls.certificate().get().toFile(), tls.key().get().toFile());
            }
            return builder.sslContext(context.build());
        } catch (IOException | IllegalArgumentException e) {
            throw new KogataException(Reason.ARGUMENT_INVALID, "The certificates or the key of kogata.grpc.tls cannot be read; PEM files are needed, the key in PKCS 8.",
                    Map.of("field", "kogata.grpc.tls"), e);
        }
    }

    /** Gives unary calls without a deadline the default one; streams may last. No bean, so not declared an interceptor. */
    private record Deadlines(Duration deadline) {
        <Q, A> ClientCall<Q, A> intercept(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
            return next.newCall(method, unary && options.getDeadline() == null
                    ? options.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS) : options);
        }
    }
}
