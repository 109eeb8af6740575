package dev.kogata.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The way to a port of this machine, over another port: its connections can be cut, slowed down, or made to say nothing any more. */
final class Link implements AutoCloseable {
    private final int target;
    private final ServerSocket entrance = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile long delayMillis;
    /** By the monotonic clock: what is connected before it is silent. */
    private volatile long silentUntil = System.nanoTime();

    Link(int target) throws IOException {
        this.target = target;
        start("link to " + target, this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    /** What is connected now stays so, but nothing comes through any more, for ever: as where the other end, or the way to it, is gone without a word. */
    void silence() {
        connections.forEach(connection -> connection.silent = true);
    }

    /** Ends all connections. */
    void cut() {
        connections.forEach(Connection::close);
    }

    /** Ends all connections; those that are made again within this time are accepted, and say nothing, for ever. */
    void swallow(long millis) {
        silentUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        cut();
    }

    /** How long everything takes on its way, each way. */
    void delay(long millis) {
        delayMillis = millis;
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket caller = entrance.accept();
                try {
                    new Connection(caller, new Socket(InetAddress.getLoopbackAddress(), target)).begin();
                } catch (IOException nobodyListensThere) {
                    caller.close();
                }
            } catch (IOException closedOrGone) {
                // The loop looks.
            }
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        cut();
    }

    private final class Connection {
        private final Socket caller;
        private final Socket called;
        private volatile boolean silent;

        Connection(Socket caller, Socket called) {
            this.caller = caller;
            this.called = called;
        }

        void begin() {
            silent = System.nanoTime() - silentUntil < 0;
            connections.add(this);
            start("there", () -> carry(caller, called));
            start("back", () -> carry(called, caller));
        }

        private void carry(Socket from, Socket to) {
            byte[] bytes = new byte[64 * 1024];
            try (InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
                for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                    TimeUnit.MILLISECONDS.sleep(delayMillis);
                    while (silent && !caller.isClosed()) {
                        TimeUnit.MILLISECONDS.sleep(50);
                    }
                    out.write(bytes, 0, n);
                }
                while (silent && !caller.isClosed()) {
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            } catch (IOException | InterruptedException over) {
                // Either end is gone.
            } finally {
                close();
            }
        }

        private void close() {
            connections.remove(this);
            try {
                caller.close();
                called.close();
            } catch (IOException alreadyGone) {
                // As it should be.
            }
        }
    }
}
