package dev.kogata.standalone.cli;

import dev.kogata.standalone.client.Gateway;
import dev.kogata.standalone.mesh.Installation;
import dev.kogata.standalone.mesh.Mesh;
import dev.kogata.standalone.mesh.Ports;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which mesh a command talks to. */
final class ServerOptions {
    @Option(names = "--server", paramLabel = "URL", converter = GatewayConverter.class,
            description = "Gateway to use (KOGATA_SERVER); else the mesh that runs on the home folder.")
    private Gateway server;

    @Option(names = "--home", paramLabel = "DIR", description = "Home folder of an embedded mesh (KOGATA_HOME, else ~/.kogata).")
    private Path home = Mesh.defaultHome();

    /** The gateway named, else the one of the mesh that runs on the home folder, else the usual address. */
    Gateway existing() {
        return named().or(this::running).orElseGet(() -> new Gateway(URI.create("http://127.0.0.1:" + Ports.DEFAULT.http())));
    }

    /** The gateway named or running, if one is. */
    Optional<Gateway> existingIfAny() {
        return named().or(this::running);
    }

    /** Folder of what commands keep. */
    Path home() {
        return home.toAbsolutePath().normalize();
    }

    /** The gateway named or running; without one a mesh is started, which the clean-up stops. */
    Gateway existingOrEmbedded(CleanUp cleanUp, Progress progress) throws InterruptedException {
        Optional<Gateway> there = named().or(this::running);
        if (there.isPresent()) {
            progress.stage("using Kogata at " + there.get().address());
            return there.get();
        }
        progress.stage("starting Kogata on " + home);
        Mesh mesh = Mesh.start(Installation.current(), home, Ports.free(), progress::remark);
        cleanUp.add(mesh::close);
        mesh.awaitReady(Duration.ofMinutes(2));
        return new Gateway(mesh.http());
    }

    private Optional<Gateway> named() {
        String environment = System.getenv("KOGATA_SERVER");
        if (server == null && environment != null && !environment.isBlank()) {
            return Optional.of(new GatewayConverter().convert(environment));
        }
        return Optional.ofNullable(server);
    }

    private Optional<Gateway> running() {
        return Mesh.running(home).map(Gateway::new);
    }

    /** For picocli. */
    static final class GatewayConverter implements picocli.CommandLine.ITypeConverter<Gateway> {
        @Override
        public Gateway convert(String address) {
            try {
                return new Gateway(URI.create(address));
            } catch (IllegalArgumentException malformed) {
                throw new TypeConversionException("'" + address + "' is no address of a gateway; expected e.g. http://127.0.0.1:8080");
            }
        }
    }
}
