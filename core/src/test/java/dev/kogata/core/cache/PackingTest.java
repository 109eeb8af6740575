package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackingTest {

    @Test
    void fourBitsPutTheFirstHalfOfTheChannelsInLowNibbles() {
        assertThat(packed(4, 1, 2, 3, 4, 5, 6, 7, 8)).containsExactly(0x51, 0x62, 0x73, 0x84);
    }

    @Test
    void twoBitsPutQuartersSideBySide() {
        assertThat(packed(2, 0, 1, 2, 3, 3, 2, 1, 0)).containsExactly(0 | 2 << 2 | 3 << 4 | 1 << 6, 1 | 3 << 2 | 2 << 4);
    }

    @Test
    void threeBitsAreATwoBitPlaneAndAOneBitPlane() {
        assertThat(packed(3, 4, 1, 2, 3, 7, 2, 1, 0)).containsExactly(
                0 | 2 << 2 | 3 << 4 | 1 << 6, 1 | 3 << 2 | 2 << 4, 1 | 1 << 4);
    }

    @Test
    void sixBitsAreAFourBitPlaneAndATwoBitPlane() {
        assertThat(packed(6, 63, 0, 16, 0, 0, 15, 0, 48)).containsExactly(0x0f, 0xf0, 0x00, 0x00, 3 | 1 << 2, 3 << 6);
    }

    @Test
    void eightBitsAreBytes() {
        assertThat(packed(8, 255, 0, 128, 1)).containsExactly(255, 0, 128, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 8})
    void whatIsPackedIsUnpackedAndBothWaysAgree(int bits) {
        SplittableRandom random = new SplittableRandom(bits);
        for (int channels : new int[] {8, 16, 24, 32, 64, 80, 96, 128, 136, 256}) {
            int heads = 3, perHead = BitPacking.packedBytes(channels, bits);
            byte[] codes = new byte[heads * channels];
            for (int c = 0; c < codes.length; c++) {
                codes[c] = (byte) random.nextInt(1 << bits);
            }
            byte[] slow = new byte[heads * perHead], fast = new byte[heads * perHead];
            for (int h = 0; h < heads; h++) {
                int[] head = new int[channels], back = new int[channels];
                for (int c = 0; c < channels; c++) {
                    head[c] = codes[h * channels + c] & 0xff;
                }
                BitPacking.pack(head, bits, slow, h * perHead);
                BitPacking.unpack(slow, h * perHead, bits, back);
                assertThat(back).isEqualTo(head);
            }
            BulkPacking.pack(codes, channels, bits, fast);
            assertThat(fast).isEqualTo(slow);
            byte[] back = new byte[codes.length];
            random.nextBytes(back);
            BulkPacking.unpack(fast, channels, bits, back);
            assertThat(back).isEqualTo(codes);
        }
    }

    @Test
    void refusesOtherWidthsAndChannelsThatFillNoBytes() {
        assertThatThrownBy(() -> BitPacking.packedBytes(64, 5)).hasMessageContaining("2, 3, 4, 6, 8");
        assertThatThrownBy(() -> BitPacking.packedBytes(12, 3)).hasMessageContaining("12 channels");
        assertThatThrownBy(() -> BulkPacking.pack(new byte[16], 8, 4, new byte[7])).hasMessageContaining("7 bytes");
    }

    private static int[] packed(int bits, int... codes) {
        byte[] packed = new byte[BitPacking.packedBytes(codes.length, bits)];
        BitPacking.pack(codes, bits, packed, 0);
        int[] unsigned = new int[packed.length];
        for (int k = 0; k < packed.length; k++) {
            unsigned[k] = packed[k] & 0xff;
        }
        return unsigned;
    }
}
