package dev.kogata.bench;

import dev.kogata.core.cache.BitPacking;
import dev.kogata.core.cache.BulkPacking;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Packing a cache's codes and unpacking them, against copying the codes, which tells the bandwidth of the memory. */
@State(Scope.Benchmark)
public class PackingBenchmark {
    /** Heads of tokens x channels: 64 MiB of codes, more than the last-level cache holds. */
    @Param("524288x128")
    public String shape;

    /** Bits of a code. */
    @Param({"2", "3", "4", "6", "8"})
    public int bits;

    private int channels;
    private byte[] codes;
    private byte[] expected;
    private byte[] copied;
    private byte[] packed;
    private byte[] unpacked;
    private byte[] answer;
    private byte[] wanted;

    /** Makes the codes and, by the specification, what they are packed to. */
    @Setup
    public void prepare() {
        Shape size = Shape.of(shape);
        channels = size.columns();
        codes = new byte[size.rows() * channels];
        new SplittableRandom(3).nextBytes(codes);
        for (int k = 0; k < codes.length; k++) {
            codes[k] &= (byte) ((1 << bits) - 1);
        }
        int perHead = BitPacking.packedBytes(channels, bits);
        expected = new byte[size.rows() * perHead];
        int[] head = new int[channels];
        for (int h = 0; h < size.rows(); h++) {
            for (int c = 0; c < channels; c++) {
                head[c] = codes[h * channels + c] & 0xff;
            }
            BitPacking.pack(head, bits, expected, h * perHead);
        }
        copied = new byte[codes.length];
        packed = new byte[expected.length];
        unpacked = new byte[codes.length];
    }

    /** The plain copy. */
    @Benchmark
    public byte[] copy() {
        wanted = codes;
        return answer = Cores.here(() -> {
            System.arraycopy(codes, 0, copied, 0, codes.length);
            return copied;
        });
    }

    /** Codes to packed bytes. */
    @Benchmark
    public byte[] pack() {
        wanted = expected;
        return answer = Cores.here(() -> {
            BulkPacking.pack(codes, channels, bits, packed);
            return packed;
        });
    }

    /** Packed bytes to codes. */
    @Benchmark
    public byte[] unpack() {
        wanted = codes;
        return answer = Cores.here(() -> {
            BulkPacking.unpack(expected, channels, bits, unpacked);
            return unpacked;
        });
    }

    /** Compares what came out last, and spoils it, so that nothing is right by having been so before. */
    @TearDown(Level.Iteration)
    public void check() {
        WrongAnswer.unless(Arrays.equals(wanted, answer), "the bytes are those of the specification");
        Arrays.fill(answer, (byte) 0x5a);
    }

    /** Codes read (or written), packed bytes written (or read); a shift, a mask and an or for eight codes of each plane. */
    static Floor floor(String variant, String shape, int bits) {
        Shape size = Shape.of(shape);
        if (variant.equals("copy")) {
            return new Floor(0, 2 * size.values());
        }
        return new Floor(3 * size.values() / 8 * BitPacking.planes(bits).length, size.values() + (long) size.rows() * BitPacking.packedBytes(size.columns(), bits));
    }
}
