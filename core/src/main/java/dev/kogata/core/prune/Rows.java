package dev.kogata.core.prune;

import java.util.stream.IntStream;

/** Splits independent rows over the cores. */
final class Rows {
    /** Rows of one piece: enough to pay for its work space, few enough to balance. */
    private static final int PIECE = 32;

    private Rows() {}

    /** Works on rows {@code from} to before {@code to}. */
    @FunctionalInterface
    interface Piece {
        void run(int from, int to);
    }

    static void parallel(int rows, Piece piece) {
        IntStream.range(0, (rows + PIECE - 1) / PIECE).parallel().forEach(p -> piece.run(p * PIECE, Math.min(rows, (p + 1) * PIECE)));
    }
}
