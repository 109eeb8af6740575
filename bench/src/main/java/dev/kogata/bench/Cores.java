package dev.kogata.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The threads that both sides of a pair run on, and the processor time that they take. A parallel stream stays in the pool that it is started from,
 * so that a pool of one thread measures one core, however many the machine has.
 */
final class Cores {
    /** System property: how many threads. */
    static final String THREADS = "kogata.bench.threads";

    private static final ForkJoinPool POOL = new ForkJoinPool(threads());
    /** One thread's own time; of several, some of which a library may have started, the time of the process, compilers and all. */
    private static final LongSupplier CLOCK = threads() == 1 ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
            : ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getProcessCpuTime;

    private Cores() {}

    static int threads() {
        return Integer.getInteger(THREADS, 1);
    }

    /** Work that may be split over the threads. */
    static <T> T run(Supplier<T> work) {
        return POOL.submit(() -> here(work)).join();
    }

    /** Work of the calling thread alone: short, so that handing it over would be part of its time. */
    static <T> T here(Supplier<T> work) {
        long start = CLOCK.getAsLong();
        T result = work.get();
        ProcessorTime.add(CLOCK.getAsLong() - start);
        return result;
    }
}
