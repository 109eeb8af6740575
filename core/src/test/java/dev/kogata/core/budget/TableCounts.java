package dev.kogata.core.budget;

import java.util.SplittableRandom;

/** Counts of a bank: prefix sums over output rows for every version, as repaired weights have them. */
final class TableCounts implements NonzeroCounts {

    private final int outputs;
    /** (version, first rows) -> nonzeros. */
    private final long[][] prefix;
    private final double[] sparsity;

    private TableCounts(int outputs, long[][] prefix, double[] sparsity) {
        this.outputs = outputs;
        this.prefix = prefix;
        this.sparsity = sparsity;
    }

    static TableCounts random(WeightShape weight, SplittableRandom random) {
        int versions = 2 + random.nextInt(8);
        long[][] prefix = new long[versions][weight.outputs() + 1];
        double[] sparsity = new double[versions];
        int[] nonzeros = new int[weight.outputs()];
        java.util.Arrays.fill(nonzeros, weight.inputs());
        for (int version = 0; version < versions; version++) {
            sparsity[version] = version * 0.9 / (versions - 1);
            for (int row = 0; row < nonzeros.length; row++) {
                int wanted = (int) Math.ceil(weight.inputs() * (1 - sparsity[version])) - random.nextInt(2);
                nonzeros[row] = version == 0 ? nonzeros[row] : Math.max(0, Math.min(nonzeros[row], wanted));
                prefix[version][row + 1] = prefix[version][row] + nonzeros[row];
            }
        }
        return new TableCounts(weight.outputs(), prefix, sparsity);
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int lastStep() {
        return prefix.length - 1;
    }

    @Override
    public double sparsity(int step) {
        return sparsity[step];
    }

    @Override
    public long nonzeros(int step, int rowsAtNextStep) {
        long next = rowsAtNextStep == 0 ? 0 : prefix[step + 1][rowsAtNextStep];
        return next + prefix[step][outputs] - prefix[step][rowsAtNextStep];
    }
}
