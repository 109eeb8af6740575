package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.Attributes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile models and external data by the numbers of docs/hostile-input.md, each with the reasons that it may be refused with; OK where
 * it is no harm. What is about memory is opened in a JVM with the heap of an API.
 */
class HostileInputTest {
    private static final Path GOOD = Path.of("src/test/resources/models/nano-optimum/onnx");
    private static final String FILE = "decoder_model_merged.onnx";
    private static byte[] good;

    @TempDir
    Path folder;

    /** @param reasons accepted answers: reasons, or OK */
    record Case(int number, String what, Consumer<Path> make, Set<String> reasons) {
        @Override
        public String toString() {
            return number + " " + what;
        }
    }

    @BeforeAll
    static void readTheGoodModel() throws IOException {
        good = Files.readAllBytes(GOOD.resolve(FILE));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefusedWithItsReason(Case hostile) throws IOException {
        Path decoder = bundle("bundle");
        hostile.make().accept(decoder);
        String answer;
        try {
            Bundle.open(decoder.getParent().getParent());
            answer = "OK";
        } catch (RefusedInput refused) {
            assertThat(refused.getMessage()).doesNotContain(folder.toString()).doesNotContain("Exception").hasSizeLessThan(1000)
                    .doesNotContain("\u001b").doesNotContain("\u202e").doesNotContain("\n").doesNotContain("\u0000");
            answer = refused.reason();
        }
        assertThat(answer).isIn(hostile.reasons());
    }

    static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.add(bytes(1, "empty", new byte[0], "MODEL_BROKEN"));
        all.add(bytes(2, "one byte", new byte[] {8}, "MODEL_BROKEN"));
        for (int part = 1; part < 16; part++) {
            all.add(bytes(3, "truncated at " + part + "/16", Arrays.copyOf(good, good.length * part / 16), "MODEL_BROKEN", "LAYOUT_UNKNOWN"));
        }
        byte[] random = new byte[70_000];
        new Random(4).nextBytes(random);
        all.add(bytes(4, "random bytes", random, "MODEL_BROKEN"));
        all.add(bytes(5, "a JPEG", new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0, 0, 16}, "MODEL_BROKEN"));
        all.add(bytes(5, "an ELF", new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0}, "MODEL_BROKEN"));
        Random flips = new Random(6);
        for (int i = 0; i < 60; i++) {
            byte[] flipped = good.clone();
            int at = flips.nextInt(good.length);
            flipped[at] ^= (byte) (1 << flips.nextInt(8));
            all.add(bytes(6, "a bit flipped at " + at, flipped, "OK", "MODEL_BROKEN", "MODEL_UNSUPPORTED", "MODEL_TOO_LARGE", "LAYOUT_UNKNOWN", "EXTERNAL_DATA_MISSING",
                    "EXTERNAL_DATA_OUTSIDE"));
        }
        all.add(bytes(7, "trailing garbage", concat(good, "garbage".getBytes(StandardCharsets.US_ASCII)), "MODEL_BROKEN"));
        all.add(bytes(10, "a varint of 11 bytes", concat(good, new byte[] {8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}), "MODEL_BROKEN"));
        all.add(bytes(11, "a length near 2^63", concat(good, new byte[] {0x3a, -1, -1, -1, -1, -1, -1, -1, -1, 0x7f}), "MODEL_BROKEN"));
        all.add(bytes(11, "a length near 2^31", concat(good, new byte[] {0x3a, -1, -1, -1, -1, 7}), "MODEL_BROKEN"));
        byte[] groups = new byte[20_000];
        for (int i = 0; i < groups.length; i += 2) {
            groups[i] = (byte) 0x9b;
            groups[i + 1] = 6;
        }
        all.add(bytes(12, "groups 10 000 deep", concat(good, groups), "MODEL_BROKEN"));
        all.add(model(13, "If 1 000 deep", m -> m.getGraphBuilder().addNode(nested(1000)), "MODEL_TOO_LARGE"));
        all.add(new Case(16, "2 GiB of protobuf", file -> grow(file, 1L << 31), Set.of("MODEL_TOO_LARGE")));
        all.add(new Case(17, "a name that is no UTF-8", file -> write(file, replaced("inputs_embeds", new byte[] {(byte) 0xc3, '('})), Set.of("MODEL_BROKEN")));
        for (String name : List.of("a\u0000b", "a\nb", "a\u001b[2Jb", "a\u202eb", "a\u200bb")) {
            all.add(model(18, "an input's name with U+%04X".formatted((int) name.charAt(1)), m -> m.getGraphBuilder().getInputBuilder(0).setName(name), "MODEL_BROKEN"));
            all.add(model(18, "a node's name with U+%04X".formatted((int) name.charAt(1)), m -> m.getGraphBuilder().getNodeBuilder(0).setName(name), "MODEL_BROKEN"));
        }
        all.add(model(18, "a name of 1 MB", m -> m.getGraphBuilder().getNodeBuilder(0).setName("x".repeat(1 << 20)), "MODEL_TOO_LARGE"));
        all.add(model(19, "an initializer twice", m -> m.getGraphBuilder().addInitializer(m.getGraph().getInitializer(1)), "MODEL_BROKEN"));
        all.add(model(19, "an output twice", m -> m.getGraphBuilder().getNodeBuilder(20).setOutput(0, m.getGraph().getNode(10).getOutput(0)), "MODEL_BROKEN"));
        all.add(model(20, "a cycle", m -> m.getGraphBuilder().getNodeBuilder(4).setInput(0, m.getGraph().getNode(4).getOutput(0)), "MODEL_BROKEN"));
        all.add(model(20, "a cycle of many", m -> m.getGraphBuilder().getNodeBuilder(4).setInput(0, m.getGraph().getNode(40).getOutput(0)), "MODEL_BROKEN"));
        all.add(model(21, "a dangling input", m -> m.getGraphBuilder().getNodeBuilder(4).setInput(0, "nowhere"), "MODEL_BROKEN"));
        all.add(model(22, "no opset", ModelProto.Builder::clearOpsetImport, "MODEL_BROKEN"));
        for (long opset : new long[] {0, -1, 999, Long.MAX_VALUE}) {
            all.add(model(22, "opset " + opset, m -> m.getOpsetImportBuilder(0).setVersion(opset), "MODEL_BROKEN", "MODEL_UNSUPPORTED"));
        }
        all.add(model(22, "IR version 2^31", m -> m.setIrVersion(1L << 31), "MODEL_UNSUPPORTED"));
        all.add(model(23, "an unknown domain", m -> m.getGraphBuilder().getNodeBuilder(9).setDomain("evil.ops"), "MODEL_UNSUPPORTED"));
        all.add(model(24, "operators of a custom library", m -> {
            m.addOpsetImportBuilder().setDomain("custom").setVersion(1);
            m.addMetadataPropsBuilder().setKey("custom_ops_library").setValue("./evil.so");
            m.getGraphBuilder().getNodeBuilder(9).setDomain("custom");
        }, "MODEL_UNSUPPORTED"));
        all.add(model(25, "a negative dimension", m -> weight(m).setDims(0, -1), "MODEL_BROKEN"));
        all.add(model(26, "dimensions beyond 2^63", m -> weight(m).setDims(0, Long.MAX_VALUE / 2), "MODEL_BROKEN"));
        all.add(model(26, "bits beyond 2^63", m -> weight(m).clearDims().addDims(1L << 60), "MODEL_BROKEN"));
        all.add(model(27, "dimensions that are not the bytes", m -> weight(m).setDims(0, 65), "MODEL_BROKEN"));
        all.add(model(28, "values twice", m -> weight(m).setRawData(ByteString.copyFrom(new byte[16384])), "MODEL_BROKEN"));
        all.add(model(28, "raw and typed values", m -> m.getGraphBuilder().addInitializerBuilder().setName("twice").setDataType(1).addDims(1)
                .setRawData(ByteString.copyFrom(new byte[4])).addFloatData(1), "MODEL_BROKEN"));
        all.add(model(29, "data type 0", m -> weight(m).setDataType(0), "MODEL_BROKEN"));
        all.add(model(29, "data type 999", m -> weight(m).setDataType(999), "MODEL_BROKEN"));
        all.add(model(30, "a ConstantOfShape of 2^40", m -> bomb(m, "ConstantOfShape", ints(1L << 20, 1L << 20)), "MODEL_TOO_LARGE"));
        all.add(model(30, "a ConstantOfShape beyond 2^63", m -> bomb(m, "ConstantOfShape", ints(1L << 40, 1L << 40)), "MODEL_TOO_LARGE"));
        all.add(model(31, "an Expand to 2^40", m -> bomb(m, "Expand", ints(1), ints(1L << 40)), "MODEL_TOO_LARGE"));
        all.add(model(31, "a Tile of 2^40", m -> bomb(m, "Tile", ints(1), ints(1L << 40)), "MODEL_TOO_LARGE"));
        all.add(model(31, "a Range of 2^40", m -> bomb(m, "Range", ints(0), ints(1L << 40), ints(1)), "MODEL_TOO_LARGE"));
        all.add(model(31, "a Resize to 2^40", m -> bomb(m, "Resize", ints(1), ints(), ints(), ints(1L << 20, 1L << 20)), "MODEL_TOO_LARGE"));
        all.add(new Case(33, "weights that are all zero", file -> fill(file, 0f), Set.of("OK")));
        all.add(new Case(33, "weights that are one huge number", file -> fill(file, 1e30f), Set.of("OK")));
        all.add(new Case(33, "weights that are denormal", file -> fill(file, 1e-42f), Set.of("OK")));
        all.add(model(34, "a tensor of no values", m -> m.getGraphBuilder().addInitializerBuilder().setName("none").setDataType(1).addDims(0), "OK"));
        all.add(model(34, "a weight of no values", m -> weight(m).setDims(0, 0), "MODEL_BROKEN"));
        all.add(new Case(35, "a graph of one number", file -> write(file, scalar().toByteArray()), Set.of("LAYOUT_UNKNOWN")));
        all.add(model(36, "a weight that is int8 already", HostileInputTest::quantize, "OK"));
        for (TensorProto.DataType type : TensorProto.DataType.values()) {
            if (type != TensorProto.DataType.UNDEFINED) {
                all.add(model(37, "a tensor of " + type, m -> m.getGraphBuilder().addInitializer(typed(type)), "OK"));
            }
        }
        all.add(model(38, "dimensions that are -1 or have odd names", m -> {
            ValueInfoProto.Builder input = m.getGraphBuilder().getInputBuilder(0);
            input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().getDimBuilder(0).setDimValue(-1);
            input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().getDimBuilder(1).setDimParam("a + b\u0000");
        }, "OK"));
        all.add(model(39, "a Conv whose kernel has another rank than its weight", m -> {
            m.getGraphBuilder().addInitializerBuilder().setName("kernel").setDataType(1).addAllDims(List.of(1L, 1L, 1L, 1L)).addFloatData(1);
            m.getGraphBuilder().addNodeBuilder().setName("conv").setOpType("Conv").addInput("attention_mask").addInput("kernel").addOutput("convolved")
                    .addAttribute(Attributes.of("kernel_shape", List.of(3L, 3L, 3L)));
        }, "MODEL_BROKEN"));
        all.add(external(40, "*/_ORT_MEM_ADDR_/*", "EXTERNAL_DATA_OUTSIDE"));
        all.add(external(41, "../../etc/passwd", "EXTERNAL_DATA_OUTSIDE"));
        all.add(external(42, "a/../../x", "EXTERNAL_DATA_OUTSIDE"));
        for (String absolute : List.of("/etc/passwd", "C:\\data", "c:data", "\\\\host\\share", "file:///etc/passwd", "file:x")) {
            all.add(external(43, absolute, "EXTERNAL_DATA_OUTSIDE"));
        }
        all.add(new Case(44, "a symbolic link", file -> link(file, "link.bin", "../../outside.bin"), Set.of("EXTERNAL_DATA_OUTSIDE")));
        all.add(new Case(44, "a file behind a symbolic link", file -> link(file, "folder", "../.."), Set.of("EXTERNAL_DATA_OUTSIDE")));
        all.add(new Case(46, "a FIFO", HostileInputTest::fifo, Set.of("EXTERNAL_DATA_OUTSIDE")));
        all.add(external(46, "/proc/self/mem", "EXTERNAL_DATA_OUTSIDE"));
        all.add(external(46, "/dev/zero", "EXTERNAL_DATA_OUTSIDE"));
        all.add(entry(47, "offset", "-1", "MODEL_BROKEN"));
        all.add(entry(47, "offset", "9223372036854775807", "EXTERNAL_DATA_MISSING"));
        all.add(entry(47, "offset", "99999999999999999999", "MODEL_BROKEN"));
        all.add(entry(47, "length", "-5", "MODEL_BROKEN"));
        all.add(entry(47, "length", "3", "MODEL_BROKEN"));
        all.add(entry(47, "offset", "0", "OK"));
        all.add(external(48, "absent.bin", "EXTERNAL_DATA_MISSING"));
        all.add(new Case(48, "a side file that is too short", file -> grow(file.resolveSibling(FILE + "_data"), 1000), Set.of("EXTERNAL_DATA_MISSING")));
        all.add(external(49, "x\u0000y", "EXTERNAL_DATA_OUTSIDE"));
        all.add(external(49, "%2e%2e/outside.bin", "EXTERNAL_DATA_MISSING"));
        all.add(external(49, "\uff0e\uff0e/outside.bin", "EXTERNAL_DATA_MISSING"));
        all.add(external(49, "\u2025/outside.bin", "EXTERNAL_DATA_MISSING"));
        all.add(model(50, "an unknown key of external data", m -> weight(m).addExternalDataBuilder().setKey("prepacked_0").setValue("x|1|2"), "MODEL_BROKEN"));
        return all.stream();
    }

    @Test
    @Tag("hostile-45")
    void aHardLinkIsAFileLikeAnyOther() throws IOException {
        // Who can make hard links in the folder can copy the bytes there; in an archive they are refused.
        Path decoder = bundle("bundle");
        Path data = decoder.resolveSibling(FILE + "_data");
        Files.createLink(folder.resolve("elsewhere"), data);
        assertThat(Bundle.open(folder.resolve("bundle")).weights()).isNotEmpty();
    }

    @Test
    @Tag("hostile-14")
    @Tag("hostile-15")
    void modelsMadeToFillMemoryAreRefusedInTheHeapOfAnApi() throws Exception {
        List<Path> bundles = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        bundles.add(repeated("nodes", GraphProto.NODE_FIELD_NUMBER, ByteString.EMPTY, 10_000_000));
        expected.add("MODEL_TOO_LARGE");
        bundles.add(repeated("tensors", GraphProto.INITIALIZER_FIELD_NUMBER, ByteString.EMPTY, 10_000_000));
        expected.add("MODEL_TOO_LARGE");
        bundles.add(repeated("inputs", GraphProto.INPUT_FIELD_NUMBER, ByteString.EMPTY, 10_000_000));
        expected.add("MODEL_TOO_LARGE");
        // Just below what is refused: has to be read, whatever it then is.
        bundles.add(repeated("most nodes", GraphProto.NODE_FIELD_NUMBER, NodeProto.newBuilder().setOpType("Identity").build().toByteString(), 399_000));
        expected.add("LAYOUT_UNKNOWN");
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (int i = 0; i < 8_000_000; i++) {
            names.write(NodeProto.INPUT_FIELD_NUMBER << 3 | 2);
            names.write(0);
        }
        bundles.add(repeated("a node with many inputs", GraphProto.NODE_FIELD_NUMBER, ByteString.copyFrom(names.toByteArray()), 1));
        expected.add("MODEL_TOO_LARGE");
        bundles.add(repeated("a node with as many inputs as are read", GraphProto.NODE_FIELD_NUMBER, ByteString.copyFrom(names.toByteArray(), 0, 2 * 1_900_000), 1));
        expected.add("LAYOUT_UNKNOWN");
        ByteArrayOutputStream floats = new ByteArrayOutputStream();
        CodedOutputStream packed = CodedOutputStream.newInstance(floats);
        packed.writeTag(TensorProto.FLOAT_DATA_FIELD_NUMBER, 2);
        packed.writeUInt32NoTag(60 << 20);
        packed.writeRawBytes(new byte[60 << 20]);
        packed.flush();
        bundles.add(repeated("60 MiB of typed numbers", GraphProto.INITIALIZER_FIELD_NUMBER, ByteString.copyFrom(floats.toByteArray()), 1));
        expected.add("MODEL_BROKEN");

        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx384m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), ScanMain.class.getName()));
        bundles.forEach(bundle -> command.add(bundle.toString()));
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("all of it takes seconds").isTrue();
        assertThat(Files.readAllLines(out)).isEqualTo(expected);
    }

    /** A bundle whose only file has a graph of this many equal parts. */
    private Path repeated(String name, int field, ByteString part, int times) throws IOException {
        Path file = Files.createDirectories(folder.resolve(name)).resolve("model.onnx");
        int partBytes = CodedOutputStream.computeBytesSize(field, part);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(partBytes * times + 64);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeInt64(ModelProto.IR_VERSION_FIELD_NUMBER, 8);
        out.writeBytes(ModelProto.OPSET_IMPORT_FIELD_NUMBER, ByteString.copyFrom(new byte[] {0x10, 17}));
        out.writeTag(ModelProto.GRAPH_FIELD_NUMBER, 2);
        out.writeUInt32NoTag(partBytes * times);
        for (int i = 0; i < times; i++) {
            out.writeBytes(field, part);
        }
        out.flush();
        Files.write(file, bytes.toByteArray());
        return file.getParent();
    }

    private Path bundle(String name) throws IOException {
        Path onnx = Files.createDirectories(folder.resolve(name).resolve("onnx"));
        for (String file : List.of(FILE, FILE + "_data")) {
            Files.copy(GOOD.resolve(file), onnx.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.write(folder.resolve("outside.bin"), new byte[1 << 20]);
        return onnx.resolve(FILE);
    }

    private static Case bytes(int number, String what, byte[] bytes, String... reasons) {
        return new Case(number, what, file -> write(file, bytes), Set.of(reasons));
    }

    private static Case model(int number, String what, Consumer<ModelProto.Builder> change, String... reasons) {
        return new Case(number, what, file -> change(file, change), Set.of(reasons));
    }

    private static Case external(int number, String location, String... reasons) {
        return model(number, "external data at " + location.replace('\u0000', '0'), m -> setExternal(m, "location", location), reasons);
    }

    private static Case entry(int number, String key, String value, String... reasons) {
        return model(number, "external data with " + key + " " + value, m -> setExternal(m, key, value), reasons);
    }

    private static void change(Path file, Consumer<ModelProto.Builder> change) {
        try {
            ModelProto.Builder model = ModelProto.parseFrom(good).toBuilder();
            change.accept(model);
            Files.write(file, model.build().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void grow(Path file, long length) {
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            data.setLength(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void link(Path file, String name, String target) {
        try {
            Files.createSymbolicLink(file.resolveSibling(name), Path.of(target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        change(file, m -> setExternal(m, "location", name.endsWith(".bin") ? name : name + "/outside.bin"));
    }

    private static void fifo(Path file) {
        try {
            new ProcessBuilder("mkfifo", file.resolveSibling("pipe.bin").toString()).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(file.resolveSibling("pipe.bin")).exists();
        change(file, m -> setExternal(m, "location", "pipe.bin"));
    }

    private static void fill(Path file, float value) {
        try {
            ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file.resolveSibling(FILE + "_data"))).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            while (data.remaining() >= 4) {
                data.putFloat(value);
            }
            Files.write(file.resolveSibling(FILE + "_data"), data.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** The good model with the beginning of a name overwritten, wherever the name stands. */
    private static byte[] replaced(String name, byte[] with) {
        byte[] bytes = good.clone();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
            System.arraycopy(with, 0, bytes, at, with.length);
        }
        return bytes;
    }

    private static TensorProto.Builder weight(ModelProto.Builder model) {
        return model.getGraphBuilder().getInitializerBuilder(1);
    }

    private static void setExternal(ModelProto.Builder model, String key, String value) {
        for (StringStringEntryProto.Builder entry : weight(model).getExternalDataBuilderList()) {
            if (entry.getKey().equals(key)) {
                entry.setValue(value);
            }
        }
    }

    private static TensorProto ints(long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(TensorProto.DataType.INT64.getNumber()).addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    private static void bomb(ModelProto.Builder model, String operator, TensorProto... inputs) {
        NodeProto.Builder node = NodeProto.newBuilder().setName("bomb").setOpType(operator).addOutput("bang");
        for (int i = 0; i < inputs.length; i++) {
            model.getGraphBuilder().addInitializer(inputs[i].toBuilder().setName("fuse" + i));
            node.addInput("fuse" + i);
        }
        model.getGraphBuilder().addNode(0, node);
    }

    private static void quantize(ModelProto.Builder model) {
        GraphProto.Builder graph = model.getGraphBuilder();
        TensorProto.Builder weight = weight(model);
        String name = weight.getName();
        long count = weight.getDimsList().stream().reduce(1L, (a, b) -> a * b);
        weight.setName(name + "_quantized").setDataType(TensorProto.DataType.INT8.getNumber()).clearExternalData().clearDataLocation()
                .setRawData(ByteString.copyFrom(new byte[(int) count]));
        graph.addInitializerBuilder().setName(name + "_scale").setDataType(1).addFloatData(0.5f);
        graph.addNode(0, NodeProto.newBuilder().setName("dequantize").setOpType("DequantizeLinear").addInput(name + "_quantized").addInput(name + "_scale").addOutput(name));
    }

    private static TensorProto typed(TensorProto.DataType type) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("typed").setDataType(type.getNumber()).addDims(4);
        if (type == TensorProto.DataType.STRING) {
            for (int i = 0; i < 4; i++) {
                tensor.addStringData(ByteString.copyFromUtf8("s" + i));
            }
            return tensor.build();
        }
        return tensor.setRawData(ByteString.copyFrom(new byte[(TensorTypes.bits("x", tensor.build()) * 4 + 7) / 8])).build();
    }

    private static ModelProto scalar() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
        model.addOpsetImportBuilder().setVersion(17);
        GraphProto.Builder graph = model.getGraphBuilder().setName("g");
        graph.addInitializerBuilder().setName("one").setDataType(1).addFloatData(1);
        graph.addNodeBuilder().setOpType("Identity").addInput("one").addOutput("two");
        graph.addOutputBuilder().setName("two");
        return model.build();
    }

    /** Wrapped as bytes level by level, since protobuf's own writer would not get that deep. */
    private static NodeProto nested(int depth) {
        NodeProto node = NodeProto.newBuilder().setOpType("Identity").addInput("inputs_embeds").addOutput("deepest").build();
        for (int i = 0; i < depth; i++) {
            ByteString branch = wrapped(AttributeProto.G_FIELD_NUMBER, wrapped(GraphProto.NODE_FIELD_NUMBER, node.toByteString()));
            node = NodeProto.newBuilder().setOpType("If").addInput("attention_mask").addOutput("o" + i).setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(NodeProto.ATTRIBUTE_FIELD_NUMBER, UnknownFieldSet.Field.newBuilder().addLengthDelimited(branch).build()).build()).build();
        }
        return node;
    }

    private static ByteString wrapped(int field, ByteString message) {
        return UnknownFieldSet.newBuilder().addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(message).build()).build().toByteString();
    }
}
