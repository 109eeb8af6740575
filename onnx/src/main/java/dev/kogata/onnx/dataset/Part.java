package dev.kogata.onnx.dataset;

/** Part of a message. */
public sealed interface Part {

    /** @param text never changed: blanks count */
    record Text(String text) implements Part {
    }

    /**
     * @param path as it stands in the dataset, relative to the JSON lines file
     * @param sha256 of the file's bytes, lower-case hexadecimal
     */
    record Picture(String path, String sha256) implements Part {
    }
}
