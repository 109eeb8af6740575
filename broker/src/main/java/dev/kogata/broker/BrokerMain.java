package dev.kogata.broker;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A single Kafka broker with its controller (KRaft) as a process of its own:
 * {@code BrokerMain --data DIR --port N [--host ADDRESS] [--advertise HOST:PORT]}, on loopback unless another address is named. It has no
 * encryption and lets everybody in, so another address belongs behind a network policy. Prints {@code ready ADDRESS} when it serves; stops cleanly on SIGTERM. Started
 * again on the same folder, after any kind of death, it has all its records.
 *
 * <p>Exit codes: 0 stopped, 2 usage, 3 refused (the line on stderr says why, for instance PORT_IN_USE), 1 anything else.
 */
public final class BrokerMain {
    private BrokerMain() {}

    /** Runs until stopped. */
    public static void main(String[] arguments) throws InterruptedException {
        Path data = null;
        int port = 0;
        String host = "127.0.0.1";
        String advertised = null;
        try {
            for (int i = 0; i < arguments.length; i += 2) {
                String value = i + 1 < arguments.length ? arguments[i + 1] : "";
                switch (arguments[i]) {
                    case "--data" -> data = Path.of(value);
                    case "--port" -> port = Integer.parseInt(value);
                    case "--host" -> host = value;
                    case "--advertise" -> advertised = value;
                    default -> throw new IllegalArgumentException("'" + arguments[i] + "' is no option");
                }
            }
            if (data == null || port < 1 || port > 65535) {
                throw new IllegalArgumentException("a folder and a port from 1 to 65535 are needed");
            }
        } catch (IllegalArgumentException e) {
            System.err.println("usage: --data DIR --port N [--host ADDRESS] [--advertise HOST:PORT] (" + e.getMessage() + ")");
            System.exit(2);
        }
        run(data, host, port, advertised == null ? host + ":" + port : advertised);
    }

    private static void run(Path data, String host, int port, String advertised) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            Broker broker = Broker.start(data, host, port, advertised);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                broker.close();
                stopped.countDown();
            }, "stop"));
            System.out.println("ready " + broker.address());
        } catch (BrokerRefused e) {
            System.err.println(e.getMessage());
            System.exit(3);
        } catch (RuntimeException e) {
            System.err.println("The broker cannot start: " + e.getMessage());
            e.printStackTrace();
            System.exit(1);
        }
        stopped.await();
    }
}
