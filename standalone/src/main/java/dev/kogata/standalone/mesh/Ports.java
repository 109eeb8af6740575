package dev.kogata.standalone.mesh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The ports of a mesh, all on the loopback address.
 *
 * @param http REST and the page
 * @param grpc gRPC of all services
 * @param kafka the broker's listener for clients
 */
public record Ports(int http, int grpc, int kafka) {
    /** The ports that {@code serve} uses unless told otherwise. */
    public static final Ports DEFAULT = new Ports(8080, 9000, 9092);

    private static final int LOWEST_FREE = 20_000;
    private static final int END_OF_FREE = 32_000;
    private static final int ATTEMPTS = 100;

    public Ports {
        require("--http-port", http);
        require("--grpc-port", grpc);
        require("--kafka-port", kafka);
        if (http == grpc || http == kafka || grpc == kafka) {
            throw MeshFailure.refused("ARGUMENT_INVALID", "The ports " + http + ", " + grpc + " and " + kafka
                    + " must differ: choose others with --http-port, --grpc-port and --kafka-port.");
        }
    }

    /**
     * Three ports that nobody listens on at this moment, below those that the system gives to outgoing connections: one of these would be
     * gone again by chance before the broker, which is started last, listens there.
     */
    public static Ports free() {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int attempt = 0; held.size() < 3; attempt++) {
                try {
                    held.add(new ServerSocket(ThreadLocalRandom.current().nextInt(LOWEST_FREE, END_OF_FREE), 1, InetAddress.getLoopbackAddress()));
                } catch (IOException taken) {
                    if (attempt == ATTEMPTS) {
                        throw MeshFailure.failed("No free port on the loopback address: " + taken.getMessage());
                    }
                }
            }
            return new Ports(held.get(0).getLocalPort(), held.get(1).getLocalPort(), held.get(2).getLocalPort());
        } finally {
            held.forEach(Ports::closeQuietly);
        }
    }

    /** Refuses, naming port and option, when somebody else listens on one of the ports. */
    void requireFree() {
        requireFree("--http-port", http);
        requireFree("--grpc-port", grpc);
        requireFree("--kafka-port", kafka);
    }

    private static void requireFree(String option, int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        } catch (IOException taken) {
            throw MeshFailure.refused("PORT_IN_USE", "Port " + port + " is in use by another process, or may not be"
                    + " opened: free it, or choose another one with " + option + ".");
        }
    }

    private static void require(String option, int port) {
        if (port < 1 || port > 65535) {
            throw MeshFailure.refused("ARGUMENT_INVALID", option + " is " + port + "; a port is a number from 1 to 65535.");
        }
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // Nothing was ever sent through it.
        }
    }
}
