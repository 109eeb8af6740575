package dev.kogata.profiler;

import ai.onnxruntime.OrtException;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.core.quality.Quality;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.dataset.DatasetSplit;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.StockDecoder;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything about a model and its data that is needed once per job: conversations split into sets and turned into
 * samples (pictures through the vision encoder), the dense model's logits at their answers, and how large every weight's
 * inputs are.
 */
final class ProfileTask {
    private final TaskContext context;
    private final int threads;

    ProfileTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    ProfileModelResult run(ProfileModelRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        Dataset calibration = Dataset.read(context.folder(request.getCalibration()), DatasetLimits.DEFAULT);
        Optional<Dataset> heldout = request.hasHeldout()
                ? Optional.of(Dataset.read(context.folder(request.getHeldout()), DatasetLimits.DEFAULT))
                : Optional.empty();
        DatasetSplit split = DatasetSplit.of(calibration, heldout, request.getSeed(),
                new DatasetSplit.Limits(request.getMaximumSearchConversations(), 0, request.getMaximumHeldoutConversations()));
        List<Sample> search = samples(bundle, calibration, split.search(), 0);
        List<Sample> selection = samples(bundle, calibration, split.selection(), 0.2);
        List<Sample> held = samples(bundle, heldout.orElse(calibration), split.heldout(), 0.3);
        ProfileModelResult.Builder result = ProfileModelResult.newBuilder();
        int headSize = bundle.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        try (StockDecoder dense = StockDecoder.open(bundle.decoder().orElseThrow().path(), threads, headSize)) {
            result.setSearch(set("search", search, dense, 0.4));
            result.setSelection(set("selection", selection, dense, 0.6));
            result.setHeldout(set("heldout", held, dense, 0.7));
        } catch (IllegalStateException | OrtException e) {
            throw Unrunnable.meaning(bundle, e);
        }
        Map<String, float[]> norms = inputNorms(bundle, search);
        return result.setStatistics(statistics(bundle, search.size(), norms)).addAllOutliers(LayerOutlierShares.of(bundle, norms)).build();
    }

    private List<Sample> samples(Bundle bundle, Dataset dataset, List<Conversation> conversations, double share) throws Exception {
        List<Sample> samples = new ArrayList<>();
        try (SampleMaker maker = SampleMaker.open(bundle, threads)) {
            for (Conversation conversation : conversations) {
                context.progress(share + 0.1 * samples.size() / conversations.size(), "encoding conversations and pictures");
                samples.add(maker.make(dataset, conversation));
            }
        }
        return samples;
    }

    private SampleSet set(String name, List<Sample> samples, StockDecoder dense, double share) throws Exception {
        Path sampleFile = context.workFolder().resolve(name + "-samples.safetensors");
        SampleSetFile.write(sampleFile, samples);
        Path referenceFile = context.workFolder().resolve(name + "-reference.safetensors");
        Quality quality = ReferenceFile.write(referenceFile, samples, dense, Batching.DEFAULT,
                done -> context.progress(share + 0.1 * done / samples.size(), "running the dense model on the " + name + " set"));
        return SampleSet.newBuilder()
                .setSamples(context.artifacts().adopt(sampleFile, Artifacts.SAFETENSORS))
                .setReference(context.artifacts().adopt(referenceFile, Artifacts.SAFETENSORS))
                .setConversations(quality.conversations())
                .setTurns(quality.turns())
                .setAnswerTokens(quality.answerTokens())
                .setWithImages((int) samples.stream().filter(Sample::hasImage).count())
                .setDense(ProfilerMessages.quality(quality))
                .build();
    }

    private Map<String, float[]> inputNorms(Bundle bundle, List<Sample> samples) throws Exception {
        if (bundle.weights().isEmpty()) {
            return Map.of();    // all quantized already: such a model has caches to compress, and no inputs to measure
        }
        Path graph = Files.createDirectories(context.workFolder().resolve("graph"));
        ElasticModel model = ElasticGraph.of(bundle).inputNorms(layer -> true).write(graph);
        try (ElasticSession session = ElasticSession.open(model, threads)) {
            Calibration calibration = new Calibration(model, session);
            calibration.addAll(samples, Batching.DEFAULT, done -> context.progress(0.8 + 0.2 * done / samples.size(), "measuring the inputs of all weights"));
            return calibration.inputNorms();
        }
    }

    private Artifact statistics(Bundle bundle, int sequences, Map<String, float[]> norms) throws Exception {
        Path file = context.workFolder().resolve("statistics.safetensors");
        List<WeightMatrix> weights = bundle.weights();
        List<TensorEntry> entries = weights.stream().map(w -> new TensorEntry(w.id(), TensorType.F32, w.inputs())).toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of("sequences", Integer.toString(sequences)))) {
            for (WeightMatrix weight : weights) {
                writer.append(FloatBuffer.wrap(norms.get(weight.id())));
            }
            writer.finish();
        }
        return context.artifacts().adopt(file, Artifacts.SAFETENSORS);
    }
}
