package dev.kogata.core.prune;

import java.util.Arrays;

/**
 * Fast twin of {@link RowRanking}: elements are counted into buckets of neighbouring scores, in one pass; only where a
 * border of levels runs through a bucket are its few elements put in order. A bucket is a range of score bits: the top 12 octaves of
 * the row are cut evenly, all below them is bucket 0. Work space of one thread.
 */
final class RowSelection {
    /** Float bits of 12 octaves. */
    private static final int RANGE = 12 << 23;
    /** Above this many elements a library sort beats insertion. */
    private static final int SMALL = 24;

    private final float[] scores;      // (columns)
    private final int[] keys;          // (columns)
    private final char[] buckets;      // (columns): bucket of each
    private final long[] ordered;      // (columns): key and column at its rank, where that had to be found
    private final int[] counts;        // (buckets)
    private final int[] byRank;        // (columns): column of each rank
    private final byte[] rowLevels;    // (columns): level of each
    private final int shift;

    /** @param finer more buckets, which pays where many borders are looked for */
    RowSelection(int columns, boolean finer) {
        scores = new float[columns];
        keys = new int[columns];
        buckets = new char[columns];
        ordered = new long[columns];
        // More buckets mean fewer elements to put in order, and more buckets to go through: beyond these that costs more than it saves.
        int half = Integer.highestOneBit(Math.max(1, columns - 1));
        int size = Math.max(512, Math.min(1 << 15, Math.max(half, Math.min((finer ? 4 : 2) * half, 1 << 13))));
        counts = new int[size];
        byRank = new int[columns];
        rowLevels = new byte[columns];
        int width = 0;
        while (RANGE >>> width >= size) {
            width++;
        }
        shift = width;
    }

    /** (columns): scores of the row at hand, to be filled before each call. */
    float[] scores() {
        return scores;
    }

    /**
     * Marks the lowest elements.
     *
     * @param zeros how many
     * @param zerosFirst see {@link RowRanking#order}, with its offset
     * @param pruned receives true for them and false for the others, from {@code at} on
     */
    void lowest(int zeros, float[] zerosFirst, int offset, boolean[] pruned, int at) {
        int columns = keys.length;
        if (zeros == 0 || zeros == columns) {
            Arrays.fill(pruned, at, at + columns, zeros != 0);
            return;
        }
        count(zerosFirst, offset);
        int border = 0, below = 0;
        while (below + counts[border] <= zeros) {
            below += counts[border++];
        }
        int candidates = 0;
        for (int j = 0; j < columns; j++) {
            int bucket = buckets[j];
            pruned[at + j] = bucket < border;
            if (bucket == border) {
                ordered[candidates++] = (long) keys[j] << 32 | j;
            }
        }
        if (below < zeros) {
            sort(0, candidates);
            for (int rank = 0; rank < zeros - below; rank++) {
                pruned[at + (int) ordered[rank]] = true;
            }
        }
    }

    /**
     * Gives every element the level of its rank.
     *
     * @param levelOfRank (columns): not descending
     * @param borders ranks whose level is greater than that of the rank before, ascending
     * @param levels receives the levels, from {@code offset} on
     */
    void levels(byte[] levelOfRank, int[] borders, float[] zerosFirst, int offset, byte[] levels) {
        begin(count(zerosFirst, offset));
        columnsByBucket();
        for (int n = 0, done = 0; n < borders.length; n++) {
            int rank = borders[n], bucket = buckets[byRank[rank]];
            if (rank >= done && buckets[byRank[rank - 1]] == bucket) {
                done = counts[bucket];
                order(bucket == 0 ? 0 : counts[bucket - 1], done);
            }
        }
        putLevels(levelOfRank);
        System.arraycopy(rowLevels, 0, levels, offset, rowLevels.length);
    }

    // The next three are methods of their own, with arrays in locals, so that the compiler sees which indices are in bounds.

    /** Turns counts into the rank where each bucket begins. */
    private void begin(int buckets) {
        int[] counts = this.counts;
        int rank = 0;
        for (int b = 0; b < buckets; b++) {
            int count = counts[b];
            counts[b] = rank;
            rank += count;
        }
    }

    /** Orders columns by bucket, those of one bucket as they come; leaves the rank where each bucket ends. */
    private void columnsByBucket() {
        char[] buckets = this.buckets;
        int[] counts = this.counts, byRank = this.byRank;
        for (int j = 0; j < buckets.length; j++) {
            byRank[counts[buckets[j]]++] = j;
        }
    }

    /** Writes all over the row, which is why it is one that the nearest cache holds. */
    private void putLevels(byte[] levelOfRank) {
        int[] byRank = this.byRank;
        byte[] rowLevels = this.rowLevels;
        for (int rank = 0; rank < byRank.length; rank++) {
            rowLevels[byRank[rank]] = levelOfRank[rank];
        }
    }

    /** Puts columns of one bucket in order; equal keys are. */
    private void order(int from, int to) {
        if (to - from > SMALL) {
            for (int r = from; r < to; r++) {
                ordered[r] = (long) keys[byRank[r]] << 32 | byRank[r];
            }
            Arrays.sort(ordered, from, to);
            for (int r = from; r < to; r++) {
                byRank[r] = (int) ordered[r];
            }
            return;
        }
        for (int r = from + 1; r < to; r++) {
            int column = byRank[r], key = keys[column], at = r;
            for (; at > from && keys[byRank[at - 1]] > key; at--) {
                byRank[at] = byRank[at - 1];
            }
            byRank[at] = column;
        }
    }

    /** Fills keys, buckets and their counts for the row at hand; returns how many buckets there are up to the last one in use. */
    private int count(float[] zerosFirst, int offset) {
        int columns = keys.length, largest = 0;
        for (int j = 0; j < columns; j++) {
            int key = RowRanking.key(scores[j], zerosFirst != null && zerosFirst[offset + j] == 0f);
            keys[j] = key;
            largest = Math.max(largest, key);
        }
        int base = Math.max(0, largest - RANGE);
        Arrays.fill(counts, 0);
        for (int j = 0; j < columns; j++) {
            int bucket = Math.max(0, keys[j] - base) >>> shift;
            buckets[j] = (char) bucket;
            counts[bucket]++;
        }
        return (Math.max(0, largest - base) >>> shift) + 1;
    }

    private void sort(int from, int to) {
        if (to - from > SMALL) {
            Arrays.sort(ordered, from, to);
            return;
        }
        for (int i = from + 1; i < to; i++) {
            long key = ordered[i];
            int at = i;
            for (; at > from && ordered[at - 1] > key; at--) {
                ordered[at] = ordered[at - 1];
            }
            ordered[at] = key;
        }
    }
}
