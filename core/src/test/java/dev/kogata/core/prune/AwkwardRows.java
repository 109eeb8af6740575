package dev.kogata.core.prune;

import java.util.SplittableRandom;

/** Rows on which order, ties and bounds go wrong easily. */
enum AwkwardRows {
    GAUSSIAN {
        @Override
        float value(SplittableRandom random, int j) {
            return (float) (random.nextGaussian() * 0.02);
        }
    },
    FEW_VALUES {
        @Override
        float value(SplittableRandom random, int j) {
            return random.nextInt(-2, 3) * 0.25f;
        }
    },
    CONSTANT {
        @Override
        float value(SplittableRandom random, int j) {
            return -0.5f;
        }
    },
    DENORMAL {
        @Override
        float value(SplittableRandom random, int j) {
            return Float.intBitsToFloat(random.nextInt(0, 60));
        }
    },
    OUTLIERS {
        @Override
        float value(SplittableRandom random, int j) {
            return (float) (random.nextGaussian() * (random.nextInt(50) == 0 ? 1e6 : 1e-3));
        }
    },
    MOSTLY_ZERO {
        @Override
        float value(SplittableRandom random, int j) {
            return random.nextInt(3) == 0 ? (float) random.nextGaussian() : random.nextBoolean() ? 0f : -0f;
        }
    },
    ALL_MAGNITUDES {
        @Override
        float value(SplittableRandom random, int j) {
            return Float.intBitsToFloat(random.nextInt(0, 0x7f800000)) * (random.nextBoolean() ? 1 : -1);
        }
    },
    ASCENDING {
        @Override
        float value(SplittableRandom random, int j) {
            return j;
        }
    };

    abstract float value(SplittableRandom random, int j);

    Matrix matrix(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        for (int k = 0; k < values.length; k++) {
            values[k] = value(random, k % columns);
        }
        return new Matrix(rows, columns, values);
    }
}
