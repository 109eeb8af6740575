package dev.kogata.gateway.identity;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ExposureTest {
    private static final Map<String, String> EVERYWHERE = Map.of("quarkus.http.host", "0.0.0.0", "quarkus.grpc.server.host", "127.0.0.1");
    private static final Map<String, String> HERE = Map.of("quarkus.http.host", "localhost", "quarkus.grpc.server.host", "127.0.0.1");

    @Test
    void refusesToListenElsewhereWhereNobodyIsAskedWhoTheyAre() {
        assertThatIllegalStateException().isThrownBy(() -> Exposure.check(EVERYWHERE, false, false))
            .withMessageContaining("quarkus.http.host").withMessageContaining("0.0.0.0").withMessageContaining("kogata.gateway.identity.api-keys");
        assertThatIllegalStateException().isThrownBy(() -> Exposure.check(Map.of("quarkus.grpc.server.host", "::"), false, false));
    }

    @Test
    void listensOnThisMachineWithoutAndElsewhereWithIdentity() {
        assertThatCode(() -> Exposure.check(HERE, false, false)).doesNotThrowAnyException();
        assertThatCode(() -> Exposure.check(EVERYWHERE, false, true)).doesNotThrowAnyException();
        assertThatCode(() -> Exposure.check(EVERYWHERE, true, false)).as("said in so many words").doesNotThrowAnyException();
    }
}
