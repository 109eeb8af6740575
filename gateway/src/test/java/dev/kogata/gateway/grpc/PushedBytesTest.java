package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PushedBytesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void readsMessagesOfAnySizeAsOneStream() throws IOException {
        PushedBytes bytes = new PushedBytes(() -> { }, LONG);
        for (String message : new String[] {"abc", "", "d", "efghij"}) {
            bytes.push(ByteString.copyFromUtf8(message));
        }
        bytes.end();
        assertThat(new String(bytes.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("abcdefghij");
        assertThat(bytes.read()).isEqualTo(-1);
    }

    @Test
    void asksForAMessageOnlyWhenOneWasTaken() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        PushedBytes bytes = new PushedBytes(asked::incrementAndGet, LONG);
        bytes.push(ByteString.copyFromUtf8("ab"));
        bytes.push(ByteString.copyFromUtf8("cd"));
        assertThat(asked).as("nobody reads").hasValue(0);
        bytes.read();
        assertThat(asked).hasValue(1);
        bytes.read();
        assertThat(asked).as("still in the first").hasValue(1);
        bytes.read();
        assertThat(asked).hasValue(2);
    }

    @Test
    void givesWhatCameBeforeAClientBrokeOffAndThenFails() throws IOException {
        PushedBytes bytes = new PushedBytes(() -> { }, LONG);
        bytes.push(ByteString.copyFromUtf8("ab"));
        bytes.breakOff();
        assertThat(bytes.readNBytes(2)).hasSize(2);
        assertThatIOException().isThrownBy(bytes::read);
    }

    @Test
    void givesItsThreadBackWhereAClientSendsNothing() {
        assertThatIOException().isThrownBy(() -> new PushedBytes(() -> { }, Duration.ofMillis(1)).read()).withMessageContaining("sends nothing");
    }
}
