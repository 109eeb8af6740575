package dev.kogata.core.prune;

/**
 * The dense linear algebra that SparseGPT needs, in float32 and row by row, so that a tuned library can stand in for
 * {@link PlainAlgebra}. Implementations are safe for use by several threads.
 */
public interface DenseAlgebra {
    /**
     * {@code C <- C - A B}.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A, rows of B
     * @param a (m, k) from {@code aAt} on, a row every {@code aStride} values
     * @param b (k, n) likewise
     * @param c (m, n) likewise
     */
    void subtractProduct(int m, int n, int k, float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, float[] c, int cAt, int cStride);

    /**
     * {@code C <- C + scale * X^T X}, at least its lower triangle.
     *
     * @param x (tokens, n)
     * @param c (n, n)
     */
    void addGram(int tokens, int n, float scale, float[] x, float[] c);

    /**
     * Lower Cholesky factor in place; what is above the diagonal stays or is lost.
     *
     * @param a (n, n), of which the lower triangle is read
     * @return -1, or the pivot that is not positive
     */
    int cholesky(int n, float[] a);

    /**
     * Inverts a lower triangular matrix in place.
     *
     * @param l (n, n), of which the lower triangle is read
     */
    void invertLower(int n, float[] l);
}
