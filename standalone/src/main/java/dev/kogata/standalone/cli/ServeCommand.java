package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.standalone.mesh.Installation;
import dev.kogata.standalone.mesh.Mesh;
import dev.kogata.standalone.mesh.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kogata serve}. */
@Command(
        name = "serve",
        description = "Runs the embedded mesh on 127.0.0.1 until it is stopped, and says when it is ready.",
        footer = {
            "",
            "All state is in the home folder: started again on it after any kind of death, Kogata goes on where it was.",
            "",
            "Examples:",
            "  kogata serve",
            "  kogata serve --home /data/kogata --http-port 8081 --grpc-port 9001 --kafka-port 9093",
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Option(names = "--home", paramLabel = "DIR", description = "Folder of all state (KOGATA_HOME, else ~/.kogata).")
    private Path home = Mesh.defaultHome();

    @Option(names = "--http-port", paramLabel = "PORT", defaultValue = "8080", description = "REST and the page (default ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(names = "--grpc-port", paramLabel = "PORT", defaultValue = "9000", description = "gRPC (default ${DEFAULT-VALUE}).")
    private int grpcPort;

    @Option(names = "--kafka-port", paramLabel = "PORT", defaultValue = "9092", description = "Kafka (default ${DEFAULT-VALUE}).")
    private int kafkaPort;

    @Override
    public Integer call() throws InterruptedException {
        try (CleanUp cleanUp = new CleanUp()) {
            Mesh mesh = Mesh.start(Installation.current(), home, new Ports(httpPort, grpcPort, kafkaPort), output::note);
            cleanUp.add(mesh::close);
            mesh.awaitReady(Duration.ofMinutes(2));
            announce(mesh);
            new CountDownLatch(1).await();
            return ExitCode.DONE;
        }
    }

    private void announce(Mesh mesh) {
        String grpc = "127.0.0.1:" + mesh.ports().grpc();
        String kafka = "127.0.0.1:" + mesh.ports().kafka();
        output.line("ready http=" + mesh.http() + " grpc=" + grpc + " kafka=" + kafka + " home=" + mesh.home());
        ObjectNode document = Output.JSON.createObjectNode().put("ready", true).put("http", mesh.http().toString());
        output.document(document.put("grpc", grpc).put("kafka", kafka).put("home", mesh.home().toString()));
    }
}
