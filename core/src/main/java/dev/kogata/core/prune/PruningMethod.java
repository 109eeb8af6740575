package dev.kogata.core.prune;

import dev.kogata.core.RefusedInput;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A method that ranks weights by a score and leaves those that stay as they are. Scores are float32, as the originals
 * compute them; the lowest of a row die first. To add a method: add a constant with its paper, and its golden cases.
 */
public enum PruningMethod {
    /** {@code abs(W_ij)}. */
    MAGNITUDE("magnitude") {
        @Override
        float[] rawScores(Matrix w, float[] norms) {
            float[] scores = new float[w.values().length];
            for (int k = 0; k < scores.length; k++) {
                scores[k] = Math.abs(w.values()[k]);
            }
            return scores;
        }
    },
    /** Wanda (arXiv 2306.11695): {@code abs(W_ij) * sqrt(m_j)}. */
    WANDA("wanda") {
        @Override
        float[] rawScores(Matrix w, float[] norms) {
            int columns = w.columns();
            float[] root = new float[columns];
            for (int j = 0; j < columns; j++) {
                root[j] = (float) Math.sqrt(norms[j]);
            }
            float[] scores = new float[w.values().length];
            for (int i = 0; i < w.rows(); i++) {
                for (int j = 0, k = i * columns; j < columns; j++, k++) {
                    scores[k] = Math.abs(w.values()[k]) * root[j];
                }
            }
            return scores;
        }
    },
    /** RIA (arXiv 2402.05406): {@code (abs(W_ij) / sum_i abs(W_ij) + abs(W_ij) / sum_j abs(W_ij)) * m_j^(1/4)}. */
    RIA("ria") {
        @Override
        float[] rawScores(Matrix w, float[] norms) {
            return relative(w, norms, false);
        }
    },
    /** The score of arXiv 2507.20613's code: {@code log1p(abs(W_ij) / L2(row i) + abs(W_ij) / L2(column j)) * m_j^(1/4)}. */
    LOG_NORM("lognorm") {
        @Override
        float[] rawScores(Matrix w, float[] norms) {
            return relative(w, norms, true);
        }
    };

    private final String label;

    PruningMethod(String label) {
        this.label = label;
    }

    abstract float[] rawScores(Matrix w, float[] norms);

    /** The name in requests and plans. */
    public String label() {
        return label;
    }

    /** The method of that name; {@code ARGUMENT_INVALID} otherwise. */
    public static PruningMethod of(String label) {
        return Arrays.stream(values()).filter(m -> m.label.equals(label)).findFirst().orElseThrow(() -> new RefusedInput(
                "ARGUMENT_INVALID",
                "The pruning method '" + label + "' is not known; choose one of " + Arrays.stream(values()).map(PruningMethod::label).collect(Collectors.joining(", ")) + ".",
                Map.of("field", "method")));
    }

    /**
     * Scores of all elements.
     *
     * @param weight its name, for the error
     * @param w (out, in)
     * @param norms (in): mean square norm of every input, see {@link InputNorms}
     * @return (out, in), row by row; all finite and not negative
     * @throws RefusedInput WEIGHT_NOT_FINITE where the weight or its inputs hold NaN or infinity
     */
    public float[] scores(String weight, Matrix w, float[] norms) {
        if (norms.length != w.columns()) {
            throw new IllegalArgumentException("%d input norms for %d columns of %s".formatted(norms.length, w.columns(), weight));
        }
        for (float value : w.values()) {
            if (!Float.isFinite(value)) {
                throw new RefusedInput("WEIGHT_NOT_FINITE", "The weight " + weight + " holds " + value + "; only finite values can be pruned.", Map.of("weight", weight));
            }
        }
        for (float norm : norms) {
            if (!Float.isFinite(norm)) {
                throw new RefusedInput("WEIGHT_NOT_FINITE", "The inputs of the weight " + weight + " are not finite on the calibration data.", Map.of("weight", weight));
            }
        }
        return rawScores(w, norms);
    }

    /** (abs / row norm + abs / column norm) * m^(1/4), with sums or, for the log form, Euclidean norms; 0 for a zero. */
    private static float[] relative(Matrix w, float[] norms, boolean log) {
        int rows = w.rows(), columns = w.columns();
        double[] ofRow = new double[rows], ofColumn = new double[columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double a = Math.abs(w.values()[i * columns + j]);
                ofRow[i] += log ? a * a : a;
                ofColumn[j] += log ? a * a : a;
            }
        }
        float[] root = new float[columns];
        for (int j = 0; j < columns; j++) {
            ofColumn[j] = log ? Math.sqrt(ofColumn[j]) : ofColumn[j];
            root[j] = (float) Math.sqrt(Math.sqrt(norms[j]));
        }
        float[] scores = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            float row = (float) (log ? Math.sqrt(ofRow[i]) : ofRow[i]);
            for (int j = 0, k = i * columns; j < columns; j++, k++) {
                float a = Math.abs(w.values()[k]);
                if (a > 0) {
                    float sum = a / row + a / (float) ofColumn[j];
                    scores[k] = (log ? (float) Math.log1p(sum) : sum) * root[j];
                }
            }
        }
        return scores;
    }
}
