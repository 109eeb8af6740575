package dev.kogata.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Fast twin of {@link BitPacking} for whole caches: eight codes at a time in the bytes of a long. A shifted code never leaves
 * its byte, so one shift, mask and or do for all eight. Where all planes fill whole longs, {@link WordPacking} does the work. Each kind of plane has a loop of its own with constant shifts: a loop
 * over the parts of a byte takes several times as long. Safe for use by several threads.
 */
public final class BulkPacking {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** The lowest 1, 2 and 4 bits of every byte. */
    private static final long ONE = 0x0101010101010101L;
    private static final long TWO = 0x0303030303030303L;
    private static final long FOUR = 0x0f0f0f0f0f0f0f0fL;

    private BulkPacking() {}

    /**
     * Packs heads.
     *
     * @param codes (heads, channels): each in [0, 2^bits)
     * @param packed (heads, packed bytes) receives the result
     */
    public static void pack(byte[] codes, int channels, int bits, byte[] packed) {
        int perHead = checkShape(codes, channels, bits, packed);
        if (WordPacking.fits(channels, bits)) {
            WordPacking.pack(codes, channels, bits, packed);
            return;
        }
        int[] planes = BitPacking.planes(bits);
        for (int from = 0, to = 0; from < codes.length; from += channels, to += perHead) {
            int shift = 0, at = to;
            for (int plane : planes) {
                packPlane(codes, from, channels, plane, shift, packed, at);
                shift += plane;
                at += channels * plane / 8;
            }
        }
    }

    /** Reverses {@link #pack}. */
    public static void unpack(byte[] packed, int channels, int bits, byte[] codes) {
        int perHead = checkShape(codes, channels, bits, packed);
        if (WordPacking.fits(channels, bits)) {
            WordPacking.unpack(packed, channels, bits, codes);
            return;
        }
        int[] planes = BitPacking.planes(bits);
        for (int from = 0, to = 0; to < codes.length; from += perHead, to += channels) {
            int shift = 0, at = from;
            for (int plane : planes) {
                unpackPlane(packed, at, channels, plane, shift, codes, to);
                shift += plane;
                at += channels * plane / 8;
            }
        }
    }

    private static void packPlane(byte[] codes, int from, int channels, int plane, int shift, byte[] packed, int at) {
        int bytes = channels * plane / 8, inLongs = bytes & -8;
        switch (plane) {
            case 1 -> packOnes(codes, from, bytes, inLongs, shift, packed, at);
            case 2 -> packTwos(codes, from, bytes, inLongs, shift, packed, at);
            case 4 -> packFours(codes, from, bytes, inLongs, shift, packed, at);
            default -> System.arraycopy(codes, from, packed, at, inLongs);
        }
        int parts = 8 / plane, mask = (1 << plane) - 1;
        for (int j = inLongs; j < bytes; j++) {
            int out = 0;
            for (int part = 0; part < parts; part++) {
                out |= (codes[from + part * bytes + j] >>> shift & mask) << part * plane;
            }
            packed[at + j] = (byte) out;
        }
    }

    private static void packOnes(byte[] codes, int from, int bytes, int inLongs, int shift, byte[] packed, int at) {
        for (int j = 0; j < inLongs; j += 8) {
            int c = from + j;
            long low = bits(codes, c, shift, ONE) | bits(codes, c + bytes, shift, ONE) << 1
                    | bits(codes, c + 2 * bytes, shift, ONE) << 2 | bits(codes, c + 3 * bytes, shift, ONE) << 3;
            long high = bits(codes, c + 4 * bytes, shift, ONE) << 4 | bits(codes, c + 5 * bytes, shift, ONE) << 5
                    | bits(codes, c + 6 * bytes, shift, ONE) << 6 | bits(codes, c + 7 * bytes, shift, ONE) << 7;
            LONG.set(packed, at + j, low | high);
        }
    }

    private static void packTwos(byte[] codes, int from, int bytes, int inLongs, int shift, byte[] packed, int at) {
        for (int j = 0; j < inLongs; j += 8) {
            int c = from + j;
            LONG.set(packed, at + j, bits(codes, c, shift, TWO) | bits(codes, c + bytes, shift, TWO) << 2
                    | bits(codes, c + 2 * bytes, shift, TWO) << 4 | bits(codes, c + 3 * bytes, shift, TWO) << 6);
        }
    }

    private static void packFours(byte[] codes, int from, int bytes, int inLongs, int shift, byte[] packed, int at) {
        for (int j = 0; j < inLongs; j += 8) {
            int c = from + j;
            LONG.set(packed, at + j, bits(codes, c, shift, FOUR) | bits(codes, c + bytes, shift, FOUR) << 4);
        }
    }

    /** The bits of eight codes that belong to a plane. */
    private static long bits(byte[] codes, int c, int shift, long mask) {
        return (long) LONG.get(codes, c) >>> shift & mask;
    }

    private static void unpackPlane(byte[] packed, int at, int channels, int plane, int shift, byte[] codes, int to) {
        int bytes = channels * plane / 8, inLongs = bytes & -8;
        switch (plane) {
            case 1 -> unpackOnes(packed, at, bytes, inLongs, shift, codes, to);
            case 2 -> unpackTwos(packed, at, bytes, inLongs, shift, codes, to);
            case 4 -> unpackFours(packed, at, bytes, inLongs, codes, to);
            default -> System.arraycopy(packed, at, codes, to, inLongs);
        }
        int parts = 8 / plane, mask = (1 << plane) - 1;
        for (int j = inLongs; j < bytes; j++) {
            for (int part = 0; part < parts; part++) {
                int c = to + part * bytes + j;
                int low = shift == 0 ? 0 : codes[c];   // the first plane overwrites what was there
                codes[c] = (byte) (low | (packed[at + j] >>> part * plane & mask) << shift);
            }
        }
    }

    /** Only ever a second plane. */
    private static void unpackOnes(byte[] packed, int at, int bytes, int inLongs, int shift, byte[] codes, int to) {
        for (int j = 0; j < inLongs; j += 8) {
            long in = (long) LONG.get(packed, at + j);
            int c = to + j;
            put(codes, c, in & ONE, shift);
            put(codes, c + bytes, in >>> 1 & ONE, shift);
            put(codes, c + 2 * bytes, in >>> 2 & ONE, shift);
            put(codes, c + 3 * bytes, in >>> 3 & ONE, shift);
            put(codes, c + 4 * bytes, in >>> 4 & ONE, shift);
            put(codes, c + 5 * bytes, in >>> 5 & ONE, shift);
            put(codes, c + 6 * bytes, in >>> 6 & ONE, shift);
            put(codes, c + 7 * bytes, in >>> 7 & ONE, shift);
        }
    }

    private static void unpackTwos(byte[] packed, int at, int bytes, int inLongs, int shift, byte[] codes, int to) {
        for (int j = 0; j < inLongs; j += 8) {
            long in = (long) LONG.get(packed, at + j);
            int c = to + j;
            put(codes, c, in & TWO, shift);
            put(codes, c + bytes, in >>> 2 & TWO, shift);
            put(codes, c + 2 * bytes, in >>> 4 & TWO, shift);
            put(codes, c + 3 * bytes, in >>> 6 & TWO, shift);
        }
    }

    /** Eight codes, or their upper bits; the first plane overwrites what was there. */
    private static void put(byte[] codes, int c, long bits, int shift) {
        LONG.set(codes, c, shift == 0 ? bits : (long) LONG.get(codes, c) | bits << shift);
    }

    /** Only ever a first plane. */
    private static void unpackFours(byte[] packed, int at, int bytes, int inLongs, byte[] codes, int to) {
        for (int j = 0; j < inLongs; j += 8) {
            long in = (long) LONG.get(packed, at + j);
            LONG.set(codes, to + j, in & FOUR);
            LONG.set(codes, to + j + bytes, in >>> 4 & FOUR);
        }
    }

    private static int checkShape(byte[] codes, int channels, int bits, byte[] packed) {
        int perHead = BitPacking.packedBytes(channels, bits);
        if (codes.length % channels != 0 || packed.length != codes.length / channels * perHead) {
            throw new IllegalArgumentException("%d codes of %d channels in %d bytes at %d bits".formatted(codes.length, channels, packed.length, bits));
        }
        return perHead;
    }
}
