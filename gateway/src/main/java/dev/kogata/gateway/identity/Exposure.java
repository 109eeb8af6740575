package dev.kogata.gateway.identity;

import dev.kogata.gateway.GatewayConfig;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.eclipse.microprofile.config.Config;

/** Refuses to start where strangers would reach everything: beyond this machine, somebody has to be asked who they are. */
@Startup
@Singleton
class Exposure {
    @Inject
    Exposure(Config settings, GatewayConfig gateway, Authenticator authenticator) {
        check(Map.of("quarkus.http.host", settings.getValue("quarkus.http.host", String.class),
            "quarkus.grpc.server.host", settings.getValue("quarkus.grpc.server.host", String.class)), gateway.identity().open(), authenticator.isRequired());
    }

    /** An IllegalStateException says in one sentence what to do. */
    static void check(Map<String, String> hosts, boolean open, boolean required) {
        hosts.forEach((setting, host) -> {
            if (!open && !required && !isLoopback(host)) {
                throw new IllegalStateException("The gateway does not start: it would listen on " + host + " (" + setting + ") and let everybody in. Set "
                    + "kogata.gateway.identity.api-keys or kogata.gateway.identity.oidc.issuer, listen on 127.0.0.1, or, where something else keeps "
                    + "strangers out, set kogata.gateway.identity.open=true.");
            }
        });
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
