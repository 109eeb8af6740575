package dev.kogata.onnx.dataset;

/**
 * What is read of a dataset at most; beyond it, the dataset is refused.
 *
 * @param lineBytes bytes of one line
 * @param conversations lines with a conversation
 * @param messages messages of one conversation
 * @param pictureBytes bytes of one picture's file
 * @param picturePixels width x height of one picture
 */
public record DatasetLimits(int lineBytes, int conversations, int messages, int pictureBytes, int picturePixels) {
    public static final DatasetLimits DEFAULT = new DatasetLimits(4 << 20, 100_000, 1_000, 64 << 20, 40_000_000);
}
