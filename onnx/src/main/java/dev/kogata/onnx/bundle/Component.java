package dev.kogata.onnx.bundle;

import java.util.Arrays;

/**
 * One part of a bundle.
 *
 * @param kind what it is
 * @param file the ONNX file, relative to the bundle, with forward slashes
 * @param layers number of blocks; 0 where that means nothing
 * @param tensorBytes bytes of all its initializers and constants
 * @param opset opset of the default domain
 * @param irVersion ONNX IR version
 */
public record Component(Kind kind, String file, int layers, long tensorBytes, int opset, int irVersion) {

    /** The parts that Kogata tells apart. */
    public enum Kind {
        VISION_ENCODER("vision_encoder"),
        PROJECTOR("projector"),
        EMBED_TOKENS("embed_tokens"),
        DECODER("decoder");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The part of that name in contracts and reports. */
        public static Kind of(String label) {
            return Arrays.stream(values()).filter(kind -> kind.label.equals(label)).findFirst().orElseThrow(() -> new IllegalArgumentException("there is no part " + label));
        }

        /** The name used in contracts and reports. */
        public String label() {
            return label;
        }
    }
}
