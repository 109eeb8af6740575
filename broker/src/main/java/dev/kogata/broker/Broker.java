package dev.kogata.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** The broker inside this process. */
final class Broker implements AutoCloseable {
    /** Where the controller listens, which talks to itself only. */
    private static final String LOOPBACK = "127.0.0.1";
    private static final int NODE = 1;

    private final KafkaRaftServer server;
    private final String address;

    private Broker(KafkaRaftServer server, String address) {
        this.server = server;
        this.address = address;
    }

    /**
     * Starts a broker on {@code data}, which is formatted the first time.
     *
     * @param host address that it listens on
     * @param advertised {@code host:port} that clients are sent to
     */
    static Broker start(Path data, String host, int port, String advertised) {
        requireFree(host, port);
        Path log = data.toAbsolutePath().resolve("log");
        format(log);
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings(log, host + ":" + port, advertised, freePort()), false), Time.SYSTEM);
        server.startup();
        return new Broker(server, advertised);
    }

    String address() {
        return address;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Map<String, String> settings(Path log, String listener, String advertised, int controllerPort) {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("listeners", "PLAINTEXT://" + listener + ",CONTROLLER://" + LOOPBACK + ":" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://" + advertised);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("controller.quorum.voters", NODE + "@" + LOOPBACK + ":" + controllerPort);
        settings.put("log.dirs", log.toString());
        // A killed broker comes back as soon as its old session has ended.
        settings.put("broker.session.timeout.ms", "1500");
        settings.put("broker.heartbeat.interval.ms", "250");
        settings.put("auto.create.topics.enable", "false");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // Small: one user, little heap.
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("num.replica.fetchers", "1");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "4194304");
        settings.put("log.segment.bytes", "67108864");
        settings.put("log.index.size.max.bytes", "1048576");
        settings.put("controlled.shutdown.enable", "false");
        return settings;
    }

    private static void format(Path log) {
        try {
            Files.createDirectories(log);
            if (Files.exists(log.resolve("meta.properties"))) {
                return;
            }
            Formatter formatter = new Formatter();
            formatter.setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setControllerListenerName("CONTROLLER")
                    .setDirectories(List.of(log.toString()))
                    .setMetadataLogDirectory(log.toString());
            formatter.run();
        } catch (IOException e) {
            throw new BrokerRefused("UNAVAILABLE: the broker's folder cannot be written: " + e.getMessage());
        } catch (Exception e) {
            throw new IllegalStateException("the broker's folder cannot be formatted", e);
        }
    }

    /** Before anything is written: Kafka would say so late, and in many lines. */
    private static void requireFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw new BrokerRefused("PORT_IN_USE: another process listens on port " + port + "; stop it or choose another port.");
        }
    }

    /** The controller talks to itself only: any port will do, and it may differ at each start. */
    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BrokerRefused("UNAVAILABLE: no port is free on " + LOOPBACK + ".");
        }
    }
}
