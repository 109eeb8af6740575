package dev.kogata.bench;

import java.util.Locale;

/**
 * One line of the report.
 *
 * @param op label of the pair
 * @param variant which of the pair
 * @param shape shape, and whatever else it was measured with
 * @param threads threads that it ran on
 * @param medianMs median of all its calls by the clock
 * @param cpuMs processor time of a call: median of the medians of its iterations
 * @param fastestMs the fastest of them: on a machine that others use too, the one that they disturbed least
 * @param floor what it cannot do without
 * @param timesBaseline how many times as fast as the pair's baseline in the same run
 */
record Timed(String op, String variant, String shape, int threads, double medianMs, double cpuMs, double fastestMs, Floor floor, double timesBaseline) {
    private static final String ROW = "%-10s %-13s %-22s %7s %11s %11s %11s %12s %11s %9s %9s %8s";

    static String header() {
        return String.format(ROW, "op", "variant", "shape", "threads", "median ms", "cpu ms", "fastest ms", "floor Mop", "floor MB", "Gop/s", "GB/s", "speed");
    }

    String line() {
        return String.format(Locale.ROOT, ROW, op, variant, shape, threads, number(medianMs), number(cpuMs), number(fastestMs), number(floor.operations() / 1e6),
                number(floor.bytes() / 1e6), number(perSecond(floor.operations()) / 1e9), number(perSecond(floor.bytes()) / 1e9), number(timesBaseline) + "x");
    }

    String json() {
        // Names and shapes are plain: nothing to escape.
        return String.format(Locale.ROOT, "{\"op\":\"%s\",\"variant\":\"%s\",\"shape\":\"%s\",\"threads\":%d,\"median_ms\":%.6f,\"cpu_ms\":%.6f,\"fastest_ms\":%.6f,"
                        + "\"floor_operations\":%d,\"floor_bytes\":%d,\"operations_per_second\":%.0f,\"bytes_per_second\":%.0f,\"times_baseline\":%.4f}",
                op, variant, shape, threads, medianMs, cpuMs, fastestMs, floor.operations(), floor.bytes(), perSecond(floor.operations()), perSecond(floor.bytes()), timesBaseline);
    }

    private double perSecond(long count) {
        return count / (medianMs / 1000);
    }

    /** Three digits that mean something. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.4f", value);
    }
}
