package dev.kogata.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.orchestrator.report.ServingScript;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that reports show answers from results of every layout, with caches in every format: in Python, with stock ONNX Runtime, as its users have them. */
class ServingScriptTest {
    private static final Path MODELS = Path.of(System.getProperty("kogata.root"), "onnx/src/test/resources/models");
    /** Runs every script in one process, which imports what they need once: a script, a bundle, a script, a bundle... */
    private static final String ALL = """
            import runpy, sys
            pairs = sys.argv[1:]
            for script, bundle in zip(pairs[::2], pairs[1::2]):
                sys.argv = [script, bundle, "Which shape is at the left?"]
                print("answer:", end="", flush=True)
                runpy.run_path(script, run_name="__main__")
            """;

    @TempDir
    Path folder;

    @Test
    void answersFromEveryLayoutAndCacheFormat() throws Exception {
        String python = System.getenv("KOGATA_TEST_PYTHON");
        assumeTrue(python != null, "no Python: KOGATA_TEST_PYTHON names one with onnxruntime, transformers and jinja2");
        List<String> words = new ArrayList<>(List.of(python, "-c", ALL));
        for (String layout : List.of("nano-optimum", "nano-float16", "nano-dynamo", "nano-attention", "nano-merged_if", "nano-genai")) {
            Bundle bundle = Bundle.open(MODELS.resolve(layout));
            deliver(bundle, layout + "-as-is", layer -> new DeliveredCache(layer.layer(), 0, 0), words);
            deliver(bundle, layout + "-portable", layer -> new DeliveredCache(layer.layer(), 8, 3), words);
            for (int bits : bundle.cacheLayers().get(0).nativeWidths()) {
                deliver(bundle, layout + "-native-" + bits, layer -> new DeliveredCache(layer.layer(), scales(layer, bits)), words);
            }
        }
        deliver(textOnly(), "text-only", layer -> new DeliveredCache(layer.layer(), 8, 8), words);
        int results = (words.size() - 3) / 2;
        assertThat(results).as("six layouts as they came and in the portable format, natives of four of them at least, and a decoder of token ids").isGreaterThanOrEqualTo(6 * 2 + 4 * 2 + 1);

        File out = folder.resolve("out").toFile(), err = folder.resolve("err").toFile();
        int exit = new ProcessBuilder(words).redirectOutput(out).redirectError(err).start().waitFor();
        assertThat(exit).as(() -> read(out) + read(err)).isZero();
        assertThat(Arrays.stream(read(out).split("answer:")).filter(answer -> !answer.isBlank())).hasSize(results);
    }

    private Path deliver(Bundle bundle, String name, Function<CacheLayer, DeliveredCache> format, List<String> words) throws Exception {
        Path target = folder.resolve(name);
        new BundleWriter(bundle).write(target, weight -> Optional.empty(), bundle.cacheLayers().stream().map(format).toList());
        Optional<String> embedding = Stream.of("embedding.onnx", "onnx/embed_tokens.onnx").filter(file -> Files.exists(target.resolve(file))).findFirst();
        Path script = Files.writeString(folder.resolve(name + ".py"), ServingScript.of(embedding, bundle.decoder().orElseThrow().name(), bundle.cacheLayers().get(0).headSize()));
        words.addAll(List.of(script.toString(), target.toString()));
        return target;
    }

    /** A decoder that takes token ids, and nothing that sees: as exporters write models that only read. */
    private Bundle textOnly() throws IOException {
        Path source = MODELS.resolve("nano-optimum"), text = Files.createDirectories(folder.resolve("text/onnx")).getParent();
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "onnx/decoder_model_merged.onnx_data")) {
            Files.copy(source.resolve(file), text.resolve(file));
        }
        GraphProto.Builder graph = Bundle.open(source).decoder().orElseThrow().model().getGraph().toBuilder();
        TensorProto.Builder table = TensorProto.newBuilder().setName("embed_tokens.weight").setDataType(TensorProto.DataType.FLOAT_VALUE).addDims(436).addDims(64);
        Random random = new Random(7);
        IntStream.range(0, 436 * 64).forEach(i -> table.addFloatData((float) random.nextGaussian()));
        graph.addInitializer(table).addNode(0, NodeProto.newBuilder().setOpType("Gather").setName("/embed_tokens/Gather").addInput("embed_tokens.weight").addInput("input_ids").addOutput("inputs_embeds"));
        for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
            if (input.getName().equals("inputs_embeds")) {
                input.setName("input_ids").getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.INT64_VALUE).getShapeBuilder().removeDim(2);
            }
        }
        Files.write(text.resolve("onnx/model.onnx"), Bundle.open(source).decoder().orElseThrow().model().toBuilder().setGraph(graph).build().toByteArray());
        return Bundle.open(text);
    }

    private static NativeScales scales(CacheLayer layer, int bits) {
        float[] scales = new float[layer.kvHeads() * layer.headSize()];
        Arrays.fill(scales, bits == 8 ? 0.02f : 0.3f);
        return new NativeScales(bits, scales, scales);
    }

    private static String read(File file) {
        try {
            return Files.readString(file.toPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
