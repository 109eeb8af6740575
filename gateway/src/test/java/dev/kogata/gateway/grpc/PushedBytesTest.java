package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PushedBytesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void readsMessagesOfAnySizeAsOneStream() throws IOException {
        PushedBytes bytes = pushed(() -> { }, LONG);
        for (String message : new String[] {"abc", "", "d", "efghij"}) {
            bytes.push(ByteString.copyFromUtf8(message));
        }
        bytes.end();
        assertThat(new String(bytes.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("abcdefghij");
        assertThat(bytes.read()).isEqualTo(-1);
    }

    @Test
    void asksForTheNextMessageWhileOneIsRead() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        PushedBytes bytes = pushed(asked::incrementAndGet, LONG);
        assertThat(asked).hasValue(1);
        bytes.push(ByteString.copyFromUtf8("ab"));
        bytes.push(ByteString.copyFromUtf8("cd"));
        assertThat(asked).as("nobody reads").hasValue(1);
        bytes.read();
        bytes.read();
        assertThat(asked).as("one to write, and one to come in meanwhile").hasValue(2);
        bytes.read();
        assertThat(asked).hasValue(3);
    }

    @Test
    void waitsForItsTurnHoweverLongThatTakesAndGivesAllTurnsBackWhenClosed() throws Exception {
        MessageTurns turns = new MessageTurns(1, 1, LONG, LONG, System::nanoTime);
        PushedBytes first = new PushedBytes(turns, () -> { }, () -> { }, LONG);
        first.begin();
        AtomicInteger asked = new AtomicInteger();
        PushedBytes second = new PushedBytes(turns, asked::incrementAndGet, () -> { }, Duration.ofMillis(1));
        second.begin();
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                return second.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(asked).as("the first has all turns").hasValue(0);
        assertThat(read).as("it is not its client's fault").isNotDone();
        second.push(ByteString.copyFromUtf8("x"));
        assertThat(read.join()).isEqualTo('x');
        first.close();
        assertThat(asked).hasValueGreaterThan(0);
        second.close();
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void givesWhatCameBeforeAClientBrokeOffAndThenFails() throws IOException {
        PushedBytes bytes = pushed(() -> { }, LONG);
        bytes.push(ByteString.copyFromUtf8("ab"));
        bytes.breakOff();
        assertThat(bytes.readNBytes(2)).hasSize(2);
        assertThatIOException().isThrownBy(bytes::read);
    }

    @Test
    void givesItsThreadBackWhereAClientSendsNothing() {
        assertThatIOException().isThrownBy(() -> pushed(() -> { }, Duration.ofMillis(1)).read()).withMessageContaining("sends nothing");
    }

    private static PushedBytes pushed(Runnable askForOne, Duration patience) {
        PushedBytes bytes = new PushedBytes(new MessageTurns(32, 32, LONG, LONG, System::nanoTime), askForOne, () -> { }, patience);
        bytes.begin();
        return bytes;
    }
}
