package dev.kogata.core.budget;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Models and wishes of awkward shapes, and one real model's. */
public final class RandomModels {

    private static final int[] BITS = {2, 3, 4, 6, 8, 0, 5, -1, 99};

    private RandomModels() {
    }

    /** One to a dozen weights and up to four cache layers, small enough that one cache width never outweighs all weights. */
    static ModelCost model(SplittableRandom random) {
        List<WeightShape> weights = new ArrayList<>();
        long rowTotal = 0;
        for (int i = 0; i < 1 + random.nextInt(12); i++) {
            int outputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 700 : 60);
            int inputs = 1 + random.nextInt(random.nextInt(4) == 0 ? 900 : 60);
            boolean outputLast = random.nextBoolean();
            int[] zeros = new int[random.nextInt(3) == 0 ? outputs : 0];
            for (int row = 0; row < zeros.length; row++) {
                zeros[row] = random.nextInt(3) == 0 ? random.nextInt(inputs + 1) : 0;
            }
            weights.add(new WeightShape("w" + i, i / 3, outputs, inputs, outputLast ? inputs : outputs, outputLast ? outputs : inputs,
                    random.nextBoolean() ? 4 : 2, zeros));
        }
        long range = weights.stream().mapToLong(weight -> weight.denseBytes() - weight.bytes(new LevelMapCounts(weight).nonzeros(254, 0))).sum();
        List<CacheShape> cache = new ArrayList<>();
        for (int i = 0; i < random.nextInt(5); i++) {
            List<Integer> natives = random.nextBoolean() ? List.of() : List.of(4, 8);
            List<Integer> widths = !natives.isEmpty() && random.nextBoolean() ? List.of(0) : List.of(0, 2, 3, 4, 6, 8);
            CacheShape shape = new CacheShape(i, 1 + random.nextInt(2), 32, 4, random.nextBoolean() ? 32 : 8, widths, natives);
            if (shape.sideBytes(0, new Workload(1, 3)) * (natives.isEmpty() ? 1 : 2) < range) {
                cache.add(shape);
            }
        }
        return new ModelCost(random.nextInt(10_000), weights, cache, new Workload(1, 1 + random.nextInt(3)));
    }

    static double[] wishes(SplittableRandom random, int count) {
        double[] wishes = new double[count];
        double spread = new double[] {0, 0.1, 0.5, 3, 1e300}[random.nextInt(5)];
        for (int i = 0; i < count; i++) {
            wishes[i] = switch (random.nextInt(20)) {
                case 0 -> Double.NaN;
                case 1 -> Double.POSITIVE_INFINITY;
                case 2 -> Double.NEGATIVE_INFINITY;
                default -> (random.nextDouble() - 0.5) * spread;
            };
        }
        return wishes;
    }

    static int[] bits(SplittableRandom random, int count) {
        int[] bits = new int[count];
        for (int i = 0; i < count; i++) {
            bits[i] = BITS[random.nextInt(BITS.length)];
        }
        return bits;
    }

    /** The decoder of shapes-llava: 8 layers, hidden 192, MLP 512, 2 key-value heads of 32. */
    public static ModelCost shapesLlava(Workload workload) {
        return llama(8, 192, 512, 64, 2, 32, 2_200_000, workload);
    }

    /** A Llama decoder in float32. */
    public static ModelCost llama(int layers, int hidden, int mlp, int kv, int kvHeads, int headSize, long untouched, Workload workload) {
        List<WeightShape> weights = new ArrayList<>();
        List<CacheShape> cache = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            int[][] shapes = {{hidden, hidden}, {kv, hidden}, {kv, hidden}, {hidden, hidden}, {mlp, hidden}, {mlp, hidden}, {hidden, mlp}};
            for (int[] shape : shapes) {
                weights.add(new WeightShape("model.onnx#" + weights.size(), layer, shape[0], shape[1], shape[1], shape[0], 4));
            }
            cache.add(new CacheShape(layer, kvHeads, headSize, 4, 32, List.of(2, 3, 4, 6, 8, 0)));
        }
        return new ModelCost(untouched, weights, cache, workload);
    }
}
