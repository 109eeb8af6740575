package dev.kogata.core.prune;

/** Which zeros SparseGPT is to make. */
public sealed interface Pattern {
    /**
     * The original's: in every block of columns one threshold for all rows, at sorted[int(numel * sparsity)]. Rows differ, and
     * at least one element more than asked dies in every block.
     *
     * @param sparsity in [0, 1)
     */
    record BlockThreshold(double sparsity) implements Pattern {
        public BlockThreshold {
            PruningMask.zeros(0, sparsity);
        }
    }

    /**
     * The lowest of every block of consecutive inputs.
     *
     * @param zeros elements of each block that die
     * @param blockSize inputs of a block
     */
    record ZerosPerBlock(int zeros, int blockSize) implements Pattern {
        public ZerosPerBlock {
            if (blockSize < 1 || zeros < 0 || zeros > blockSize) {
                throw new IllegalArgumentException("%d zeros per block of %d".formatted(zeros, blockSize));
            }
        }
    }

    /**
     * An exact number in every output row, for exact bytes.
     *
     * @param zeros (rows)
     */
    record ZerosPerRow(int[] zeros) implements Pattern {
        /** The counts of an elastic weight at a point of the search: {@code max(zeros at the step, zeros already there)}. */
        public static ZerosPerRow at(Matrix w, int step, int rowsAtNextStep) {
            LevelMap.checkStep(w, step, rowsAtNextStep);
            return at(w, step, step + 1, rowsAtNextStep);
        }

        /** The same where the first rows are at one step and the others at another. */
        public static ZerosPerRow at(Matrix w, int step, int stepOfFirstRows, int firstRows) {
            int[] zeros = new int[w.rows()];
            for (int i = 0; i < zeros.length; i++) {
                int already = 0;
                for (int k = i * w.columns(); k < (i + 1) * w.columns(); k++) {
                    already += w.values()[k] == 0f ? 1 : 0;
                }
                zeros[i] = Math.max(already, LevelMap.zeros(w.columns(), i < firstRows ? stepOfFirstRows : step));
            }
            return new ZerosPerRow(zeros);
        }
    }
}
