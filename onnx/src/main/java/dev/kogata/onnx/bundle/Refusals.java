package dev.kogata.onnx.bundle;

import dev.kogata.core.RefusedInput;
import java.util.Map;

/** The ways in which a bundle is refused: one method per stable reason. */
final class Refusals {

    private static final int SHOWN = 120;

    private Refusals() {}

    static RefusedInput broken(String file, String what) {
        return new RefusedInput("MODEL_BROKEN", "%s is no valid ONNX model: %s. Export it again.".formatted(shown(file), what), Map.of("file", shown(file)));
    }

    static RefusedInput unsupported(String file, String what) {
        return new RefusedInput("MODEL_UNSUPPORTED", "%s: %s.".formatted(shown(file), what), Map.of("file", shown(file)));
    }

    static RefusedInput tooLarge(String file, String limit, long value, long maximum) {
        return new RefusedInput(
                "MODEL_TOO_LARGE",
                "%s exceeds the limit %s: %d, at most %d are accepted.".formatted(shown(file), limit, value, maximum),
                Map.of("limit", limit, "value", Long.toString(value), "file", shown(file)));
    }

    static RefusedInput dataMissing(String file, String location, String what) {
        return new RefusedInput(
                "EXTERNAL_DATA_MISSING",
                "%s needs the data file %s, which %s. Add the complete file to the bundle.".formatted(shown(file), shown(location), what),
                Map.of("file", shown(location)));
    }

    static RefusedInput dataOutside(String file, String location, String what) {
        return new RefusedInput(
                "EXTERNAL_DATA_OUTSIDE",
                "%s refers to the data file %s, which %s. Only regular files in the model's own folder are read.".formatted(shown(file), shown(location), what),
                Map.of("file", shown(location)));
    }

    static RefusedInput layoutUnknown(String what) {
        return new RefusedInput("LAYOUT_UNKNOWN", what, Map.of());
    }

    static RefusedInput notFinite(String weight, int row, int column) {
        return new RefusedInput(
                "WEIGHT_NOT_FINITE",
                "Weight %s holds NaN or infinity at [%d, %d]. Export the model again.".formatted(shown(weight), row, column),
                Map.of("weight", shown(weight)));
    }

    /** A name from an untrusted file, fit for a message: printable and short. */
    static String shown(String name) {
        String printable = name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
