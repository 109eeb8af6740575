package dev.kogata.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Reports the processor time of a call, which waiting for other programs on a shared machine does not count in: of each iteration the median, in
 * milliseconds. JMH makes it in every fork.
 */
public final class ProcessorTime implements InternalProfiler {
    static final String LABEL = "cpu";

    private static final List<Long> NANOS = Collections.synchronizedList(new ArrayList<>());

    static void add(long nanos) {
        NANOS.add(nanos);
    }

    @Override
    public String getDescription() {
        return "processor time of a call";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        NANOS.clear();
    }

    @Override
    public Collection<? extends Result> afterIteration(BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        List<Long> sorted = NANOS.stream().sorted().toList();
        if (sorted.isEmpty()) {
            throw new IllegalStateException("a call of " + benchmark.getBenchmark() + " was not made through Cores, so that its processor time is not known");
        }
        return List.of(new ScalarResult(LABEL, sorted.get(sorted.size() / 2) / 1e6, "ms", AggregationPolicy.AVG));
    }
}
