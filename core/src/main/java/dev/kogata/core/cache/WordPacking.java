package dev.kogata.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Packing of whole caches whose planes all fill whole longs, as heads of 64 or 128 channels do: one loop for each width over all
 * heads, that reads every code once and writes both planes of 3 and 6 bits. Eight codes stand in a long; a shifted code never leaves
 * its byte. In the comments a_k are codes of channels k * step apart, as {@link BitPacking} lays them out.
 */
final class WordPacking {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** The lowest 2 and 4 bits of every byte. */
    private static final long TWO = 0x0303030303030303L;
    private static final long FOUR = 0x0f0f0f0f0f0f0f0fL;
    /** The lowest 1 and 2 bits of every half byte. */
    private static final long TWICE_ONE = 0x1111111111111111L;
    private static final long TWICE_TWO = 0x3333333333333333L;

    /** Of heads of 128 and 64 channels at 3 bits. */
    private static final int STEP_OF_128 = 16;
    private static final int STEP_OF_64 = 8;

    private WordPacking() {}

    /** True where this class can do it. */
    static boolean fits(int channels, int bits) {
        int[] planes = BitPacking.planes(bits);
        return channels * planes[planes.length - 1] % 64 == 0;
    }

    static void pack(byte[] codes, int channels, int bits, byte[] packed) {
        switch (bits) {
            case 2 -> packTwo(codes, channels / 4, packed);
            case 3 -> packThree(codes, channels / 8, packed);
            case 4 -> packFour(codes, channels / 2, packed);
            case 6 -> packSix(codes, channels / 4, packed);
            default -> System.arraycopy(codes, 0, packed, 0, codes.length);
        }
    }

    static void unpack(byte[] packed, int channels, int bits, byte[] codes) {
        switch (bits) {
            case 2 -> unpackTwo(packed, channels / 4, codes);
            case 3 -> unpackThree(packed, channels / 8, codes);
            case 4 -> unpackFour(packed, channels / 2, codes);
            case 6 -> unpackSix(packed, channels / 4, codes);
            default -> System.arraycopy(packed, 0, codes, 0, codes.length);
        }
    }

    private static void packTwo(byte[] codes, int step, byte[] packed) {
        for (int from = 0, to = 0; from < codes.length; from += 3 * step) {
            for (int end = from + step; from < end; from += 8, to += 8) {
                put(packed, to, get(codes, from) & TWO | (get(codes, from + step) & TWO) << 2
                        | (get(codes, from + 2 * step) & TWO) << 4 | get(codes, from + 3 * step) << 6);
            }
        }
    }

    private static void unpackTwo(byte[] packed, int step, byte[] codes) {
        for (int from = 0, to = 0; to < codes.length; to += 3 * step) {
            for (int end = to + step; to < end; from += 8, to += 8) {
                long in = get(packed, from);
                put(codes, to, in & TWO);
                put(codes, to + step, in >>> 2 & TWO);
                put(codes, to + 2 * step, in >>> 4 & TWO);
                put(codes, to + 3 * step, in >>> 6 & TWO);
            }
        }
    }

    private static void packFour(byte[] codes, int step, byte[] packed) {
        for (int from = 0, to = 0; from < codes.length; from += step) {
            for (int end = from + step; from < end; from += 8, to += 8) {
                put(packed, to, get(codes, from) & FOUR | (get(codes, from + step) & FOUR) << 4);
            }
        }
    }

    private static void unpackFour(byte[] packed, int step, byte[] codes) {
        for (int from = 0, to = 0; to < codes.length; to += step) {
            for (int end = to + step; to < end; from += 8, to += 8) {
                long in = get(packed, from);
                put(codes, to, in & FOUR);
                put(codes, to + step, in >>> 4 & FOUR);
            }
        }
    }

    // Of a step that the compiler knows, one check of bounds does for all eight codes: heads of 128 and 64 channels are the usual ones.
    private static void packThree(byte[] codes, int step, byte[] packed) {
        for (int from = 0, to = 0, end = step; from < codes.length; end += 8 * step, from += 7 * step, to += 2 * step) {
            for (; from < end; from += 8, to += 8) {
                if (step == STEP_OF_128) {
                    packThree(codes, from, STEP_OF_128, packed, to);
                } else if (step == STEP_OF_64) {
                    packThree(codes, from, STEP_OF_64, packed, to);
                } else {
                    packThree(codes, from, step, packed, to);
                }
            }
        }
    }

    /**
     * Low bits of a0, a2, a4, a6 in one byte, of a1, a3, a5, a7 in the byte a step on; then the high bits of all eight. Codes four
     * steps apart go together in a byte first, which halves the shifts and masks that follow.
     */
    private static void packThree(byte[] codes, int from, int step, byte[] packed, int to) {
        long a04 = get(codes, from) | get(codes, from + 4 * step) << 4;
        long a15 = get(codes, from + step) | get(codes, from + 5 * step) << 4;
        long a26 = get(codes, from + 2 * step) | get(codes, from + 6 * step) << 4;
        long a37 = get(codes, from + 3 * step) | get(codes, from + 7 * step) << 4;
        put(packed, to, a04 & TWICE_TWO | (a26 & TWICE_TWO) << 2);
        put(packed, to + step, a15 & TWICE_TWO | (a37 & TWICE_TWO) << 2);
        put(packed, to + 2 * step, a04 >>> 2 & TWICE_ONE | a15 >>> 1 & TWICE_ONE << 1 | a26 & TWICE_ONE << 2 | a37 << 1 & TWICE_ONE << 3);
    }

    private static void unpackThree(byte[] packed, int step, byte[] codes) {
        for (int from = 0, to = 0, end = step; to < codes.length; end += 8 * step, from += 2 * step, to += 7 * step) {
            for (; to < end; from += 8, to += 8) {
                if (step == STEP_OF_128) {
                    unpackThree(packed, from, STEP_OF_128, codes, to);
                } else if (step == STEP_OF_64) {
                    unpackThree(packed, from, STEP_OF_64, codes, to);
                } else {
                    unpackThree(packed, from, step, codes, to);
                }
            }
        }
    }

    private static void unpackThree(byte[] packed, int from, int step, byte[] codes, int to) {
        long even = get(packed, from), odd = get(packed, from + step), high = get(packed, from + 2 * step);
        long a04 = even & TWICE_TWO | high << 2 & TWICE_ONE << 2;
        long a15 = odd & TWICE_TWO | high << 1 & TWICE_ONE << 2;
        long a26 = even >>> 2 & TWICE_TWO | high & TWICE_ONE << 2;
        long a37 = odd >>> 2 & TWICE_TWO | high >>> 1 & TWICE_ONE << 2;
        put(codes, to, a04 & FOUR);
        put(codes, to + step, a15 & FOUR);
        put(codes, to + 2 * step, a26 & FOUR);
        put(codes, to + 3 * step, a37 & FOUR);
        put(codes, to + 4 * step, a04 >>> 4 & FOUR);
        put(codes, to + 5 * step, a15 >>> 4 & FOUR);
        put(codes, to + 6 * step, a26 >>> 4 & FOUR);
        put(codes, to + 7 * step, a37 >>> 4 & FOUR);
    }

    /** Low bits of a0 and a2 in one byte, of a1 and a3 in the byte a step on; then the high bits of all four. */
    private static void packSix(byte[] codes, int step, byte[] packed) {
        for (int from = 0, to = 0; from < codes.length; from += 3 * step, to += 2 * step) {
            for (int end = from + step; from < end; from += 8, to += 8) {
                long even = 0, odd = 0, high = 0;
                for (int k = 0; k < 2; k++) {
                    long a = get(codes, from + 2 * k * step), b = get(codes, from + (2 * k + 1) * step);
                    even |= (a & FOUR) << 4 * k;
                    odd |= (b & FOUR) << 4 * k;
                    high |= (a >>> 4 & TWO) << 4 * k | (b >>> 4 & TWO) << 4 * k + 2;
                }
                put(packed, to, even);
                put(packed, to + step, odd);
                put(packed, to + 2 * step, high);
            }
        }
    }

    private static void unpackSix(byte[] packed, int step, byte[] codes) {
        for (int from = 0, to = 0; to < codes.length; from += 2 * step, to += 3 * step) {
            for (int end = to + step; to < end; from += 8, to += 8) {
                long even = get(packed, from), odd = get(packed, from + step), high = get(packed, from + 2 * step);
                for (int k = 0; k < 2; k++) {
                    put(codes, to + 2 * k * step, even >>> 4 * k & FOUR | (high >>> 4 * k & TWO) << 4);
                    put(codes, to + (2 * k + 1) * step, odd >>> 4 * k & FOUR | (high >>> 4 * k + 2 & TWO) << 4);
                }
            }
        }
    }

    private static long get(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    private static void put(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }
}
