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
        RowScores prepare(Matrix w, float[] norms) {
            return (i, scores) -> {
                for (int j = 0, k = i * w.columns(); j < scores.length; j++, k++) {
                    scores[j] = Math.abs(w.values()[k]);
                }
            };
        }
    },
    /** Wanda (arXiv 2306.11695): {@code abs(W_ij) * sqrt(m_j)}. */
    WANDA("wanda") {
        @Override
        RowScores prepare(Matrix w, float[] norms) {
            float[] root = new float[norms.length];
            for (int j = 0; j < root.length; j++) {
                root[j] = (float) Math.sqrt(norms[j]);
            }
            float[] values = w.values();
            return (i, scores) -> {
                for (int j = 0, k = i * w.columns(); j < scores.length; j++, k++) {
                    scores[j] = Math.abs(values[k]) * root[j];
                }
            };
        }
    },
    /** RIA (arXiv 2402.05406): {@code (abs(W_ij) / sum_i abs(W_ij) + abs(W_ij) / sum_j abs(W_ij)) * m_j^(1/4)}. */
    RIA("ria") {
        @Override
        RowScores prepare(Matrix w, float[] norms) {
            return RelativeImportance.of(w, norms, false);
        }
    },
    /** The score of arXiv 2507.20613's code: {@code log1p(abs(W_ij) / L2(row i) + abs(W_ij) / L2(column j)) * m_j^(1/4)}. */
    LOG_NORM("lognorm") {
        @Override
        RowScores prepare(Matrix w, float[] norms) {
            return RelativeImportance.of(w, norms, true);
        }
    };

    private final String label;

    PruningMethod(String label) {
        this.label = label;
    }

    abstract RowScores prepare(Matrix w, float[] norms);

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
     * Scores of all elements, computed when they are asked for.
     *
     * @param weight its name, for the error
     * @param w (out, in)
     * @param norms (in): mean square norm of every input, see {@link InputNorms}
     * @return rows of scores, all not negative
     * @throws RefusedInput WEIGHT_NOT_FINITE where the weight or its inputs hold NaN or infinity
     */
    public RowScores rowScores(String weight, Matrix w, float[] norms) {
        if (norms.length != w.columns()) {
            throw new IllegalArgumentException("%d input norms for %d columns of %s".formatted(norms.length, w.columns(), weight));
        }
        w.requireFinite(weight);
        for (float norm : norms) {
            if (!(norm >= 0 && norm <= Float.MAX_VALUE)) {
                throw new RefusedInput("WEIGHT_NOT_FINITE", "The inputs of the weight " + weight + " are not finite on the calibration data.", Map.of("weight", weight));
            }
        }
        return prepare(w, norms);
    }

    /** As {@link #rowScores}, all at once: (out, in), row by row. */
    public float[] scores(String weight, Matrix w, float[] norms) {
        RowScores rows = rowScores(weight, w, norms);
        float[] scores = new float[w.values().length];
        float[] row = new float[w.columns()];
        for (int i = 0; i < w.rows(); i++) {
            rows.row(i, row);
            System.arraycopy(row, 0, scores, i * row.length, row.length);
        }
        return scores;
    }
}
