package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds for packed caches of any width, number of channels and codes. */
class PackingPropertiesTest {

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(2, 3, 4, 6, 8);
    }

    @Property(tries = 300)
    void everyCodeComesBackAndBothWaysPackTheSameBytes(@ForAll("widths") int bits, @ForAll @IntRange(min = 1, max = 40) int eights, @ForAll @IntRange(max = 5) int heads,
            @ForAll byte[] filling) {
        int channels = 8 * eights, perHead = BitPacking.packedBytes(channels, bits);
        assertThat(perHead).isEqualTo(channels * bits / 8);
        byte[] codes = new byte[heads * channels];
        for (int c = 0; c < codes.length; c++) {
            codes[c] = (byte) ((filling.length == 0 ? c : filling[c % filling.length]) & (1 << bits) - 1);
        }
        byte[] packed = new byte[heads * perHead], bulk = packed.clone(), back = new byte[codes.length];
        for (int h = 0; h < heads; h++) {
            int[] head = new int[channels], unpacked = new int[channels];
            for (int c = 0; c < channels; c++) {
                head[c] = codes[h * channels + c] & 0xff;
            }
            BitPacking.pack(head, bits, packed, h * perHead);
            BitPacking.unpack(packed, h * perHead, bits, unpacked);
            assertThat(unpacked).isEqualTo(head);
        }
        BulkPacking.pack(codes, channels, bits, bulk);
        assertThat(bulk).isEqualTo(packed);
        BulkPacking.unpack(packed, channels, bits, back);
        assertThat(back).isEqualTo(codes);
    }
}
