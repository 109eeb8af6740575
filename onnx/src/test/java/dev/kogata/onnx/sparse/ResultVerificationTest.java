package dev.kogata.onnx.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.safetensors.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultVerificationTest {
    private static final Path MODEL = Path.of("src/test/resources/models/nano-optimum");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CONTEXT = 100;
    @TempDir Path folder;
    private Path result;

    /** A result whose weights are pruned at random, some hardly, so that they stay dense. */
    @BeforeEach
    void makeResult() throws IOException {
        result = folder.resolve("result");
        Bundle original = Bundle.open(MODEL);
        Random random = new Random(3);
        new BundleWriter(original).write(result.resolve("bundle"), weight -> Optional.of(pruned(original, weight, random)), List.of(new DeliveredCache(0, 4, 3), new DeliveredCache(1, 0, 8)));
        writePlan(original);
    }

    private static ByteBuffer pruned(Bundle bundle, WeightMatrix weight, Random random) {
        ByteBuffer values = ByteBuffer.allocate((int) weight.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        values.put(bundle.stored(weight)).flip();
        double share = weight.role().equals("q_proj") ? .01 : .6;
        for (int at = 0; at < values.capacity(); at += Float.BYTES) {
            if (random.nextDouble() < share) {
                values.putFloat(at, at % 3 == 0 ? -0f : 0f);
            }
        }
        return values;
    }

    private void writePlan(Bundle original) throws IOException {
        ObjectNode plan = JSON.createObjectNode();
        plan.putObject("workload").put("batch", 2).put("context", CONTEXT);
        List<SparseWeight> sparse = new ArrayList<>();
        long bytes = original.untouchedBytes();
        for (WeightMatrix weight : original.weights()) {
            ByteBuffer values = InitializerScan.of(result.resolve("bundle"), weight.file()).get(weight.name()).map(result.resolve("bundle"));
            int zeros = 0, all = weight.rows() * weight.columns();
            for (int i = 0; i < all; i++) {
                zeros += values.getFloat(4 * i) == 0 ? 1 : 0;
            }
            long encoded = (weight.columns() + 7) / 8 * weight.rows() + (all - zeros) * 4L + 8 * weight.rows() + 16;
            if (encoded < weight.bytes()) {
                sparse.add(new SparseWeight(weight.file(), weight.name()));
            }
            bytes += Math.min(encoded, weight.bytes());
            plan.withArray("weights").addObject().put("name", weight.name()).put("file", weight.file()).put("layer", weight.layer()).put("rows", weight.rows())
                    .put("columns", weight.columns()).put("zeros", zeros).put("sparsity", (double) zeros / all)
                    .put("encoding", encoded < weight.bytes() ? "sparse-bitmask" : "dense").put("bytes", Math.min(encoded, weight.bytes()));
        }
        assertThat(sparse).as("some are sparse, some stay dense").isNotEmpty().hasSizeLessThan(original.weights().size());
        int[][] bits = {{4, 3}, {0, 8}};
        for (CacheLayer layer : original.cacheLayers()) {
            long cache = 0;
            for (int b : bits[layer.layer()]) {
                cache += 2L * CONTEXT * layer.kvHeads() * (b == 0 ? layer.headSize() * 4 : layer.headSize() * b / 8 + 4 * layer.groups());
            }
            bytes += cache;
            plan.withArray("layers").addObject().put("layer", layer.layer()).put("key_bits", bits[layer.layer()][0]).put("value_bits", bits[layer.layer()][1])
                    .put("cache_format", "portable").put("cache_bytes", cache);
        }
        plan.put("bytes", bytes).put("budget_bytes", bytes + 5).put("dense_bytes", 10 * bytes);
        SparseFolder.write(result.resolve("bundle"), result.resolve("sparse"), sparse);
        for (String part : List.of("bundle", "sparse")) {
            for (String file : BundlePath.files(result.resolve(part))) {
                plan.withArray("outputs").addObject().put("path", part + "/" + file).put("sha256", Sha256.of(result.resolve(part).resolve(file)));
            }
        }
        JSON.writeValue(result.resolve("plan.json").toFile(), plan);
    }

    private List<String> wrongAfter(Consumer<ObjectNode> change) throws IOException {
        Path file = result.resolve("plan.json");
        ObjectNode plan = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(plan);
        JSON.writeValue(file.toFile(), plan);
        return ResultVerification.verify(result).wrong();
    }

    private void flip(String file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(result.resolve(file), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            channel.write(one.flip().put(0, (byte) (one.get(0) ^ 1)), at);
        }
    }

    @Test
    void aResultThatIsAsItsPlanSaysHolds() throws IOException {
        Recount recount = ResultVerification.verify(result);
        assertThat(recount.wrong()).isEmpty();
        assertThat(recount.bytes()).isEqualTo(JSON.readTree(result.resolve("plan.json").toFile()).get("bytes").asLong());
        assertThat(recount.untouchedBytes()).isEqualTo(Bundle.open(MODEL).untouchedBytes());
    }

    @Test
    void theSparseFolderBecomesTheBundleAgainBitForBit() throws IOException {
        Path expanded = folder.resolve("expanded");
        Expansion.expand(result.resolve("sparse"), expanded);
        assertThat(BundlePath.files(expanded)).isEqualTo(BundlePath.files(result.resolve("bundle")));
        for (String file : BundlePath.files(expanded)) {
            assertThat(Files.mismatch(expanded.resolve(file), result.resolve("bundle").resolve(file))).as(file).isEqualTo(-1);
        }
        long dense = Files.size(result.resolve("bundle/onnx/decoder_model_merged.onnx_data"));
        assertThat(Files.size(result.resolve("sparse/onnx/decoder_model_merged.onnx_data")) + Files.size(result.resolve("sparse/sparse.safetensors"))).isLessThan(dense);
    }

    @Test
    void tensorsHaveTheFormatsNamesAndShapes() throws IOException {
        try (Safetensors tensors = Safetensors.open(result.resolve("sparse/sparse.safetensors"))) {
            String key = JSON.readTree(result.resolve("sparse/sparse.json").toFile()).at("/files/0/cuts/0/tensor").asText();
            long[] shape = tensors.longs(key + ".shape");
            assertThat(tensors.tensor(key + ".bitmask").shape()).containsExactly(shape[0], (shape[1] + 7) / 8);
            assertThat(tensors.tensor(key + ".row_offsets").shape()).containsExactly(shape[0]);
            assertThat(tensors.tensor(key + ".compressed").shape()).hasSize(1);
        }
    }

    @Test
    void aChangedByteIsFoundInWhateverFile() throws IOException {
        for (String file : List.of("bundle/onnx/decoder_model_merged.onnx_data", "bundle/tokenizer.json", "sparse/onnx/vision_encoder.onnx_data")) {
            flip(file, 5000);
            assertThat(ResultVerification.verify(result).wrong()).as(file).contains(file + ": its bytes are not those that plan.json knows");
            flip(file, 5000);
        }
        flip("sparse/sparse.safetensors", Files.size(result.resolve("sparse/sparse.safetensors")) - 1);
        assertThat(ResultVerification.verify(result).wrong()).anyMatch(w -> w.startsWith("sparse/: "));
    }

    @Test
    void everyClaimIsRecounted() throws IOException {
        assertThat(wrongAfter(plan -> ((ObjectNode) plan.at("/weights/3")).put("zeros", 7))).singleElement().asString().endsWith("the plan says 7");
        makeAgain();
        assertThat(wrongAfter(plan -> ((ObjectNode) plan.at("/weights/3")).put("bytes", 7))).singleElement().asString().endsWith("the plan says 7");
        makeAgain();
        assertThat(wrongAfter(plan -> ((ObjectNode) plan.at("/layers/0")).put("key_bits", 6))).containsExactly("layer 0: its keys are not of 6 bits");
        makeAgain();
        assertThat(wrongAfter(plan -> ((ObjectNode) plan.at("/layers/1")).put("cache_bytes", 1))).singleElement().asString().endsWith("of cache, the plan says 1");
        makeAgain();
        assertThat(wrongAfter(plan -> plan.put("bytes", 12))).singleElement().asString().endsWith("bytes in all, the plan says 12");
        makeAgain();
        assertThat(wrongAfter(plan -> plan.put("budget_bytes", plan.get("bytes").asLong() - 1))).singleElement().asString().startsWith("of the budget of");
        makeAgain();
        assertThat(wrongAfter(plan -> plan.put("budget_bytes", plan.get("bytes").asLong() + 100_000))).singleElement().asString().startsWith("of the budget of");
        // The paper's search only promises to stay below.
        assertThat(wrongAfter(plan -> plan.put("budget_bytes", plan.get("bytes").asLong() + 100_000).put("search", "paper"))).isEmpty();
    }

    private void makeAgain() throws IOException {
        try (var files = Files.walk(result)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
        makeResult();
    }

    @Test
    void missingAndForeignFilesAreFound() throws IOException {
        Files.writeString(result.resolve("bundle/extra.txt"), "x");
        Files.delete(result.resolve("sparse/tokenizer.json"));
        assertThat(ResultVerification.verify(result).wrong()).contains("hashes: sparse/tokenizer.json is missing");
        assertThat(ResultVerification.verify(folder).wrong()).containsExactly("plan.json is missing");
        Files.writeString(result.resolve("plan.json"), "{");
        assertThat(ResultVerification.verify(result).wrong()).containsExactly("plan.json is not JSON");
    }

    @Test
    void aDamagedSparseFolderIsNotExpanded() throws IOException {
        Files.writeString(result.resolve("sparse/sparse.json"), Files.readString(result.resolve("sparse/sparse.json")).replaceFirst("\"offset\" : \\d+", "\"offset\" : 99999999999"));
        assertThatThrownBy(() -> Expansion.expand(result.resolve("sparse"), folder.resolve("x"))).isInstanceOf(IOException.class);
        Files.writeString(result.resolve("sparse/sparse.json"), "{\"format\":\"other\",\"files\":[]}");
        assertThatThrownBy(() -> Expansion.expand(result.resolve("sparse"), folder.resolve("y"))).hasMessage("sparse.json is of another format than kogata-sparse-1");
    }

    @Test
    void weightsInsideTheOnnxFileAreCutOutToo() throws IOException {
        Path inline = folder.resolve("inline");
        inline(MODEL, inline);
        Bundle bundle = Bundle.open(inline);
        List<SparseWeight> weights = bundle.weights().stream().map(weight -> new SparseWeight(weight.file(), weight.name())).toList();
        SparseFolder.write(inline, folder.resolve("sparse"), weights);
        Expansion.expand(folder.resolve("sparse"), folder.resolve("dense"));
        String decoder = "onnx/decoder_model_merged.onnx";
        assertThat(Files.mismatch(inline.resolve(decoder), folder.resolve("dense").resolve(decoder))).isEqualTo(-1);
        assertThat(Files.size(folder.resolve("sparse").resolve(decoder))).isEqualTo(Files.size(inline.resolve(decoder)) - bundle.weights().stream().mapToLong(WeightMatrix::bytes).sum());
    }

    /** The bundle with its decoder's data inside the ONNX file. */
    private static void inline(Path from, Path to) throws IOException {
        for (String file : BundlePath.files(from)) {
            Files.createDirectories(to.resolve(file).getParent());
            Files.copy(from.resolve(file), to.resolve(file));
        }
        Bundle bundle = Bundle.open(from);
        var decoder = bundle.decoder().orElseThrow();
        var model = decoder.model().toBuilder();
        for (var tensor : model.getGraphBuilder().getInitializerBuilderList()) {
            var whole = tensor.build();
            tensor.setRawData(ByteString.copyFrom(decoder.values(whole))).clearExternalData().clearDataLocation().clearFloatData().clearInt64Data().clearInt32Data();
        }
        Files.write(to.resolve(decoder.name()), model.build().toByteArray());
    }
}
