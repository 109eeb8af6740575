package dev.kogata.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Fast twin of {@link BitPacking} for whole caches: eight codes at a time in the bytes of a long. A shifted code never leaves
 * its byte, so one shift, mask and or do for all eight. Safe for use by several threads.
 */
public final class BulkPacking {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EVERY_BYTE = 0x0101010101010101L;

    private BulkPacking() {}

    /**
     * Packs heads.
     *
     * @param codes (heads, channels): each in [0, 2^bits)
     * @param packed (heads, packed bytes) receives the result
     */
    public static void pack(byte[] codes, int channels, int bits, byte[] packed) {
        int perHead = checkShape(codes, channels, bits, packed);
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
        int bytes = channels * plane / 8, parts = 8 / plane, mask = (1 << plane) - 1;
        long masks = EVERY_BYTE * mask;
        int j = 0;
        for (; j + 8 <= bytes; j += 8) {
            long out = 0;
            for (int part = 0; part < parts; part++) {
                out |= ((long) LONG.get(codes, from + part * bytes + j) >>> shift & masks) << part * plane;
            }
            LONG.set(packed, at + j, out);
        }
        for (; j < bytes; j++) {
            int out = 0;
            for (int part = 0; part < parts; part++) {
                out |= (codes[from + part * bytes + j] >>> shift & mask) << part * plane;
            }
            packed[at + j] = (byte) out;
        }
    }

    private static void unpackPlane(byte[] packed, int at, int channels, int plane, int shift, byte[] codes, int to) {
        int bytes = channels * plane / 8, parts = 8 / plane, mask = (1 << plane) - 1;
        long masks = EVERY_BYTE * mask;
        int j = 0;
        for (; j + 8 <= bytes; j += 8) {
            long in = (long) LONG.get(packed, at + j);
            for (int part = 0; part < parts; part++) {
                int c = to + part * bytes + j;
                long low = shift == 0 ? 0 : (long) LONG.get(codes, c);   // the first plane overwrites what was there
                LONG.set(codes, c, low | (in >>> part * plane & masks) << shift);
            }
        }
        for (; j < bytes; j++) {
            for (int part = 0; part < parts; part++) {
                int c = to + part * bytes + j;
                int low = shift == 0 ? 0 : codes[c];
                codes[c] = (byte) (low | (packed[at + j] >>> part * plane & mask) << shift);
            }
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
