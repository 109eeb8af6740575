package dev.kogata.core.prune;

/**
 * A weight as algorithms see it: output-major, whatever its file stores. The array is not copied.
 *
 * @param rows output channels
 * @param columns input channels
 * @param values (rows, columns), row by row
 */
public record Matrix(int rows, int columns, float[] values) {
    public Matrix {
        if (rows < 1 || columns < 1 || values.length != (long) rows * columns) {
            throw new IllegalArgumentException("%d values for a matrix of %d x %d".formatted(values.length, rows, columns));
        }
    }
}
