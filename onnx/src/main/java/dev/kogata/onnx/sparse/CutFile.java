package dev.kogata.onnx.sparse;

import java.util.List;

/**
 * A file of the bundle that is stored without some weights' bytes.
 *
 * @param path relative to the bundle
 * @param bytes its length in the bundle
 * @param sha256 of its bytes in the bundle
 * @param cuts what was left out, by offset
 */
record CutFile(String path, long bytes, String sha256, List<Cut> cuts) {

    /**
     * @param offset in the bundle's file
     * @param bytes number of bytes left out
     * @param tensor name in sparse.safetensors, without its suffix
     */
    record Cut(long offset, long bytes, String tensor) {
    }
}
