package dev.kogata.onnx.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A set of samples as one safetensors file: all samples' tokens, embeddings and answers one after another
 * ({@code tokens}, {@code embeddings}, {@code answer_positions}, {@code answer_tokens}, {@code answer_turns}), where each
 * sample begins ({@code token_offsets}, {@code answer_offsets}, samples + 1 each), and {@code texts}, a JSON array with
 * each sample's id, tags, questions and answers. Where samples hold pictures for the vision encoder: {@code pixels}, all one after another,
 * {@code picture_sizes} (channels, height, width of each), and {@code picture_offsets}, where each sample's begin (samples + 1);
 * {@code image_rows}, where their features stand among the tokens, and {@code image_row_offsets}.
 */
public final class SampleSetFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SampleSetFile() {
    }

    /** Writes samples of one embedding width, in order. */
    public static void write(Path file, List<Sample> samples) throws IOException {
        byte[] texts = JSON.writeValueAsBytes(texts(samples));
        long[] tokenOffsets = offsets(samples.stream().mapToInt(Sample::length).toArray());
        long[] answerOffsets = offsets(samples.stream().mapToInt(sample -> sample.answerPositions().length).toArray());
        long tokens = tokenOffsets[samples.size()], answers = answerOffsets[samples.size()];
        List<Pixels> images = samples.stream().flatMap(sample -> sample.images().stream()).toList();
        int[] sizes = images.stream().flatMapToInt(image -> IntStream.of(image.channels(), image.height(), image.width())).toArray();
        List<TensorEntry> entries = new ArrayList<>(List.of(new TensorEntry("token_offsets", TensorType.I64, tokenOffsets.length), new TensorEntry("answer_offsets", TensorType.I64, answerOffsets.length),
                new TensorEntry("tokens", TensorType.I64, tokens), new TensorEntry("embeddings", TensorType.F32, tokens, samples.get(0).hidden()),
                new TensorEntry("answer_positions", TensorType.I32, answers), new TensorEntry("answer_tokens", TensorType.I32, answers),
                new TensorEntry("answer_turns", TensorType.I32, answers), new TensorEntry("texts", TensorType.U8, texts.length)));
        if (!images.isEmpty()) {
            entries.addAll(List.of(new TensorEntry("picture_offsets", TensorType.I64, samples.size() + 1), new TensorEntry("picture_sizes", TensorType.I32, images.size(), 3),
                    new TensorEntry("pixels", TensorType.F32, images.stream().mapToLong(image -> image.values().capacity()).sum()),
                    new TensorEntry("image_row_offsets", TensorType.I64, samples.size() + 1), new TensorEntry("image_rows", TensorType.I32, samples.stream().mapToLong(s -> s.imageRows().length).sum())));
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of("format", "kogata sample set 1"))) {
            writer.append(tokenOffsets);
            writer.append(answerOffsets);
            for (Sample sample : samples) {
                writer.append(sample.tokens());
            }
            for (Sample sample : samples) {
                writer.append(sample.embeddings());
            }
            for (Sample sample : samples) {
                writer.append(sample.answerPositions());
            }
            for (Sample sample : samples) {
                writer.append(sample.answerTokens());
            }
            for (Sample sample : samples) {
                writer.append(sample.answerTurns());
            }
            writer.append(ByteBuffer.wrap(texts));
            if (!images.isEmpty()) {
                writer.append(offsets(samples.stream().mapToInt(sample -> sample.images().size()).toArray()));
                writer.append(sizes);
                for (Pixels image : images) {
                    writer.append(image.values());
                }
                writer.append(offsets(samples.stream().mapToInt(sample -> sample.imageRows().length).toArray()));
                for (Sample sample : samples) {
                    writer.append(sample.imageRows());
                }
            }
            writer.finish();
        }
    }

    /** Reads a set; embeddings stay in the file, mapped, and come into memory as they are used. */
    public static List<Sample> read(Path file) throws IOException {
        try (Safetensors in = Safetensors.open(file)) {
            long[] tokenOffsets = in.longs("token_offsets"), answerOffsets = in.longs("answer_offsets"), tokens = in.longs("tokens");
            int[] positions = in.ints("answer_positions"), answerTokens = in.ints("answer_tokens"), turns = in.ints("answer_turns");
            int hidden = (int) in.tensor("embeddings", TensorType.F32, 2).shape()[1];
            byte[] json = new byte[(int) in.tensor("texts").bytes()];
            in.bytes("texts").get(json);
            JsonNode texts = JSON.readTree(json);
            List<Sample> samples = new ArrayList<>();
            List<List<Pixels>> images = images(in, tokenOffsets.length - 1);
            long[] rowOffsets = in.has("image_rows") ? in.longs("image_row_offsets") : new long[tokenOffsets.length];
            int[] rows = in.has("image_rows") ? in.ints("image_rows") : new int[0];
            for (int i = 0; i < tokenOffsets.length - 1; i++) {
                int from = (int) tokenOffsets[i], to = (int) tokenOffsets[i + 1], first = (int) answerOffsets[i], last = (int) answerOffsets[i + 1];
                FloatBuffer embeddings = in.floats("embeddings", (long) from * hidden, (long) (to - from) * hidden);
                JsonNode text = texts.get(i);
                samples.add(new Sample(text.get("id").textValue(), Arrays.copyOfRange(tokens, from, to), embeddings, hidden, Arrays.copyOfRange(positions, first, last),
                        Arrays.copyOfRange(answerTokens, first, last), Arrays.copyOfRange(turns, first, last), strings(text.get("tags")), strings(text.get("questions")),
                        strings(text.get("answers")), text.get("has_image").booleanValue(), pictures(text.path("pictures")), images.get(i),
                        Arrays.copyOfRange(rows, (int) rowOffsets[i], (int) rowOffsets[i + 1])));
            }
            return samples;
        }
    }

    /** Pictures of each sample; they stay in the file, mapped. */
    private static List<List<Pixels>> images(Safetensors in, int samples) throws IOException {
        if (!in.has("pixels")) {
            return Collections.nCopies(samples, List.of());
        }
        long[] offsets = in.longs("picture_offsets");
        int[] sizes = in.ints("picture_sizes");
        List<List<Pixels>> images = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < samples; i++) {
            List<Pixels> own = new ArrayList<>();
            for (int p = (int) offsets[i]; p < offsets[i + 1]; p++) {
                long count = (long) sizes[3 * p] * sizes[3 * p + 1] * sizes[3 * p + 2];
                own.add(new Pixels(in.floats("pixels", at, count), sizes[3 * p], sizes[3 * p + 1], sizes[3 * p + 2]));
                at += count;
            }
            images.add(own);
        }
        return images;
    }

    private static ArrayNode texts(List<Sample> samples) {
        ArrayNode texts = JSON.createArrayNode();
        for (Sample sample : samples) {
            ObjectNode text = texts.addObject().put("id", sample.id()).put("has_image", sample.hasImage());
            text.set("tags", JSON.valueToTree(sample.tags()));
            text.set("questions", JSON.valueToTree(sample.questions()));
            text.set("answers", JSON.valueToTree(sample.answers()));
            text.set("pictures", JSON.valueToTree(sample.pictures()));
        }
        return texts;
    }

    /** Sets of earlier versions do not name their pictures. */
    private static List<List<Part.Picture>> pictures(JsonNode turns) {
        return stream(turns).map(turn -> stream(turn).map(p -> new Part.Picture(p.get("path").textValue(), p.get("sha256").textValue())).toList()).toList();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static List<String> strings(JsonNode array) {
        return stream(array).map(JsonNode::textValue).toList();
    }

    private static long[] offsets(int[] counts) {
        long[] offsets = new long[counts.length + 1];
        for (int i = 0; i < counts.length; i++) {
            offsets[i + 1] = offsets[i] + counts[i];
        }
        return offsets;
    }
}
