package dev.kogata.core.prune;

import java.util.Arrays;

/**
 * Fast twin of {@link RowRanking}: elements are counted into buckets of neighbouring scores, in one pass; only where a
 * border runs through a bucket are its few elements put in order. A bucket is a range of score bits: the top 12 octaves of
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
    private final byte[] bucketLevel;  // (buckets)
    private final int[] split;         // buckets that a border runs through, and the rank of their first element
    private final int[] splitStart;
    private final int[] columnsLeft;   // columns whose bucket is split
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
        bucketLevel = new byte[size];
        split = new int[columns + 1];
        splitStart = new int[columns + 1];
        columnsLeft = new int[columns + 1];
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
     * @param levelOfRank (columns): not descending, never 0
     * @param endOfLevel (256): the first rank of a greater level, of levels that some rank has
     * @param levels receives the levels, from {@code offset} on
     */
    void levels(byte[] levelOfRank, int[] endOfLevel, float[] zerosFirst, int offset, byte[] levels) {
        int buckets = count(zerosFirst, offset);
        int splits = levelsOfBuckets(buckets, levelOfRank, endOfLevel);
        int undecided = levelsOfWholeBuckets(offset, levels);
        for (int u = 0; u < undecided; u++) {
            int j = columnsLeft[u];
            ordered[counts[this.buckets[j]]++] = (long) keys[j] << 32 | j;
        }
        for (int s = 0; s < splits; s++) {
            int start = splitStart[s], end = counts[split[s]];
            if (end - start > SMALL) {
                Arrays.sort(ordered, start, end);
                for (int r = start; r < end; r++) {
                    levels[offset + (int) ordered[r]] = levelOfRank[r];
                }
            } else {
                levelsOfFew(start, end, levelOfRank, offset, levels);
            }
        }
    }

    // The next two are methods of their own, with arrays in locals, so that the compiler sees which indices are in bounds.

    /** Turns counts into the rank where each bucket begins; returns how many buckets a border runs through. */
    private int levelsOfBuckets(int buckets, byte[] levelOfRank, int[] endOfLevel) {
        int[] counts = this.counts;
        byte[] bucketLevel = this.bucketLevel;
        int rank = 0, splits = 0;
        byte level = 0;
        int border = 0;   // where the next level begins
        for (int b = 0; b < buckets; b++) {
            int end = rank + counts[b];
            counts[b] = rank;
            bucketLevel[b] = level;
            if (end > border) {   // a few hundred times in a row of thousands of buckets
                if (rank == border) {
                    level = levelOfRank[rank];
                    border = endOfLevel[level & 0xff];
                }
                bucketLevel[b] = level;
                if (end > border) {
                    bucketLevel[b] = 0;
                    split[splits] = b;
                    splitStart[splits++] = rank;
                    level = levelOfRank[end - 1];
                    border = endOfLevel[level & 0xff];
                }
            }
            rank = end;
        }
        return splits;
    }

    // No branch depends on the data here: scores are as good as random, and a mispredicted branch costs more than both sides.

    /** Gives elements of whole buckets their level and the others 0; returns how many others there are. */
    private int levelsOfWholeBuckets(int offset, byte[] levels) {
        int undecided = 0;
        char[] buckets = this.buckets;
        byte[] bucketLevel = this.bucketLevel;
        int[] columnsLeft = this.columnsLeft;
        for (int j = 0; j < buckets.length; j++) {
            byte level = bucketLevel[buckets[j]];
            levels[offset + j] = level;
            columnsLeft[undecided] = j;
            undecided += (level & 0xff) - 1 >>> 31;
        }
        return undecided;
    }

    /** A rank is how many are smaller: counting has no branch to mispredict, as moving elements about has. */
    private void levelsOfFew(int start, int end, byte[] levelOfRank, int offset, byte[] levels) {
        for (int r = start; r < end; r++) {
            long key = ordered[r];
            int rank = start;
            for (int other = start; other < end; other++) {
                rank += (int) (ordered[other] - key >>> 63);
            }
            levels[offset + (int) key] = levelOfRank[rank];
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
