package dev.kogata.core.budget;

/**
 * Counts of a bank: step v is version v of a {@link VersionGrid}, so {@code nonzeros(row, v) = inputs - max(floor(inputs * t / 256),
 * zeros(row))} with t the grid's step; whoever builds a bank makes every row so. Immutable.
 */
public final class BankCounts implements NonzeroCounts {

    private final LevelMapCounts steps;
    private final VersionGrid grid;

    /** Counts of one weight whose versions are those of the grid. */
    public BankCounts(WeightShape weight, VersionGrid grid) {
        this.steps = new LevelMapCounts(weight);
        this.grid = grid;
    }

    @Override
    public int outputs() {
        return steps.outputs();
    }

    @Override
    public int lastStep() {
        return grid.versions() - 1;
    }

    @Override
    public double sparsity(int step) {
        return grid.sparsity(step);
    }

    @Override
    public long nonzeros(int step, int rowsAtNextStep) {
        int next = Math.min(step + 1, lastStep());
        return steps.nonzeros(grid.steps().get(step), grid.steps().get(next), rowsAtNextStep);
    }
}
