package dev.kogata.onnx.algebra;

import static org.bytedeco.openblas.global.openblas.CblasLower;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.LAPACKE_spotrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_strtri;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_ssyrk;

import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.PlainAlgebra;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Dense algebra by OpenBLAS. Matrices are copied into native memory and back: it costs little beside the work, and arrays of
 * Java can lie there only for the time of one call. Safe for use by several threads; the number of threads of OpenBLAS is the
 * process's.
 */
public final class OpenBlasAlgebra implements DenseAlgebra {
    private static final Logger LOG = Logger.getLogger(OpenBlasAlgebra.class.getName());
    /** Rows of a product at a time: a piece of C is still in the cache when it is copied back. */
    private static final int PANEL = 256;
    /** What LAPACK calls upper by columns is lower by rows. */
    private static final byte LOWER_BY_ROWS = 'U';
    private static final byte GENERAL_DIAGONAL = 'N';

    static {
        // The binding refuses memory when the whole process, models in ONNX Runtime included, holds more than some multiple of
        // Java's heap. Every buffer here is released by the call that took it, so there is nothing to guard against.
        for (String limit : new String[] {"org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"}) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
    }

    /** @param threads threads that one operation may use, at least 1 */
    public OpenBlasAlgebra(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        blas_set_num_threads(threads);
    }

    /** OpenBLAS, or plain Java on platforms that it is not packaged for; the same within rounding, and slower. */
    public static DenseAlgebra orPlain(int threads) {
        try {
            return new OpenBlasAlgebra(threads);
        } catch (LinkageError e) {
            LOG.log(Level.WARNING, "OpenBLAS does not run on this platform ({0}); matrices are factored in plain Java, which takes longer.", e.getMessage());
            return new PlainAlgebra();
        }
    }

    @Override
    public void subtractProduct(int m, int n, int k, float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, float[] c, int cAt, int cStride) {
        if (m == 0 || n == 0 || k == 0) {
            return;
        }
        int panel = Math.min(m, PANEL);
        try (FloatPointer right = new FloatPointer((long) k * n); FloatPointer left = new FloatPointer((long) panel * k);
                FloatPointer result = new FloatPointer((long) panel * n)) {
            copyIn(k, n, b, bAt, bStride, right);
            for (int row = 0; row < m; row += panel) {
                int rows = Math.min(panel, m - row);
                int at = cAt + row * cStride;
                copyIn(rows, k, a, aAt + row * aStride, aStride, left);
                copyIn(rows, n, c, at, cStride, result);
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n, k, -1, left, k, right, n, 1, result, n);
                for (int i = 0; i < rows; i++) {
                    result.position((long) i * n).get(c, at + i * cStride, n);
                }
                result.position(0);
            }
        }
    }

    private static void copyIn(int rows, int columns, float[] values, int at, int stride, FloatPointer target) {
        for (int i = 0; i < rows; i++) {
            target.position((long) i * columns).put(values, at + i * stride, columns);
        }
        target.position(0);
    }

    @Override
    public void addGram(int tokens, int n, float scale, float[] x, float[] c) {
        if (tokens > 0 && n > 0) {
            cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, n, tokens, scale, x, n, 1, c, n);
        }
    }

    @Override
    public int cholesky(int n, float[] a) {
        if (n == 0) {
            return -1;
        }
        int info;
        try (FloatPointer matrix = new FloatPointer(a)) {
            info = LAPACKE_spotrf(LAPACK_COL_MAJOR, LOWER_BY_ROWS, n, matrix, n);
            matrix.get(a);
        }
        if (info < 0) {
            throw new IllegalArgumentException("OpenBLAS refuses argument %d of a Cholesky factorization of %d columns".formatted(-info, n));
        }
        // What overflows is no positive pivot either, and the library lets it pass.
        for (int i = 0; i < (info == 0 ? n : info - 1); i++) {
            if (!(a[i * n + i] > 0 && a[i * n + i] <= Float.MAX_VALUE)) {
                return i;
            }
        }
        return info - 1;
    }

    @Override
    public void invertLower(int n, float[] l) {
        if (n == 0) {
            return;
        }
        try (FloatPointer matrix = new FloatPointer(l)) {
            int info = LAPACKE_strtri(LAPACK_COL_MAJOR, LOWER_BY_ROWS, GENERAL_DIAGONAL, n, matrix, n);
            if (info != 0) {
                throw new IllegalArgumentException("a triangular matrix of %d columns without an inverse (%d)".formatted(n, info));
            }
            matrix.get(l);
        }
    }
}
