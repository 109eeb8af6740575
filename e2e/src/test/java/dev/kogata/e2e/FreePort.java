package dev.kogata.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port of this machine that nobody listens on, and that no outgoing connection is given by chance before somebody does: those have higher numbers. */
final class FreePort {
    private static final int LOWEST = 20_000;
    private static final int END = 32_000;

    private FreePort() {}

    static int find() throws IOException {
        IOException taken = null;
        for (int attempt = 0; attempt < 100; attempt++) {
            try (ServerSocket socket = new ServerSocket(ThreadLocalRandom.current().nextInt(LOWEST, END), 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                taken = e;
            }
        }
        throw taken;
    }
}
