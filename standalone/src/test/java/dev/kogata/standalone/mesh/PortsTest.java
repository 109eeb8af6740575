package dev.kogata.standalone.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void namesThePortThatIsTakenAndTheOptionThatMovesIt() throws Exception {
        Ports free = Ports.free();
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports ports = new Ports(free.http(), free.grpc(), taken.getLocalPort());
            assertThatThrownBy(ports::requireFree)
                    .isInstanceOfSatisfying(MeshFailure.class, failure -> {
                        assertThat(failure.reason()).isEqualTo("PORT_IN_USE");
                        assertThat(failure.refused()).isTrue();
                    })
                    .hasMessageContaining("Port " + taken.getLocalPort())
                    .hasMessageContaining("--kafka-port");
        }
    }

    @Test
    void freePortsAreFreeAndDiffer() {
        assertThatCode(() -> Ports.free().requireFree()).doesNotThrowAnyException();
    }

    @Test
    void refusesWhatIsNoPort() {
        assertThatThrownBy(() -> new Ports(0, 9000, 9092)).hasMessageContaining("--http-port is 0");
        assertThatThrownBy(() -> new Ports(8080, 70000, 9092)).hasMessageContaining("--grpc-port is 70000");
    }

    @Test
    void refusesOnePortForTwoThings() {
        assertThatThrownBy(() -> new Ports(9000, 9000, 9092)).hasMessageContaining("must differ");
    }
}
