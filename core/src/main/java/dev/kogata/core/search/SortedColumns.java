package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Orders of growing columns of numbers, kept up to date by insertion. Not thread-safe. */
final class SortedColumns {

    private final int[][] ascending; // [column][rank] -> row
    private final double[][] values; // [column][row]
    private final List<double[]> rows = new ArrayList<>();

    SortedColumns(int columns) {
        ascending = new int[columns][16];
        values = new double[columns][16];
    }

    int rows() {
        return rows.size();
    }

    /** True where this row is there, with these values. */
    boolean holds(int row, double[] expected) {
        return row < rows.size() && (rows.get(row) == expected || Arrays.equals(rows.get(row), expected));
    }

    void add(double[] row) {
        int number = rows.size();
        for (int column = 0; column < values.length; column++) {
            if (number == values[column].length) {
                values[column] = Arrays.copyOf(values[column], 2 * number);
                ascending[column] = Arrays.copyOf(ascending[column], 2 * number);
            }
            values[column][number] = row[column];
            insert(values[column], ascending[column], number);
        }
        rows.add(row);
    }

    double[] values(int column) {
        return values[column];
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
