package dev.kogata.gateway.catalog;

import dev.kogata.kit.artifact.ArtifactStore;
import java.util.HashMap;
import java.util.Map;

/**
 * Which artifacts requests are bringing into the store, so that a refused one can take back what it alone brought: not
 * what was there before, nor what another request brings at the same time. Thread-safe.
 */
final class HeldArtifacts {
    private static final class Hold {
        private final boolean fresh;
        private int holders;
        private boolean kept;

        Hold(boolean fresh) {
            this.fresh = fresh;
        }
    }

    private final ArtifactStore store;
    private final Map<String, Hold> holds = new HashMap<>();

    HeldArtifacts(ArtifactStore store) {
        this.store = store;
    }

    /** Called before bytes are stored; true where they are in the store already. */
    synchronized boolean hold(String sha256) {
        boolean there = store.exists(sha256);
        holds.computeIfAbsent(sha256, unknown -> new Hold(!there)).holders++;
        return there;
    }

    /** Ends one hold. Where nobody keeps what nobody had before, it goes. */
    synchronized void release(String sha256, boolean keep) {
        Hold hold = holds.get(sha256);
        hold.kept |= keep;
        hold.holders--;
        if (hold.holders > 0) {
            return;
        }
        holds.remove(sha256);
        if (hold.fresh && !hold.kept) {
            store.delete(sha256);
        }
    }
}
