package dev.kogata.kit.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TwoBoards;
import io.grpc.ManagedChannel;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Needs Quarkus, because its gRPC server does the other side: who has no certificate of the mesh's authority is not talked to. */
@QuarkusTest
@TestProfile(TlsInQuarkusTest.MutualTls.class)
class TlsInQuarkusTest {
    private static final Certificates MESH = certificates("mesh");
    private static final Certificates STRANGERS = certificates("strangers");

    /** Servers and clients of the mesh prove who they are. */
    public static final class MutualTls extends TwoBoards {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("quarkus.grpc.server.plain-text", "false");
            settings.put("quarkus.grpc.server.ssl.certificate", MESH.certificate("service").toString());
            settings.put("quarkus.grpc.server.ssl.key", MESH.key("service").toString());
            settings.put("quarkus.grpc.server.ssl.trust-store", MESH.authorityStore().toString());
            settings.put("quarkus.grpc.server.ssl.trust-store-type", "pkcs12");
            settings.put("quarkus.grpc.server.ssl.trust-store-password", Certificates.PASSWORD);
            settings.put("quarkus.grpc.server.ssl.client-auth", "REQUIRED");
            return settings;
        }
    }

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Test
    void servicesOfOneAuthorityTalkToEachOther() {
        assertThat(answerTo(Map.of("trust", MESH.authority(), "certificate", MESH.certificate("worker"), "key", MESH.key("worker")))).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void whoHasNoCertificateIsNotAnswered() {
        assertThat(answerTo(Map.of())).as("plain text").isEqualTo(Reason.UNAVAILABLE);
        assertThat(answerTo(Map.of("trust", MESH.authority()))).as("no certificate").isEqualTo(Reason.UNAVAILABLE);
        assertThat(answerTo(Map.of("trust", MESH.authority(), "certificate", STRANGERS.certificate("worker"), "key", STRANGERS.key("worker"))))
                .as("a certificate of another authority").isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTalkedTo() {
        assertThat(answerTo(Map.of("trust", STRANGERS.authority(), "certificate", MESH.certificate("worker"), "key", MESH.key("worker")))).isEqualTo(Reason.UNAVAILABLE);
    }

    @Test
    void halfASettingIsRefusedAndNeverPlainText() {
        assertThatThrownBy(() -> answerTo(Map.of("certificate", MESH.certificate("worker"), "key", MESH.key("worker")))).hasMessageContaining("kogata.grpc.tls.trust");
        assertThatThrownBy(() -> answerTo(Map.of("trust", MESH.authority(), "key", MESH.key("worker")))).hasMessageContaining("kogata.grpc.tls.certificate");
        assertThatThrownBy(() -> answerTo(Map.of("trust", MESH.key("worker")))).isInstanceOf(KogataException.class).hasMessageContaining("PEM");
    }

    /** The reason that a question for an operation that is not there is answered with: NOT_FOUND if it is heard. */
    private Reason answerTo(Map<String, Path> tls) {
        Map<String, String> settings = new HashMap<>();
        tls.forEach((name, file) -> settings.put("kogata.grpc.tls." + name, file.toString()));
        ManagedChannel channel = Channels.open("localhost:" + port, TestConfig.with(settings).grpc());
        try {
            new OperationClient(channel).get("profile/operations/none");
            throw new AssertionError("there is no such operation");
        } catch (KogataException e) {
            return e.reason();
        } finally {
            channel.shutdownNow();
        }
    }

    /** Quarkus loads this class a second time, in a class loader of its own: both take the same files. */
    private static Certificates certificates(String authority) {
        synchronized (System.getProperties()) {
            String folder = System.getProperty("kogata.test.tls." + authority);
            if (folder != null) {
                return new Certificates(Path.of(folder));
            }
            try {
                Path fresh = Files.createTempDirectory("kogata-tls");
                Certificates certificates = new Certificates(fresh);
                certificates.certify("service");
                certificates.certify("worker");
                System.setProperty("kogata.test.tls." + authority, fresh.toString());
                return certificates;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
