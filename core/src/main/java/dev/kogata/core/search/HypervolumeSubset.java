package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The few vectors of a front that keep most of its hypervolume (HSSP): one after the other the one that adds most, which is never
 * below 1 - 1/e of the best choice (Guerreiro, Fonseca and Paquete, "Greedy Hypervolume Subset Selection in Low Dimensions",
 * 2016). As Optuna cuts the last front of good trials: of equal gains the lexicographically first, of equal vectors one, and the
 * others only where there are not enough different ones.
 */
public final class HypervolumeSubset {

    private HypervolumeSubset() {
    }

    /**
     * Selects.
     *
     * @param losses (vectors, objectives) of one front; smaller is better
     * @param size how many to take
     * @param reference (objectives): see {@link Hypervolume#reference}
     * @return their indices, ascending
     */
    public static int[] select(double[][] losses, int size, double[] reference) {
        NonDomination.check(losses);
        if (size < 0 || size > losses.length) {
            throw new IllegalArgumentException("%d of %d vectors".formatted(size, losses.length));
        }
        List<Integer> different = different(losses);
        List<Integer> chosen;
        if (different.size() <= size) {
            chosen = new ArrayList<>(different);
            IntStream.range(0, losses.length).filter(i -> !different.contains(i)).limit(size - different.size()).forEach(chosen::add);
        } else if (!Arrays.stream(reference).allMatch(Double::isFinite)) {
            chosen = different.subList(0, size);
        } else {
            chosen = greedy(losses, different, size, reference);
        }
        return chosen.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** The first of each kind of vector, in lexicographic order. */
    private static List<Integer> different(double[][] losses) {
        List<Integer> sorted = IntStream.range(0, losses.length).boxed().sorted(Comparator.comparing(i -> losses[i], NonDomination.LEXICOGRAPHIC)).toList();
        List<Integer> different = new ArrayList<>();
        for (int i : sorted) {
            if (different.isEmpty() || NonDomination.LEXICOGRAPHIC.compare(losses[different.get(different.size() - 1)], losses[i]) != 0) {
                different.add(i);
            }
        }
        return different;
    }

    private static List<Integer> greedy(double[][] losses, List<Integer> candidates, int size, double[] reference) {
        List<Integer> left = new ArrayList<>(candidates);
        List<Integer> chosen = new ArrayList<>();
        while (chosen.size() < size) {
            int best = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < left.size(); c++) {
                double gain = gain(losses, chosen, losses[left.get(c)], reference);
                if (gain > most) {
                    most = gain;
                    best = c;
                }
            }
            chosen.add(left.remove(best));
        }
        return chosen;
    }

    /** What a vector adds: its own box less what the chosen ones cover of it. */
    private static double gain(double[][] losses, List<Integer> chosen, double[] vector, double[] reference) {
        if (reference.length == 2) {
            return corner(losses, chosen, vector, reference);
        }
        double own = Hypervolume.box(vector, reference);
        if (Double.isInfinite(own) || chosen.isEmpty()) {
            return own;
        }
        double[][] covered = chosen.stream().map(i -> Hypervolume.worse(losses[i], vector)).toArray(double[][]::new);
        return own - Hypervolume.of(covered, reference);
    }

    /** In two objectives what is left is one rectangle, up to the nearest chosen vector on either side. */
    private static double corner(double[][] losses, List<Integer> chosen, double[] vector, double[] reference) {
        double right = reference[0];
        double top = reference[1];
        for (int i : chosen) {
            if (NonDomination.LEXICOGRAPHIC.compare(vector, losses[i]) < 0) {
                right = Math.min(right, losses[i][0]);
            } else {
                top = Math.min(top, losses[i][1]);
            }
        }
        return (right - vector[0]) * (top - vector[1]);
    }
}
