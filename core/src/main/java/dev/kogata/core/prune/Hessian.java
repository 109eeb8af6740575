package dev.kogata.core.prune;

/**
 * Running {@code H = 2/n sum X X^T} over the inputs of a layer, n being sequences, as SparseGPT (arXiv 2301.00774) accumulates
 * it in float32: only this sum is kept, never the inputs. Not safe for use by several threads.
 */
public final class Hessian {
    private final int features;
    private final float[] sum;   // (features, features), lower triangle
    private final DenseAlgebra algebra;
    private int sequences;

    /** The Hessian of no sequence yet. */
    public Hessian(int features, DenseAlgebra algebra) {
        this.features = features;
        this.sum = new float[Math.multiplyExact(features, features)];
        this.algebra = algebra;
    }

    /**
     * Adds sequences.
     *
     * @param x (tokens, features): all tokens of these sequences
     * @param count how many sequences; at least 1
     */
    public void add(float[] x, int count) {
        if (count < 1 || features == 0 || x.length % features != 0) {
            throw new IllegalArgumentException("%d values of %d sequences for %d features".formatted(x.length, count, features));
        }
        algebra.addGram(x.length / features, features, arrive(count), x, sum);
    }

    /**
     * Adds sequences whose product was computed elsewhere, for instance in the model's graph.
     *
     * @param product (features, features): {@code X^T X} over all tokens of these sequences
     * @param count how many sequences; at least 1
     */
    public void addProduct(float[] product, int count) {
        if (count < 1 || product.length != sum.length) {
            throw new IllegalArgumentException("a product of %d values of %d sequences for %d features".formatted(product.length, count, features));
        }
        float scale = arrive(count);
        for (int k = 0; k < sum.length; k++) {
            sum[k] += scale * product[k];
        }
    }

    /** Makes room for more sequences; returns what their product is to be multiplied by. */
    private float arrive(int count) {
        int total = sequences + count;
        if (sequences > 0) {
            float old = (float) sequences / total;
            for (int k = 0; k < sum.length; k++) {
                sum[k] *= old;
            }
        }
        sequences = total;
        return 2f / total;
    }

    /** (features, features): the whole matrix; a copy. */
    public float[] values() {
        float[] values = sum.clone();
        for (int i = 0; i < features; i++) {
            for (int j = i + 1; j < features; j++) {
                values[i * features + j] = sum[j * features + i];
            }
        }
        return values;
    }
}
