package dev.kogata.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What is measured together: variants of one operation, in one run, so that both see the same machine. To add one: a class
 * with its variants, its checks and its floor, and a constant here.
 */
enum Pair {
    MASK(MaskBenchmark.class, "sorting") {
        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return MaskBenchmark.floor(parameters.getParam("shape"));
        }
    },
    LEVELS(LevelMapBenchmark.class, "oneMask") {
        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return LevelMapBenchmark.floor(parameters.getParam("shape"));
        }
    },
    CACHE(PackingBenchmark.class, "copy") {
        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return PackingBenchmark.floor(variant, parameters.getParam("shape"), Integer.parseInt(parameters.getParam("bits")));
        }
    },
    TPE(TpeBenchmark.class, "restarted") {
        /** A proposal goes through more code, and through each of it less often, than anything else here. */
        @Override
        int warmupMs() {
            return 3000;
        }

        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return TpeBenchmark.floor(parameters.getParam("shape"));
        }
    },
    SPARSEGPT(SparseGptBenchmark.class, "product") {
        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return SparseGptBenchmark.floor(variant, parameters.getParam("shape"));
        }
    },
    PROJECTION(ProjectionBenchmark.class, "countBytes") {
        @Override
        Floor floor(String variant, BenchmarkParams parameters) {
            return ProjectionBenchmark.floor(variant, parameters.getParam("shape"));
        }
    };

    private final Class<?> benchmark;
    private final String baseline;

    Pair(Class<?> benchmark, String baseline) {
        this.benchmark = benchmark;
        this.baseline = baseline;
    }

    abstract Floor floor(String variant, BenchmarkParams parameters);

    /** Each of three times as long: until what is measured is compiled. */
    int warmupMs() {
        return 500;
    }

    Class<?> benchmark() {
        return benchmark;
    }

    /** The variant that the others are compared with. */
    String baseline() {
        return baseline;
    }

    /** The name on the command line. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Pair> of(String label) {
        return Arrays.stream(values()).filter(pair -> pair.label().equals(label)).findFirst();
    }
}
