package dev.kogata.bench;

import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;

/**
 * The threads that both sides of a pair run on. A parallel stream stays in the pool that it is started from, so that a pool
 * of one thread measures one core, however many the machine has.
 */
final class Cores {
    /** System property: how many threads. */
    static final String THREADS = "kogata.bench.threads";

    private static final ForkJoinPool POOL = new ForkJoinPool(threads());

    private Cores() {}

    static int threads() {
        return Integer.getInteger(THREADS, 1);
    }

    static <T> T run(Supplier<T> work) {
        return POOL.submit(work::get).join();
    }
}
