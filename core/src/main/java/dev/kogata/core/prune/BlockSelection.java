package dev.kogata.core.prune;

/**
 * The lowest few of a block of scores. Which of equal scores are taken is what {@code torch.topk} takes, on which the originals
 * rest: it partitions as the C++ library's {@code nth_element} does, around the median of three. So masks of rows with ties, as dead
 * inputs make them, are the originals' too. Work space of one thread.
 */
final class BlockSelection {
    /** Up to so many elements are sorted by insertion. */
    private static final int SMALL = 3;
    /** From so many elements for each wanted one, the original keeps a heap, in which the first of equal ones stays. */
    private static final int SPARSE = 64;

    private final int[] order;   // (block): places, partly sorted
    private float[] scores;
    private int start;

    /** @param blockSize most elements of a block */
    BlockSelection(int blockSize) {
        order = new int[blockSize];
    }

    /**
     * Marks the lowest of {@code scores[start..end)}; of fewer than {@code zeros} all.
     *
     * @param pruned receives true for them, at {@code offset} + place
     */
    void mark(float[] scores, int start, int end, int zeros, boolean[] pruned, int offset) {
        this.scores = scores;
        this.start = start;
        int size = end - start, wanted = Math.min(zeros, size);
        for (int k = 0; k < size; k++) {
            order[k] = k;
        }
        if (wanted > 0 && wanted < size) {
            select(size, wanted - 1);
        }
        for (int k = 0; k < wanted; k++) {
            pruned[offset + start + order[k]] = true;
        }
    }

    private void select(int size, int nth) {
        int first = 0, last = size;
        while (last - first > SMALL && SPARSE * (nth + 1) > size) {
            medianToFirst(first, first + 1, first + (last - first) / 2, last - 1);
            int cut = partition(first + 1, last, score(first));
            if (cut <= nth) {
                first = cut;
            } else {
                last = cut;
            }
        }
        for (int i = first + 1; i < last; i++) {
            int inserted = order[i], at = i;
            for (; at > first && scores[start + inserted] < score(at - 1); at--) {
                order[at] = order[at - 1];
            }
            order[at] = inserted;
        }
    }

    private void medianToFirst(int result, int a, int b, int c) {
        if (score(a) < score(b)) {
            swap(result, score(b) < score(c) ? b : score(a) < score(c) ? c : a);
        } else {
            swap(result, score(a) < score(c) ? a : score(b) < score(c) ? c : b);
        }
    }

    /** Hoare's partition; elements equal to the pivot change sides too. */
    private int partition(int from, int to, float pivot) {
        int first = from, last = to;
        while (true) {
            while (score(first) < pivot) {
                first++;
            }
            last--;
            while (pivot < score(last)) {
                last--;
            }
            if (first >= last) {
                return first;
            }
            swap(first++, last);
        }
    }

    private float score(int rank) {
        return scores[start + order[rank]];
    }

    private void swap(int a, int b) {
        int swapped = order[a];
        order[a] = order[b];
        order[b] = swapped;
    }
}
