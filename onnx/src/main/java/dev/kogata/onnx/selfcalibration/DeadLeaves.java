package dev.kogata.onnx.selfcalibration;

import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * Pictures of overlapping shapes, whose sizes follow a power law and whose colours are drawn evenly: the "dead leaves" model, which shares the
 * statistics of natural images without being of anything (Baradad et al., "Learning to See by Looking at Noise", arXiv 2106.05963). The same
 * random numbers give the same picture everywhere. Immutable.
 */
final class DeadLeaves {
    /** Leaves are from a sixteenth to a third of a picture in radius. */
    private static final double SMALLEST = 1 / 16., LARGEST = 1 / 3.;

    private final int side;

    /** @param side width and height, in pixels */
    DeadLeaves(int side) {
        this.side = side;
    }

    /** Paints one picture of a plain ground and {@code fewest} to {@code most} leaves on it, from the front to the back. */
    BufferedImage picture(int fewest, int most, RandomGenerator random) {
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        int leaves = (int) Math.round(fewest * Math.pow((double) most / fewest, random.nextDouble()));
        boolean[] painted = new boolean[side * side];
        for (int leaf = 0; leaf < leaves; leaf++) {
            paint(picture, painted, random);
        }
        int ground = random.nextInt(1 << 24);
        for (int i = 0; i < painted.length; i++) {
            if (!painted[i]) {
                picture.setRGB(i % side, i / side, ground);
            }
        }
        return picture;
    }

    /** Paints one leaf where no other lies on it. */
    private void paint(BufferedImage picture, boolean[] painted, RandomGenerator random) {
        double radius = side * radius(random.nextDouble()), x = random.nextDouble() * side, y = random.nextDouble() * side, angle = random.nextDouble() * 2 * Math.PI;
        int corners = random.nextInt(2, 6), colour = random.nextInt(1 << 24);
        for (int row = (int) Math.max(0, y - radius); row < Math.min(side, y + radius); row++) {
            for (int column = (int) Math.max(0, x - radius); column < Math.min(side, x + radius); column++) {
                if (!painted[row * side + column] && inside(column + 0.5 - x, row + 0.5 - y, radius, corners, angle)) {
                    painted[row * side + column] = true;
                    picture.setRGB(column, row, colour);
                }
            }
        }
    }

    /** The radius below which a share {@code u} of all leaves is, where the number of leaves falls with its cube. */
    private static double radius(double u) {
        double few = 1 / (SMALLEST * SMALLEST), many = 1 / (LARGEST * LARGEST);
        return 1 / Math.sqrt(few - u * (few - many));
    }

    /** Whether a point is in the regular polygon of this radius about (0, 0); two corners are a disc. */
    private static boolean inside(double x, double y, double radius, int corners, double angle) {
        if (corners == 2) {
            return x * x + y * y < radius * radius;
        }
        double edge = radius * Math.cos(Math.PI / corners);
        for (int c = 0; c < corners; c++) {
            double normal = angle + 2 * Math.PI * c / corners;
            if (x * Math.cos(normal) + y * Math.sin(normal) > edge) {
                return false;
            }
        }
        return true;
    }
}
