package dev.kogata.orchestrator.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Blocking work done at once, for the few tasks that one job waits for together. Stateless. */
final class SideBySide {

    /** Two results. */
    record Both<A, B>(A first, B second) {
    }

    private SideBySide() {
    }

    /** Runs both; waits for both, then throws what either threw. */
    static <A, B> Both<A, B> run(Supplier<A> first, Supplier<B> second) {
        AtomicReference<A> firstResult = new AtomicReference<>();
        AtomicReference<B> secondResult = new AtomicReference<>();
        all(List.<Supplier<Void>>of(() -> store(firstResult, first), () -> store(secondResult, second)), 2);
        return new Both<>(firstResult.get(), secondResult.get());
    }

    /** Runs all, at most {@code atOnce} of them at a time; results in the order of {@code work}. */
    static <R> List<R> all(List<? extends Supplier<R>> work, int atOnce) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(atOnce, work.size())), task -> {
            Thread thread = new Thread(task, Thread.currentThread().getName() + "-part");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<CompletableFuture<R>> running = work.stream().map(part -> CompletableFuture.<R>supplyAsync(part::get, threads)).toList();
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).exceptionally(failed -> null).join();
            List<R> results = new ArrayList<>();
            running.forEach(part -> results.add(part.join()));
            return results;
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        } finally {
            threads.shutdown();
        }
    }

    private static <T> Void store(AtomicReference<T> place, Supplier<T> work) {
        place.set(work.get());
        return null;
    }
}
