package dev.kogata.onnx.prompt;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;

/**
 * 8-bit RGB.
 *
 * @param values (height, width, 3)
 */
record RgbImage(byte[] values, int height, int width) {
    static final int CHANNELS = 3;

    /** As Pillow's {@code convert("RGB")}: transparency is dropped, not blended; grey values are kept. */
    static RgbImage of(BufferedImage image) {
        int height = image.getHeight(), width = image.getWidth();
        byte[] values = new byte[height * width * CHANNELS];
        ColorModel model = image.getColorModel();
        if (model instanceof ComponentColorModel && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
            // Java takes grey for linear light, and getRGB would brighten it.
            Raster raster = image.getRaster();
            int shift = Math.max(0, model.getComponentSize(0) - 8);
            for (int y = 0, at = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    byte grey = (byte) (raster.getSample(x, y, 0) >> shift);
                    values[at++] = grey;
                    values[at++] = grey;
                    values[at++] = grey;
                }
            }
            return new RgbImage(values, height, width);
        }
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                values[at++] = (byte) (row[x] >> 16);
                values[at++] = (byte) (row[x] >> 8);
                values[at++] = (byte) row[x];
            }
        }
        return new RgbImage(values, height, width);
    }
}
