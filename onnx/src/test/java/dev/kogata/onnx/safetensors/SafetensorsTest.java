package dev.kogata.onnx.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    @TempDir Path folder;

    @Test
    void whatWasWrittenIsRead() throws IOException {
        Path file = folder.resolve("x.safetensors");
        float[] floats = new float[100_000];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = i / 3f;
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, List.of(new TensorEntry("longs", TensorType.I64, 2),
                new TensorEntry("floats", TensorType.F32, 1000, 100), new TensorEntry("ints", TensorType.I32, 3),
                new TensorEntry("bytes", TensorType.U8, 5), new TensorEntry("nothing", TensorType.F16, 0, 7)), Map.of("made by", "a test"))) {
            writer.append(7, Long.MIN_VALUE);
            writer.append(FloatBuffer.wrap(floats));
            writer.append(new int[] {1, -2, 3});
            writer.append(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
            writer.finish();
        }
        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.metadata()).containsExactly(Map.entry("made by", "a test"));
            assertThat(read.tensors()).extracting(TensorEntry::name).containsExactlyInAnyOrder("longs", "floats", "ints", "bytes", "nothing");
            assertThat(read.longs("longs")).containsExactly(7, Long.MIN_VALUE);
            assertThat(read.ints("ints")).containsExactly(1, -2, 3);
            float[] part = new float[500];
            read.floats("floats", 99_000, 500).get(part);
            assertThat(part[0]).isEqualTo(33_000f);
            assertThat(StandardCharsets.UTF_8.decode(read.bytes("bytes")).toString()).isEqualTo("hello");
            assertThat(read.tensor("floats").shape()).containsExactly(1000, 100);
            assertThatThrownBy(() -> read.floats("floats", 99_999, 2)).isInstanceOf(InvalidSafetensorsException.class);
            assertThatThrownBy(() -> read.longs("floats")).hasMessage("tensor floats is F32, not I64");
        }
    }

    @Test
    void neitherMoreNorLessThanDeclaredIsWritten() throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("x"), List.of(new TensorEntry("a", TensorType.U8, 2)), Map.of())) {
            assertThatThrownBy(writer::finish).hasMessage("2 declared bytes were not written");
            assertThatThrownBy(() -> writer.append(ByteBuffer.allocate(3))).hasMessage("1 bytes more than were declared");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "{`a`:{`dtype`:`U8`,`shape`:[9],`data_offsets`:[0,9]}}; its tensors need 9 bytes, it holds 8",
        "{`a`:{`dtype`:`U8`,`shape`:[4],`data_offsets`:[0,8]}}; tensor a needs 4 bytes, its data_offsets span 8",
        "{`a`:{`dtype`:`U8`,`shape`:[4],`data_offsets`:[4,8]}}; tensor a begins at 4, where 0 was expected",
        "{`a`:{`dtype`:`U8`,`shape`:[8],`data_offsets`:[0,8]},`b`:{`dtype`:`U8`,`shape`:[4],`data_offsets`:[4,8]}}; tensor b begins at 4, where 8 was expected",
        "{`a`:{`dtype`:`U8`,`shape`:[8],`data_offsets`:[0,8]},`a`:{`dtype`:`U8`,`shape`:[8],`data_offsets`:[0,8]}}; its header is no JSON: Duplicate field 'a'",
        "{`a`:{`dtype`:`U9`,`shape`:[8],`data_offsets`:[0,8]}}; tensor a has the unknown dtype U9",
        "{`a`:{`dtype`:`U8`,`shape`:[-8,-1],`data_offsets`:[0,8]}}; tensor a has no proper dtype, shape and data_offsets",
        "{`a`:{`dtype`:`F64`,`shape`:[4294967296,4294967296],`data_offsets`:[0,8]}}; tensor a has too many elements",
        "{`a`:{`dtype`:`U8`,`shape`:[8],`data_offsets`:[0,99999999999999999999]}}; tensor a has no proper dtype, shape and data_offsets",
        "[1]; its header is no JSON object",
        "{`a`:; its header is no JSON: Unexpected end-of-input within/between Object entries",
    })
    @Tag("hostile-52")
    void aHostileHeaderIsRefused(String header, String message) throws IOException {
        byte[] text = header.replace('`', '"').getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(folder.resolve("x"), ByteBuffer.allocate(16 + text.length).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array());
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InvalidSafetensorsException.class).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40, 100, 0})
    @Tag("hostile-52")
    void aHeaderLengthBeyondTheFileIsRefused(long length) throws IOException {
        Path file = Files.write(folder.resolve("x"), ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length).array());
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InvalidSafetensorsException.class).hasMessageStartingWith("its header claims");
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("x"));
        assertThatThrownBy(() -> Safetensors.open(file)).hasMessage("it has only 0 bytes");
    }
}
