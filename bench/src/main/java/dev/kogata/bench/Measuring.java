package dev.kogata.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.MultisetStatistics;
import org.openjdk.jmh.util.Statistics;

/**
 * Measures pairs.
 *
 * @param threads threads of every operation
 * @param rounds how often the variants of a pair take turns
 */
record Measuring(int threads, int rounds) {
    /** A variant at its parameters. */
    private record Key(String variant, String shape) {}

    /** The pair's variants at each shape; the message of a failure says what JMH said. */
    List<Timed> run(Pair pair) {
        Map<Key, MultisetStatistics> calls = new LinkedHashMap<>();
        Map<Key, MultisetStatistics> cpu = new LinkedHashMap<>();
        Map<Key, BenchmarkParams> parameters = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (RunResult result : results(pair)) {
                BenchmarkParams of = result.getParams();
                String name = of.getBenchmark();
                Key key = new Key(name.substring(name.lastIndexOf('.') + 1), shape(of));
                parameters.put(key, of);
                addAll(result.getPrimaryResult().getStatistics(), calls.computeIfAbsent(key, none -> new MultisetStatistics()));
                addAll(result.getSecondaryResults().get(ProcessorTime.LABEL).getStatistics(), cpu.computeIfAbsent(key, none -> new MultisetStatistics()));
            }
        }
        List<Timed> timed = new ArrayList<>();
        calls.forEach((key, all) -> {
            double median = all.getPercentile(50);
            double baseline = calls.get(new Key(pair.baseline(), key.shape())).getPercentile(50);
            timed.add(new Timed(pair.label(), key.variant(), key.shape(), threads, median, cpu.get(key).getPercentile(50), all.getMin(), pair.floor(key.variant(), parameters.get(key)), baseline / median));
        });
        return timed;
    }

    private List<RunResult> results(Pair pair) {
        Options options = new OptionsBuilder()
                .include(pair.benchmark().getName().replace(".", "\\.") + "\\.")
                .mode(Mode.SampleTime).timeUnit(TimeUnit.MILLISECONDS)   // every call is timed, so that there is a median
                // One fork a round, in place of many forks in a row: the variants take turns, so that a slow minute of a
                // shared machine meets all of them, and a JVM that compiled unluckily is one of several.
                .forks(1)
                // The loops are long: they are compiled while they run for the first time, and two calls settle the rest.
                .warmupIterations(3).warmupTime(TimeValue.milliseconds(pair.warmupMs()))
                .measurementIterations(4).measurementTime(TimeValue.milliseconds(500))
                // A heap of fixed size and the collector without threads of its own leave the other cores alone.
                .jvmArgs("-Xms3g", "-Xmx3g", "-XX:+UseSerialGC", "-D" + Cores.THREADS + "=" + threads)
                .addProfiler(ProcessorTime.class)
                .shouldFailOnError(true)
                .build();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try {
            PrintStream log = new PrintStream(said, true, StandardCharsets.UTF_8);
            return new ArrayList<>(new Runner(options, OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL)).run());
        } catch (RunnerException failed) {
            throw new IllegalStateException(said.toString(StandardCharsets.UTF_8), failed);
        }
    }

    /** The shape, with the other parameters after it. */
    private static String shape(BenchmarkParams of) {
        TreeMap<String, String> others = new TreeMap<>();
        of.getParamsKeys().stream().filter(name -> !name.equals("shape")).forEach(name -> others.put(name, of.getParam(name)));
        StringBuilder text = new StringBuilder(of.getParam("shape"));
        others.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
        return text.toString();
    }

    private static void addAll(Statistics from, MultisetStatistics to) {
        for (Iterator<Map.Entry<Double, Long>> values = from.getRawData(); values.hasNext();) {
            Map.Entry<Double, Long> value = values.next();
            to.addValue(value.getKey(), value.getValue());
        }
    }
}
