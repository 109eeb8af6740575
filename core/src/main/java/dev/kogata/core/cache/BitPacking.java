package dev.kogata.core.cache;

import java.util.Arrays;

/**
 * Codes of one head, packed into bytes by planes: a byte holds the codes of channels that are far apart, so that a graph
 * packs and unpacks with shifts, adds and concatenation of slices. A plane of p bits (1, 2, 4 or 8) over d channels has
 * d * p / 8 bytes; byte j holds channel {@code j + k * d * p / 8} in bits {@code k * p ...}. Widths of 3 and 6 bits are a
 * plane of their low 2 (4) bits, followed by one of their high 1 (2) bits.
 */
public final class BitPacking {
    private BitPacking() {}

    /** Bytes of {@code channels} codes of {@code bits} bits. */
    public static int packedBytes(int channels, int bits) {
        int total = 0;
        for (int plane : planes(bits)) {
            if (channels * plane % 8 != 0) {
                throw new IllegalArgumentException("%d channels of %d bits fill no whole bytes".formatted(channels, bits));
            }
            total += channels * plane / 8;
        }
        return total;
    }

    /** Bits of each plane, low bits first. */
    public static int[] planes(int bits) {
        return switch (bits) {
            case 2, 4, 8 -> new int[] {bits};
            case 3 -> new int[] {2, 1};
            case 6 -> new int[] {4, 2};
            default -> throw new IllegalArgumentException("a width of " + bits + " bits; choose one of 2, 3, 4, 6, 8");
        };
    }

    /**
     * Packs one head.
     *
     * @param codes (channels): each in [0, 2^bits)
     * @param packed receives {@link #packedBytes} bytes from {@code offset}
     */
    public static void pack(int[] codes, int bits, byte[] packed, int offset) {
        int channels = codes.length;
        Arrays.fill(packed, offset, offset + packedBytes(channels, bits), (byte) 0);
        int shift = 0, at = offset;
        for (int plane : planes(bits)) {
            int bytes = channels * plane / 8, mask = (1 << plane) - 1;
            for (int c = 0; c < channels; c++) {
                packed[at + c % bytes] |= (byte) ((codes[c] >> shift & mask) << c / bytes * plane);
            }
            shift += plane;
            at += bytes;
        }
    }

    /** Reverses {@link #pack}. */
    public static void unpack(byte[] packed, int offset, int bits, int[] codes) {
        int channels = codes.length;
        Arrays.fill(codes, 0);
        int shift = 0, at = offset;
        for (int plane : planes(bits)) {
            int bytes = channels * plane / 8, mask = (1 << plane) - 1;
            for (int c = 0; c < channels; c++) {
                codes[c] |= ((packed[at + c % bytes] & 0xff) >> c / bytes * plane & mask) << shift;
            }
            shift += plane;
            at += bytes;
        }
    }
}
