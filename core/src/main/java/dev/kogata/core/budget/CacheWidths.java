package dev.kogata.core.budget;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cache widths of all layers whose bytes lie in a given range, near wished ones. What can be chosen by itself is a part: the keys
 * of a layer or its values; or both together, where the bytes of one depend on the width of the other. Parts are numbered in
 * the order of layers, keys before values. Immutable.
 */
final class CacheWidths {

    /** Above this many different sums of bytes (never seen with real shapes) a window that single changes miss stays missed. */
    private static final long MOST_SUMS = 1L << 22;

    /**
     * @param layer place of its layer
     * @param options ascending in bytes
     */
    private record Part(int layer, boolean keys, boolean values, List<Option> options) {

        /** The option to narrow (or widen) to: no side wider (narrower) than before, and as many (few) bytes as that allows; -1 where there is none. */
        int next(int from, boolean narrower) {
            Option now = options.get(from);
            int best = -1, any = -1;
            for (int i = 0; i < options.size(); i++) {
                Option other = options.get(i);
                if (narrower ? other.bytes >= now.bytes : other.bytes <= now.bytes) {
                    continue;
                }
                any = narrower ? i : any < 0 ? i : any;
                boolean ordered = narrower ? other.within(now) : now.within(other);
                if (ordered && (narrower || best < 0)) {
                    best = i;
                }
            }
            return best < 0 ? any : best;
        }

        /** The option of fewest bytes of which no side is narrower than wished; the widest where there is none. */
        int snap(Option wished) {
            for (int i = 0; i < options.size(); i++) {
                if (options.get(i).covers(wished)) {
                    return i;
                }
            }
            return options.size() - 1;
        }
    }

    /** Widths of a part; a side that is not part of it has 0 bits on all options. */
    private record Option(int keyBits, int valueBits, long bytes) {

        /** Whether both sides have at least the wished bits; as is is wider than any, and only as is is as wide. */
        boolean covers(Option wished) {
            return wished.within(this);
        }

        boolean within(Option wider) {
            return width(keyBits) <= width(wider.keyBits) && width(valueBits) <= width(wider.valueBits);
        }

        private static int width(int bits) {
            return bits == CacheShape.AS_IS ? Integer.MAX_VALUE : bits;
        }
    }

    private final int layers;
    private final List<Part> parts = new ArrayList<>();
    /** (part, option) -> bytes, ascending. */
    private final long[][] bytes;

    CacheWidths(List<CacheShape> shapes, Workload workload) {
        layers = shapes.size();
        for (int layer = 0; layer < layers; layer++) {
            CacheShape shape = shapes.get(layer);
            if (shape.nativeWidths().isEmpty()) {
                parts.add(new Part(layer, true, false, shape.widths().stream().map(bits -> new Option(bits, 0, shape.sideBytes(bits, workload))).toList()));
                parts.add(new Part(layer, false, true, shape.widths().stream().map(bits -> new Option(0, bits, shape.sideBytes(bits, workload))).toList()));
            } else {
                parts.add(new Part(layer, true, true, together(shape, workload)));
            }
        }
        bytes = parts.stream().map(part -> part.options.stream().mapToLong(Option::bytes).toArray()).toArray(long[][]::new);
    }

    /** Pairs that save nothing are left out. Of pairs with the same bytes the one with wider keys comes last. */
    private static List<Option> together(CacheShape shape, Workload workload) {
        List<Option> pairs = new ArrayList<>();
        for (int keyBits : shape.widths()) {
            for (int valueBits : shape.widths()) {
                pairs.add(new Option(keyBits, valueBits, shape.bytes(keyBits, valueBits, workload)));
            }
        }
        for (int bits : shape.nativeWidths()) {
            Option pair = new Option(bits, bits, shape.bytes(bits, bits, workload));
            if (!pairs.contains(pair)) {
                pairs.add(pair);
            }
        }
        pairs.stream().filter(pair -> pair.keyBits == CacheShape.AS_IS && pair.valueBits == CacheShape.AS_IS).findFirst()
                .ifPresent(asIs -> pairs.removeIf(pair -> pair != asIs && pair.bytes >= asIs.bytes));
        pairs.sort(Comparator.comparingLong(Option::bytes).thenComparingInt(pair -> Option.width(pair.keyBits)));
        return List.copyOf(pairs);
    }

    long minimum() {
        long sum = 0;
        for (long[] part : bytes) {
            sum += part[0];
        }
        return sum;
    }

    long maximum() {
        long sum = 0;
        for (long[] part : bytes) {
            sum += part[part.length - 1];
        }
        return sum;
    }

    /** Index of the option of every part for these wishes; the narrowest that is wide enough. */
    int[] snap(int[] keyBits, int[] valueBits) {
        int[] chosen = new int[bytes.length];
        for (int p = 0; p < chosen.length; p++) {
            Part part = parts.get(p);
            chosen[p] = part.snap(new Option(part.keys ? keyBits[part.layer] : 0, part.values ? valueBits[part.layer] : 0, 0));
        }
        return chosen;
    }

    List<Integer> keyBits(int[] chosen) {
        return bits(chosen, true);
    }

    List<Integer> valueBits(int[] chosen) {
        return bits(chosen, false);
    }

    private List<Integer> bits(int[] chosen, boolean keys) {
        Integer[] bits = new Integer[layers];
        for (int p = 0; p < chosen.length; p++) {
            Part part = parts.get(p);
            if (keys ? part.keys : part.values) {
                Option option = part.options.get(chosen[p]);
                bits[part.layer] = keys ? option.keyBits : option.valueBits;
            }
        }
        return List.of(bits);
    }

    long sum(int[] chosen) {
        long sum = 0;
        for (int part = 0; part < chosen.length; part++) {
            sum += bytes[part][chosen[part]];
        }
        return sum;
    }

    /**
     * Narrows widths until they are at most {@code high}: the widest part first, of equal ones values before keys (keys need
     * more bits) and late layers before early ones.
     */
    void narrow(int[] chosen, long high) {
        long sum = sum(chosen);
        while (sum > high) {
            int widest = -1;
            for (int part : narrowingOrder()) {
                if (chosen[part] > 0 && parts.get(part).next(chosen[part], true) >= 0 && (widest < 0 || width(part, chosen) > width(widest, chosen))) {
                    widest = part;
                }
            }
            if (widest < 0) {
                return;
            }
            sum -= width(widest, chosen);
            chosen[widest] = parts.get(widest).next(chosen[widest], true);
            sum += width(widest, chosen);
        }
    }

    /** Widens until the sum is at least {@code low}, never above {@code high}: the narrowest part first, in the reverse order. */
    void widen(int[] chosen, long low, long high) {
        long sum = sum(chosen);
        int[] order = narrowingOrder();
        while (sum < low) {
            int narrowest = -1;
            for (int place = order.length - 1; place >= 0; place--) {
                int part = order[place];
                int next = parts.get(part).next(chosen[part], false);
                boolean fits = next >= 0 && sum - width(part, chosen) + bytes[part][next] <= high;
                if (fits && (narrowest < 0 || width(part, chosen) < width(narrowest, chosen))) {
                    narrowest = part;
                }
            }
            if (narrowest < 0) {
                return;
            }
            sum -= width(narrowest, chosen);
            chosen[narrowest] = parts.get(narrowest).next(chosen[narrowest], false);
            sum += width(narrowest, chosen);
        }
    }

    /** Values of the last layer first, keys of the first layer last; parts of both sides with the values. */
    private int[] narrowingOrder() {
        return IntStream.range(0, parts.size()).boxed()
                .sorted(Comparator.comparing((Integer p) -> parts.get(p).values ? 0 : 1).thenComparing(p -> -parts.get(p).layer))
                .mapToInt(Integer::intValue).toArray();
    }

    private long width(int part, int[] chosen) {
        return bytes[part][chosen[part]];
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
