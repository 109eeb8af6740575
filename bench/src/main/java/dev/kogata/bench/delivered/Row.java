package dev.kogata.bench.delivered;

import dev.kogata.core.quality.Quality;
import java.util.Locale;

/**
 * One line of the table's journal.
 *
 * @param selection divergence on the selection set, by which it was chosen; NaN where nothing was chosen by it
 * @param heldout quality of what is delivered
 * @param how in a few words
 */
record Row(long seed, double budget, String procedure, double selection, Quality heldout, double seconds, String how) {

    String json() {
        // Words are plain: nothing to escape.
        return String.format(Locale.ROOT, "{\"seed\":%d,\"budget\":%.2f,\"procedure\":\"%s\",\"selection_kl\":%s,\"kl\":%.6f,\"kl_standard_error\":%.6f,\"exact\":%.4f,\"seconds\":%.1f,\"how\":\"%s\"}",
                seed, budget, procedure, Double.isNaN(selection) ? "null" : String.format(Locale.ROOT, "%.6f", selection), heldout.kl(), heldout.klStandardError(), heldout.exact(), seconds, how);
    }
}
