package dev.kogata.onnx.selfcalibration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ways to begin a conversation, and how often each led to none that is whole: what a model has never learned to go on with is tried less. */
final class Beginnings {

    /** What the first question is about. */
    enum Scene {
        /** A picture of a few things. */
        PLAIN(2, 8),
        /** A picture of so many that one hides the other. */
        CROWDED(8, 400),
        /** No picture. */
        NONE(0, 0);

        final int fewest, most;

        Scene(int fewest, int most) {
            this.fewest = fewest;
            this.most = most;
        }
    }

    /** One way. */
    static final class Way {
        final Opening opening;
        final Scene scene;
        private int begun, failed;

        private Way(Opening opening, Scene scene) {
            this.opening = opening;
            this.scene = scene;
        }

        /** Counts one conversation that began so. */
        void count(boolean whole) {
            begun++;
            failed += whole ? 0 : 1;
        }
    }

    private final List<Way> ways = new ArrayList<>();

    /** @param pictures whether the model sees any */
    Beginnings(boolean pictures) {
        for (Opening opening : Opening.values()) {
            for (Scene scene : Scene.values()) {
                if (pictures || scene == Scene.NONE) {
                    ways.add(new Way(opening, scene));
                }
            }
        }
    }

    /** The way that failed least often; of several the one with the best opening, and of these the least used. */
    Way next() {
        return ways.stream().min(Comparator.<Way>comparingInt(way -> way.failed).thenComparing(way -> way.opening).thenComparingInt(way -> way.begun)).orElseThrow();
    }
}
