package dev.kogata.onnx.bundle;

/**
 * What a scan of an untrusted bundle accepts at most. The names of the components are the limit names in errors.
 *
 * @param files entries of the bundle's folder
 * @param fileBytes bytes of one ONNX file (protobuf ends below 2 GiB)
 * @param structureBytes bytes of one ONNX file without raw tensor data: what has to be held as objects
 * @param nodes nodes of one file, subgraphs and functions included
 * @param tensors initializers and constant tensors of one file
 * @param nesting subgraphs inside subgraphs
 * @param nameLength characters of a name
 */
public record ScanLimits(
        int files, long fileBytes, long structureBytes, int nodes, int tensors, int nesting, int nameLength) {

    /** Limits with room for the largest models in use: a 100-layer decoder has about 20 000 nodes. */
    public static final ScanLimits DEFAULT = new ScanLimits(10_000, Integer.MAX_VALUE, structure(), 400_000, 400_000, 8, 4096);

    /** A sixth of the heap: lists of numbers grow by copying, and the scan is not alone in its process. */
    private static long structure() {
        return Math.max(32L << 20, Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 6));
    }
}
