package dev.kogata.kit.task;

import com.google.protobuf.Duration;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A gRPC caller that waits for an answer: served as soon as there is one, left alone when it has hung up. */
final class Waits<A> implements WaitingRoom.Guest {
    private static final long LONGEST_MILLIS = 30_000;

    private final ServerCallStreamObserver<A> caller;
    private final Supplier<Optional<A>> answer;
    private final Supplier<A> otherwise;
    private final Consumer<A> undelivered;

    /**
     * A caller of a unary method.
     *
     * @param answer the answer, where there is one now
     * @param otherwise what to say when the time is over
     */
    Waits(StreamObserver<A> caller, Supplier<Optional<A>> answer, Supplier<A> otherwise) {
        this(caller, answer, otherwise, lost -> {});
    }

    /**
     * A caller whose answer has an effect.
     *
     * @param undelivered takes the effect back, where the caller hung up before the answer was sent
     */
    Waits(StreamObserver<A> caller, Supplier<Optional<A>> answer, Supplier<A> otherwise, Consumer<A> undelivered) {
        this.caller = (ServerCallStreamObserver<A>) caller;
        this.answer = answer;
        this.otherwise = otherwise;
        this.undelivered = undelivered;
        // With a handler, a caller that hangs up is a state and not an exception.
        this.caller.setOnCancelHandler(() -> {});
    }

    @Override
    public boolean serve() {
        if (caller.isCancelled()) {
            return true;
        }
        Optional<A> found = answer.get();
        if (found.isPresent() && caller.isCancelled()) {
            undelivered.accept(found.get());
            return true;
        }
        found.ifPresent(this::say);
        return found.isPresent();
    }

    @Override
    public void dismiss() {
        try {
            say(otherwise.get());
        } catch (RuntimeException e) {
            caller.onError(e);
        }
    }

    /** How long a caller may wait. */
    static java.time.Duration bounded(Duration asked) {
        long millis = asked.getSeconds() >= 30 ? LONGEST_MILLIS : asked.getSeconds() * 1000 + asked.getNanos() / 1_000_000;
        return java.time.Duration.ofMillis(Math.max(0, Math.min(LONGEST_MILLIS, millis)));
    }

    private void say(A message) {
        caller.onNext(message);
        caller.onCompleted();
    }
}
