package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.List;

/**
 * Arrays that are handed out again after each reset: a proposal needs megabytes of them for a moment, and memory that is new is not in
 * the processor's cache. They are as long as asked for or longer, and hold whatever they held. Not thread-safe.
 */
final class Scratch {

    private final List<double[]> doubles = new ArrayList<>();
    private final List<int[]> ints = new ArrayList<>();
    private int doublesTaken;
    private int intsTaken;

    /** Takes back all that was handed out. */
    void reset() {
        doublesTaken = 0;
        intsTaken = 0;
    }

    double[] doubles(int least) {
        if (doublesTaken == doubles.size()) {
            doubles.add(new double[least]);
        } else if (doubles.get(doublesTaken).length < least) {
            doubles.set(doublesTaken, new double[least + least / 4]);
        }
        return doubles.get(doublesTaken++);
    }

    int[] ints(int least) {
        if (intsTaken == ints.size()) {
            ints.add(new int[least]);
        } else if (ints.get(intsTaken).length < least) {
            ints.set(intsTaken, new int[least + least / 4]);
        }
        return ints.get(intsTaken++);
    }
}
