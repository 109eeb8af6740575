package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bad input gets its reason, whatever its author intended; nothing outside the bundle is read. */
class HostileBundleTest {
    private static final Path GOOD = Path.of("src/test/resources/models/nano-optimum");

    @TempDir
    Path folder;
    private Path decoder;
    private byte[] good;

    @BeforeEach
    void copyAGoodBundle() throws IOException {
        Path onnx = Files.createDirectories(folder.resolve("bundle/onnx"));
        for (String name : new String[] {"decoder_model_merged.onnx", "decoder_model_merged.onnx_data"}) {
            Files.copy(GOOD.resolve("onnx").resolve(name), onnx.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        decoder = onnx.resolve("decoder_model_merged.onnx");
        good = Files.readAllBytes(decoder);
    }

    @Test
    void aTruncatedFileIsBroken() throws IOException {
        for (int part = 0; part < 16; part++) {
            Files.write(decoder, Arrays.copyOf(good, good.length * part / 16));
            assertThat(reason()).as("%d sixteenths", part).isIn("MODEL_BROKEN", "LAYOUT_UNKNOWN");
        }
    }

    @Test
    void otherFilesUnderTheNameOfAModelAreBroken() throws IOException {
        byte[] random = new byte[5000];
        new Random(1).nextBytes(random);
        for (byte[] bytes : new byte[][] {{}, {7}, random, {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0, 0, 16}, {0x7f, 'E', 'L', 'F', 2, 1, 1}}) {
            Files.write(decoder, bytes);
            assertThat(reason()).isEqualTo("MODEL_BROKEN");
        }
        byte[] trailing = Arrays.copyOf(good, good.length + 7);
        System.arraycopy("garbage".getBytes(), 0, trailing, good.length, 7);
        Files.write(decoder, trailing);
        assertThat(reason()).isEqualTo("MODEL_BROKEN");
    }

    @Test
    void anyFlippedByteIsReadOrRefusedWithAReason() throws IOException {
        Random random = new Random(2);
        for (int i = 0; i < 300; i++) {
            byte[] flipped = good.clone();
            flipped[random.nextInt(good.length)] ^= (byte) (1 + random.nextInt(255));
            Files.write(decoder, flipped);
            Throwable thrown = catchThrowable(() -> Bundle.open(folder.resolve("bundle")));
            assertThat(thrown == null || thrown instanceof RefusedInput).as("flip %d: %s", i, thrown).isTrue();
        }
    }

    @Test
    void newerVersionsAreUnsupported() throws IOException {
        assertThat(reasonOf(m -> m.setIrVersion(14))).isEqualTo("MODEL_UNSUPPORTED");
        assertThat(reasonOf(m -> m.getOpsetImportBuilder(0).setVersion(27))).isEqualTo("MODEL_UNSUPPORTED");
        assertThat(reasonOf(m -> m.getOpsetImportBuilder(0).setVersion(999L << 32))).isEqualTo("MODEL_UNSUPPORTED");
        assertThat(reasonOf(ModelProto.Builder::clearOpsetImport)).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> m.getGraphBuilder().getNodeBuilder(9).setDomain("evil.ops"))).isEqualTo("MODEL_UNSUPPORTED");
    }

    @Test
    void aGraphThatDoesNotHoldTogetherIsBroken() throws IOException {
        assertThat(reasonOf(m -> m.getGraphBuilder().getNodeBuilder(4).setInput(0, "nowhere"))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> m.getGraphBuilder().getNodeBuilder(20).setOutput(0, m.getGraph().getNode(10).getOutput(0)))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> m.getGraphBuilder().addInitializer(m.getGraph().getInitializer(1)))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> m.getGraphBuilder().getInputBuilder(0).setName("a\u001b[2Jb"))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> m.getGraphBuilder().getInputBuilder(0).setName("x".repeat(1 << 20)))).isEqualTo("MODEL_TOO_LARGE");
    }

    @Test
    void aTensorWhoseDimensionsAreNotItsBytesIsBroken() throws IOException {
        assertThat(reasonOf(m -> weight(m).setDims(0, -1))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> weight(m).setDims(0, Long.MAX_VALUE / 2))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> weight(m).setDims(0, 65))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> weight(m).setDataType(999))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> weight(m).setRawData(ByteString.copyFrom(new byte[16384])))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> weight(m).clearDataLocation().clearExternalData().setRawData(ByteString.copyFrom(new byte[5])))).isEqualTo("MODEL_BROKEN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside.bin", "a/../../outside.bin", "/etc/passwd", "C:\\data", "\\\\host\\share", "file:///etc/passwd", "*/_ORT_MEM_ADDR_/*", "x\u0000y"})
    void dataOutsideTheBundleIsNeverRead(String location) throws IOException {
        Files.write(folder.resolve("outside.bin"), new byte[1 << 20]);
        assertThat(reasonOf(m -> external(m, "location", location))).isEqualTo("EXTERNAL_DATA_OUTSIDE");
    }

    @Test
    void dataBehindALinkIsNeverRead() throws IOException {
        Files.write(folder.resolve("outside.bin"), new byte[1 << 20]);
        Files.createSymbolicLink(decoder.resolveSibling("link.bin"), folder.resolve("outside.bin"));
        assertThat(reasonOf(m -> external(m, "location", "link.bin"))).isEqualTo("EXTERNAL_DATA_OUTSIDE");
        Files.delete(decoder.resolveSibling("link.bin"));
        Files.createSymbolicLink(decoder.resolveSibling("folder"), folder);
        assertThat(reasonOf(m -> external(m, "location", "folder/outside.bin"))).isEqualTo("EXTERNAL_DATA_OUTSIDE");
    }

    @Test
    void missingAndShortDataIsTold() throws IOException {
        assertThat(reasonOf(m -> external(m, "location", "absent.bin"))).isEqualTo("EXTERNAL_DATA_MISSING");
        assertThat(reasonOf(m -> external(m, "offset", "9223372036854775807"))).isEqualTo("EXTERNAL_DATA_MISSING");
        assertThat(reasonOf(m -> external(m, "offset", "-1"))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> external(m, "offset", "99999999999999999999"))).isEqualTo("MODEL_BROKEN");
        assertThat(reasonOf(m -> external(m, "length", "3"))).isEqualTo("MODEL_BROKEN");
        Files.write(decoder, good);
        try (RandomAccessFile data = new RandomAccessFile(decoder.resolveSibling("decoder_model_merged.onnx_data").toFile(), "rw")) {
            data.setLength(1000);
        }
        assertThat(reason()).isEqualTo("EXTERNAL_DATA_MISSING");
    }

    @Test
    void whatIsTooLargeNamesTheLimit() throws IOException {
        ScanLimits small = new ScanLimits(10, 1 << 20, 1 << 20, 100, 400, 8, 4096);
        RefusedInput refused = (RefusedInput) catchThrowable(() -> Bundle.open(folder.resolve("bundle"), small));
        assertThat(refused.reason()).isEqualTo("MODEL_TOO_LARGE");
        assertThat(refused.metadata()).containsEntry("limit", "nodes").containsEntry("value", "101");
        assertThat(reasonOf(m -> m.getGraphBuilder().addNode(nested(1000)))).isEqualTo("MODEL_TOO_LARGE");
    }

    @Test
    void groupsNestedTenThousandDeepAreBroken() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(good);
        for (int i = 0; i < 10_000; i++) {
            bytes.write(0x9b); // field 99, start of a group
            bytes.write(0x06);
        }
        Files.write(decoder, bytes.toByteArray());
        assertThat(reason()).isEqualTo("MODEL_BROKEN");
    }

    @Test
    void aFolderWithoutAModelTellsWhatWasLookedFor() throws IOException {
        Files.delete(decoder);
        RefusedInput refused = (RefusedInput) catchThrowable(() -> Bundle.open(folder.resolve("bundle")));
        assertThat(refused.reason()).isEqualTo("LAYOUT_UNKNOWN");
        assertThat(refused).hasMessageContaining("past_key_values.0.key").hasMessageContaining("pixel_values").hasMessageContaining("input_ids");
        assertThat(((RefusedInput) catchThrowable(() -> Bundle.open(folder.resolve("absent")))).reason()).isEqualTo("LAYOUT_UNKNOWN");
    }

    @Test
    @Tag("hostile-33")
    void aWeightThatIsNotFiniteIsRefused() throws IOException {
        Bundle bundle = Bundle.open(folder.resolve("bundle"));
        WeightMatrix weight = bundle.weights().get(0);
        try (RandomAccessFile data = new RandomAccessFile(decoder.resolveSibling("decoder_model_merged.onnx_data").toFile(), "rw")) {
            data.seek(256 + 4 * 70);
            data.writeInt(Integer.reverseBytes(Float.floatToIntBits(Float.NaN)));
        }
        RefusedInput refused = (RefusedInput) catchThrowable(() -> bundle.zerosByOutputRow(weight));
        assertThat(refused.reason()).isEqualTo("WEIGHT_NOT_FINITE");
        assertThat(refused.metadata()).containsEntry("weight", weight.id());
        assertThat(refused).hasMessageContaining("[1, 6]");
    }

    @Test
    void anUnchangedCopyIsFine() {
        assertThatCode(() -> Bundle.open(folder.resolve("bundle"))).doesNotThrowAnyException();
    }

    private String reasonOf(Consumer<ModelProto.Builder> change) throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(good).toBuilder();
        change.accept(model);
        Files.write(decoder, model.build().toByteArray());
        return reason();
    }

    private String reason() {
        Throwable thrown = catchThrowable(() -> Bundle.open(folder.resolve("bundle")));
        assertThat(thrown).isInstanceOf(RefusedInput.class);
        assertThat(thrown.getMessage()).doesNotContain(folder.toString()).doesNotContain("Exception").hasSizeLessThan(700);
        return ((RefusedInput) thrown).reason();
    }

    private static TensorProto.Builder weight(ModelProto.Builder model) {
        return model.getGraphBuilder().getInitializerBuilder(1);
    }

    private static void external(ModelProto.Builder model, String key, String value) {
        for (StringStringEntryProto.Builder entry : weight(model).getExternalDataBuilderList()) {
            if (entry.getKey().equals(key)) {
                entry.setValue(value);
            }
        }
    }

    /** Wrapped as bytes level by level, since protobuf's own writer would not get that deep. */
    private static NodeProto nested(int depth) {
        NodeProto node = NodeProto.newBuilder().setOpType("Identity").addInput("inputs_embeds").addOutput("deepest").build();
        for (int i = 0; i < depth; i++) {
            ByteString graph = wrapped(GraphProto.NODE_FIELD_NUMBER, node.toByteString());
            ByteString branch = wrapped(AttributeProto.G_FIELD_NUMBER, graph);
            node = NodeProto.newBuilder().setOpType("If").addInput("attention_mask").addOutput("o" + i)
                    .setUnknownFields(UnknownFieldSet.newBuilder().addField(NodeProto.ATTRIBUTE_FIELD_NUMBER,
                            UnknownFieldSet.Field.newBuilder().addLengthDelimited(branch).build()).build()).build();
        }
        return node;
    }

    private static ByteString wrapped(int field, ByteString message) {
        return UnknownFieldSet.newBuilder().addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(message).build()).build().toByteString();
    }
}
