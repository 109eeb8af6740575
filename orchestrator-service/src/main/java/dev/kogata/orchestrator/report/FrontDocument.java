package dev.kogata.orchestrator.report;

import java.math.BigInteger;
import java.util.List;

/**
 * {@code front.json}: what a search for the front of bytes against loss came to. Names there in snake_case. Immutable. Bytes are
 * whole bytes, durations seconds, divergences nats per answer token.
 *
 * @param denseBytes bytes of the model as it came, at the workload
 * @param seconds wall-clock seconds of all trials' measurements
 * @param proposalSeconds seconds that it took to propose all plans
 * @param hypervolume share of the rectangle from nothing to {@code reference} that the front dominates, [0, 1], on the search set
 * @param reference bytes of the dense model and a divergence of 1 nat
 * @param progress hypervolume after so many trials
 * @param points the front, lightest first
 * @param history all trials
 */
public record FrontDocument(int version, String job, String finished, String model, String modelName, String modelSha256, String dataset, long denseBytes, int batch, int context,
        String method, BigInteger seed, int trials, double seconds, double proposalSeconds, double hypervolume, Reference reference, List<Progress> progress,
        List<Point> points, List<Tried> history, List<String> remarks) {

    /** Corner of the rectangle. */
    public record Reference(long bytes, double kl) {
    }

    /** Hypervolume after so many trials. */
    public record Progress(int trials, double hypervolume) {
    }

    /** One trial. */
    public record Tried(int trial, String origin, long bytes, double kl) {
    }

    /**
     * One point of the front.
     *
     * @param point its number, by which it can be delivered
     * @param share of the dense bytes
     * @param searchKl divergence on the search set, which it was found with
     * @param selectionKl the same on the selection set, which the search did not see
     * @param heldout on held-out data, as searched
     */
    public record Point(int point, int trial, long bytes, double share, double searchKl, double selectionKl, Heldout heldout, List<Layer> layers) {
    }

    /** Quality on held-out data. */
    public record Heldout(double kl, double klStandardError, double exact, double nll) {
    }

    /** What the plan gives one layer. */
    public record Layer(int layer, double sparsity, int keyBits, int valueBits) {
    }
}
