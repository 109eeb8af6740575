package dev.kogata.kit.grpc;

import dev.kogata.kit.config.KogataConfig;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Lets go of callers that are gone without a word, and lets callers ask whether it is there itself. By default a server notices after two
 * hours, and takes a caller that asks more often than every five minutes for a hostile one.
 */
@Singleton
class SignsOfLife implements ServerBuilderCustomizer<VertxServerBuilder> {
    private static final long SHORTEST_PERMITTED_MILLIS = 5_000;

    private final long millis;

    SignsOfLife(KogataConfig config) {
        millis = config.grpc().keepAlive().toMillis();
    }

    @Override
    public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
        builder.nettyBuilder().keepAliveTime(millis, TimeUnit.MILLISECONDS).keepAliveTimeout(millis / 3, TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(SHORTEST_PERMITTED_MILLIS, TimeUnit.MILLISECONDS).permitKeepAliveWithoutCalls(true);
    }
}
