package dev.kogata.gateway.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdempotencyKeysTest {
    @TempDir
    Path folder;

    private final AtomicInteger made = new AtomicInteger();

    @Test
    void theSameKeyAndRequestGetTheSameAlsoAfterARestart() throws IOException {
        IdempotencyKeys keys = open(100, Clock.systemUTC());
        assertThat(once(keys, "acme", "key", "a")).isEqualTo("made 1");
        assertThat(once(keys, "acme", "key", "a")).isEqualTo("found made 1");
        assertThat(once(open(100, Clock.systemUTC()), "acme", "key", "a")).isEqualTo("found made 1");
        assertThat(once(keys, "acme", "other", "a")).isEqualTo("made 2");
        assertThat(once(keys, "rival", "key", "a")).as("another tenant's key is another").isEqualTo("made 3");
        assertThat(once(keys, "acme", "", "a")).as("no key").isEqualTo("made 4");
        assertThat(once(keys, "acme", "", "a")).isEqualTo("made 5");
    }

    @Test
    @Tag("hostile-59")
    void theSameKeyWithAnotherRequestIsRefused() throws IOException {
        IdempotencyKeys keys = open(100, Clock.systemUTC());
        once(keys, "acme", "key", "a");
        assertRefused(Reason.IDEMPOTENCY_CONFLICT, () -> once(keys, "acme", "key", "b"));
        assertRefused(Reason.IDEMPOTENCY_CONFLICT, () -> keys.once(List.of("acme", "models"), "key", List.of("a", ""), name -> name, () -> "none", name -> name));
        assertThat(made).hasValue(1);
    }

    @Test
    @Tag("hostile-59")
    void fiftyAtOnceMakeOne() {
        IdempotencyKeys keys = open(100, Clock.systemUTC());
        CountDownLatch together = new CountDownLatch(50);
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            all.add(answer);
            new Thread(() -> {
                try {
                    together.countDown();
                    together.await();
                    answer.complete(once(keys, "acme", "key", "a"));
                } catch (Exception e) {
                    answer.completeExceptionally(e);
                }
            }).start();
        }
        assertThat(all).extracting(CompletableFuture::join).allMatch(answer -> answer.endsWith("made 1"));
        assertThat(made).hasValue(1);
    }

    @Test
    void aRefusedRequestLeavesItsKeyFreeAndOneWithoutAnswerDoesNot() throws IOException {
        IdempotencyKeys keys = open(100, Clock.systemUTC());
        assertRefused(Reason.NOT_FOUND, () -> failing(keys, "a", Reason.NOT_FOUND));
        assertThat(once(keys, "acme", "key", "b")).isEqualTo("made 1");
        assertRefused(Reason.UNAVAILABLE, () -> keys.once(List.of("acme", "models"), "away", List.of("a"), name -> name, () -> {
            throw new KogataException(Reason.UNAVAILABLE, "Not now.");
        }, Function.identity()));
        assertRefused(Reason.IDEMPOTENCY_CONFLICT, () -> once(keys, "acme", "away", "b"));
        assertThat(once(keys, "acme", "away", "a")).as("asked again").isEqualTo("made 2");
    }

    @Test
    void keysAreForgottenWithTheirTimeAndMayNotBeTooMany() throws IOException {
        IdempotencyKeys keys = open(2, Clock.systemUTC());
        once(keys, "acme", "one", "a");
        once(keys, "acme", "two", "a");
        assertRefused(Reason.LIMIT_EXCEEDED, () -> once(keys, "acme", "three", "a"));
        assertThat(once(keys, "acme", "one", "a")).as("one that is known").isEqualTo("found made 1");
        IdempotencyKeys later = open(2, Clock.fixed(Instant.now().plus(Duration.ofHours(25)), ZoneOffset.UTC));
        assertThat(once(later, "acme", "one", "b")).as("forgotten").isEqualTo("made 3");
        later.sweep();
        assertThat(folder).isEmptyDirectory();
    }

    private IdempotencyKeys open(int most, Clock clock) {
        return new IdempotencyKeys(folder, most, Duration.ofHours(24), Duration.ofSeconds(30), clock);
    }

    private String once(IdempotencyKeys keys, String tenant, String key, String request) throws IOException {
        return keys.once(List.of(tenant, "models"), key, List.of(request), name -> "found " + name, () -> "made " + made.incrementAndGet(), Function.identity());
    }

    private static void failing(IdempotencyKeys keys, String request, Reason reason) {
        try {
            keys.once(List.of("acme", "models"), "key", List.of(request), name -> name, () -> {
                throw new KogataException(reason, "Refused.");
            }, Function.identity());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
