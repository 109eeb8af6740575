package dev.kogata.bench;

import dev.kogata.core.prune.Matrix;
import java.util.SplittableRandom;

/**
 * Rows and columns, written {@code 4096x11008}, and reproducible data of that shape.
 *
 * @param rows output rows
 * @param columns inputs
 */
record Shape(int rows, int columns) {
    static Shape of(String text) {
        String[] sides = text.split("x");
        return new Shape(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    }

    long values() {
        return (long) rows * columns;
    }

    /** A weight as trained ones are: about normal, near 0. */
    Matrix weight() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[rows * columns];
        for (int k = 0; k < values.length; k++) {
            values[k] = 0.02f * (float) (random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble() - 2);
        }
        return new Matrix(rows, columns, values);
    }

    /** (columns): mean square norms over two orders of magnitude. */
    float[] norms() {
        SplittableRandom random = new SplittableRandom(2);
        float[] norms = new float[columns];
        for (int j = 0; j < columns; j++) {
            norms[j] = (float) Math.pow(10, 2 * random.nextDouble());
        }
        return norms;
    }
}
