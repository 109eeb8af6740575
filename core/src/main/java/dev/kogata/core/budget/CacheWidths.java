package dev.kogata.core.budget;

import java.util.BitSet;
import java.util.List;

/**
 * Cache widths of all layers whose bytes lie in a given range, near wished ones. Sides are numbered keys of the first layer,
 * values of the first layer, keys of the second, and so on. Immutable.
 */
final class CacheWidths {

    /** Above this many different sums of bytes (never seen with real shapes) a window that single changes miss stays missed. */
    private static final long MOST_SUMS = 1L << 22;

    private final List<CacheShape> layers;
    /** (side, offered width) -> bytes, ascending. */
    private final long[][] bytes;

    CacheWidths(List<CacheShape> layers, Workload workload) {
        this.layers = layers;
        bytes = new long[2 * layers.size()][];
        for (int side = 0; side < bytes.length; side++) {
            CacheShape shape = layers.get(side / 2);
            bytes[side] = shape.widths().stream().mapToLong(bits -> shape.sideBytes(bits, workload)).toArray();
        }
    }

    long minimum() {
        long sum = 0;
        for (long[] side : bytes) {
            sum += side[0];
        }
        return sum;
    }

    long maximum() {
        long sum = 0;
        for (long[] side : bytes) {
            sum += side[side.length - 1];
        }
        return sum;
    }

    /** Index of the offered width of every side for these wishes; the narrowest that is wide enough. */
    int[] snap(int[] keyBits, int[] valueBits) {
        int[] chosen = new int[bytes.length];
        for (int side = 0; side < chosen.length; side++) {
            CacheShape shape = layers.get(side / 2);
            chosen[side] = shape.widths().indexOf(shape.offered((side % 2 == 0 ? keyBits : valueBits)[side / 2]));
        }
        return chosen;
    }

    int bits(int side, int index) {
        return layers.get(side / 2).widths().get(index);
    }

    long sum(int[] chosen) {
        long sum = 0;
        for (int side = 0; side < chosen.length; side++) {
            sum += bytes[side][chosen[side]];
        }
        return sum;
    }

    /**
     * Narrows widths until they are at most {@code high}: the widest side first, of equal ones values before keys (keys need
     * more bits) and late layers before early ones.
     */
    void narrow(int[] chosen, long high) {
        long sum = sum(chosen);
        while (sum > high) {
            int widest = -1;
            for (int place = 0; place < chosen.length; place++) {
                int side = narrowingOrder(place);
                if (chosen[side] > 0 && (widest < 0 || width(side, chosen) > width(widest, chosen))) {
                    widest = side;
                }
            }
            if (widest < 0) {
                return;
            }
            sum -= width(widest, chosen);
            chosen[widest]--;
            sum += width(widest, chosen);
        }
    }

    /** Widens until the sum is at least {@code low}, never above {@code high}: the narrowest side first, in the reverse order. */
    void widen(int[] chosen, long low, long high) {
        long sum = sum(chosen);
        while (sum < low) {
            int narrowest = -1;
            for (int place = chosen.length - 1; place >= 0; place--) {
                int side = narrowingOrder(place);
                boolean fits = chosen[side] < bytes[side].length - 1 && sum - width(side, chosen) + bytes[side][chosen[side] + 1] <= high;
                if (fits && (narrowest < 0 || width(side, chosen) < width(narrowest, chosen))) {
                    narrowest = side;
                }
            }
            if (narrowest < 0) {
                return;
            }
            sum -= width(narrowest, chosen);
            chosen[narrowest]++;
            sum += width(narrowest, chosen);
        }
    }

    /** Values of the last layer first, keys of the first layer last. */
    private int narrowingOrder(int place) {
        int layerCount = bytes.length / 2;
        return place < layerCount ? 2 * (layerCount - 1 - place) + 1 : 2 * (2 * layerCount - 1 - place);
    }

    private long width(int side, int[] chosen) {
        return bytes[side][chosen[side]];
    }

    /**
     * The sum between {@code low} and {@code high} that is nearest to the chosen one, by going through all sums there are; where
     * none lies there, the largest below. Needed where one width of one side outweighs all that weights can give or take.
     */
    int[] nearest(int[] chosen, long low, long high) {
        long unit = unit();
        long base = minimum();
        if (unit == 0 || (maximum() - base) / unit > MOST_SUMS) {
            return chosen;
        }
        BitSet[] sums = new BitSet[bytes.length + 1];
        sums[0] = new BitSet();
        sums[0].set(0);
        for (int side = 0; side < bytes.length; side++) {
            sums[side + 1] = new BitSet();
            for (long option : bytes[side]) {
                int shift = (int) ((option - bytes[side][0]) / unit);
                for (int sum = sums[side].nextSetBit(0); sum >= 0; sum = sums[side].nextSetBit(sum + 1)) {
                    sums[side + 1].set(sum + shift);
                }
            }
        }
        int target = target(sums[bytes.length], sum(chosen) - base, low - base, high - base, unit);
        if (target < 0) {
            return chosen;
        }
        return backtrack(sums, chosen, target, unit);
    }

    private static int target(BitSet sums, long wished, long low, long high, long unit) {
        int highest = (int) Math.min(Math.floorDiv(high, unit), sums.length() - 1L);
        int below = sums.previousSetBit((int) Math.max(-1, Math.min(highest, Math.floorDiv(wished, unit))));
        int above = sums.nextSetBit((int) Math.max(0, Math.min(sums.length(), -Math.floorDiv(-Math.max(low, wished), unit))));
        boolean belowInside = below >= 0 && below * unit >= low;
        boolean aboveInside = above >= 0 && above <= highest;
        if (belowInside && aboveInside) {
            return wished - below * unit <= above * unit - wished ? below : above;
        }
        return belowInside ? below : aboveInside ? above : highest < 0 ? -1 : sums.previousSetBit(highest);
    }

    private int[] backtrack(BitSet[] sums, int[] chosen, int target, long unit) {
        int[] found = new int[chosen.length];
        int rest = target;
        for (int side = chosen.length - 1; side >= 0; side--) {
            int best = -1;
            for (int index = 0; index < bytes[side].length; index++) {
                long before = rest - (bytes[side][index] - bytes[side][0]) / unit;
                boolean possible = before >= 0 && sums[side].get((int) before);
                if (possible && (best < 0 || Math.abs(index - chosen[side]) < Math.abs(best - chosen[side]))) {
                    best = index;
                }
            }
            found[side] = best;
            rest -= (int) ((bytes[side][best] - bytes[side][0]) / unit);
        }
        return found;
    }

    /** The greatest common divisor of all differences of widths; 0 where nothing can be chosen. */
    private long unit() {
        long unit = 0;
        for (long[] side : bytes) {
            for (long option : side) {
                long a = option - side[0];
                while (a != 0) {
                    long rest = unit % a;
                    unit = a;
                    a = rest;
                }
            }
        }
        return unit;
    }
}
