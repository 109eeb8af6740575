package dev.kogata.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a gateway on which only so many bytes pass towards it, on all connections together: a client is then in the middle of what it
 * sends, for as long as a test needs. Closed, it ends every connection.
 */
final class Passage implements AutoCloseable {
    private final ServerSocket entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final URI server;
    private final AtomicLong left;

    Passage(String server, long bytes) throws IOException {
        this.server = URI.create(server);
        this.left = new AtomicLong(bytes);
        start(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + entrance.getLocalPort();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = entrance.accept();
            Socket gateway = new Socket(server.getHost(), server.getPort());
            open.add(client);
            open.add(gateway);
            start(() -> forward(client, gateway, true));
            start(() -> forward(gateway, client, false));
        }
    }

    private void forward(Socket from, Socket to, boolean counted) throws IOException {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                long before = counted ? left.getAndAdd(-count) : count;
                out.write(buffer, 0, (int) Math.max(0, Math.min(count, before)));
            }
        }
    }

    private interface Forwarding {
        void run() throws IOException;
    }

    private static void start(Forwarding forwarding) {
        Thread thread = new Thread(() -> {
            try {
                forwarding.run();
            } catch (IOException closed) {
                // One of both sides has hung up, or the passage is closed.
            }
        }, "passage");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
