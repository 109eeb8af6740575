package dev.kogata.core.search;

import java.util.Arrays;

/** Orders of growing columns of numbers, kept up to date by insertion. Not thread-safe. */
final class SortedColumns {

    private final int[][] ascending; // [column][rank] -> row
    private double[][] values; // [column][row]
    private int rows;

    SortedColumns(int columns) {
        ascending = new int[columns][16];
        values = new double[columns][16];
    }

    int rows() {
        return rows;
    }

    /** True where this row is there, with these values. */
    boolean holds(int row, double[] expected) {
        if (row >= rows) {
            return false;
        }
        for (int column = 0; column < values.length; column++) {
            if (values[column][row] != expected[column]) {
                return false;
            }
        }
        return true;
    }

    void add(double[] row) {
        for (int column = 0; column < values.length; column++) {
            if (rows == values[column].length) {
                values[column] = Arrays.copyOf(values[column], 2 * rows);
                ascending[column] = Arrays.copyOf(ascending[column], 2 * rows);
            }
            values[column][rows] = row[column];
            insert(values[column], ascending[column], rows);
        }
        rows++;
    }

    double value(int column, int row) {
        return values[column][row];
    }

    int[] ascending(int column) {
        return ascending[column];
    }

    /** Rows by value, equal ones in their order. */
    static int[] ascending(double[] values) {
        int[] order = new int[values.length];
        for (int row = 0; row < values.length; row++) {
            insert(values, order, row);
        }
        return order;
    }

    private static void insert(double[] values, int[] order, int row) {
        int low = 0;
        int high = row;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (values[order[middle]] <= values[row]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        System.arraycopy(order, low, order, low + 1, row - low);
        order[low] = row;
    }
}
