package dev.kogata.core.search;

import java.util.Arrays;

/**
 * All observations of one parameter, oldest first, and their order by size, kept up to date by insertion. Not thread-safe.
 */
final class Column {

    private final Axis axis; // null for a choice
    private double[] places; // [observation]: value of a choice, place of a number on its axis
    private int[] ascending; // [rank] -> observation; equal ones by age
    private double[] ascendingPlaces; // [rank]
    private int size;

    Column(Parameter parameter, Bandwidth bandwidth) {
        axis = parameter instanceof Parameter.Choice ? null : bandwidth.axis(parameter);
        places = new double[16];
        ascending = new int[16];
        ascendingPlaces = new double[16];
    }

    Axis axis() {
        return axis;
    }

    int size() {
        return size;
    }

    double[] places() {
        return places;
    }

    int[] ascending() {
        return ascending;
    }

    double[] ascendingPlaces() {
        return ascendingPlaces;
    }

    void add(double value) {
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
            ascending = Arrays.copyOf(ascending, 2 * size);
            ascendingPlaces = Arrays.copyOf(ascendingPlaces, 2 * size);
        }
        double place = axis == null ? value : axis.place(value);
        places[size] = place;
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascendingPlaces[middle] <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        System.arraycopy(ascending, low, ascending, low + 1, size - low);
        System.arraycopy(ascendingPlaces, low, ascendingPlaces, low + 1, size - low);
        ascendingPlaces[low] = place;
        ascending[low] = size++;
    }
}
