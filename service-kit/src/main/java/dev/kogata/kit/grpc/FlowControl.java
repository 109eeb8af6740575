package dev.kogata.kit.grpc;

import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;

/**
 * How many bytes a caller may send before a service has asked for them, which is what every stalled call holds of the server's direct
 * memory. Fixed: by default it starts at 1 MiB and grows to 8, and two hundred uploads at once take more than a small heap's worth.
 */
@Singleton
class FlowControl implements ServerBuilderCustomizer<VertxServerBuilder> {
    private static final int WINDOW_BYTES = 512 * 1024;

    @Override
    public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
        builder.nettyBuilder().flowControlWindow(WINDOW_BYTES);
    }
}
