package dev.kogata.profiler;

import ai.onnxruntime.OrtException;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.FeatureQuality;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.core.quality.Quality;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.dataset.DatasetSplit;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import dev.kogata.onnx.sample.PictureSamples;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.FeatureFile;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.StockDecoder;
import dev.kogata.onnx.score.StockEncoder;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything about a model and its data that is needed once per job: conversations split into sets and turned into
 * samples (pictures through the vision encoder), the dense model's logits at their answers, and how large every weight's
 * inputs are. Of a vision encoder alone: its pictures, the dense encoder's features of them, and its weights' inputs.
 */
final class ProfileTask {
    private final TaskContext context;
    private final int threads;

    ProfileTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    ProfileModelResult run(ProfileModelRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel())).including(request.getIncludeList().stream().map(Component.Kind::of).toList());
        boolean decodes = bundle.decoder().isPresent();
        Dataset calibration = dataset(request.getCalibration(), decodes);
        Optional<Dataset> heldout = request.hasHeldout() ? Optional.of(dataset(request.getHeldout(), decodes)) : Optional.empty();
        DatasetSplit split = DatasetSplit.of(calibration, heldout, request.getSeed(),
                new DatasetSplit.Limits(request.getMaximumSearchConversations(), 0, request.getMaximumHeldoutConversations()));
        ProfileModelResult.Builder result = ProfileModelResult.newBuilder();
        List<Sample> search = decodes ? decoder(bundle, calibration, heldout.orElse(calibration), split, result) : encoder(bundle, calibration, heldout.orElse(calibration), split, result);
        Map<String, float[]> norms = inputNorms(bundle, search);
        return result.setStatistics(statistics(bundle, search.size(), norms)).addAllOutliers(LayerOutlierShares.of(bundle, norms)).build();
    }

    /** What an encoder alone is judged by are pictures, each once, whatever is said of them. */
    private Dataset dataset(Artifact manifest, boolean decodes) throws Exception {
        Dataset read = Dataset.read(context.folder(manifest), DatasetLimits.DEFAULT);
        return decodes ? read : read.byPicture();
    }

    private List<Sample> decoder(Bundle bundle, Dataset calibration, Dataset heldout, DatasetSplit split, ProfileModelResult.Builder result) throws Exception {
        List<Sample> search = samples(bundle, calibration, split.search(), 0);
        List<Sample> selection = samples(bundle, calibration, split.selection(), 0.2);
        List<Sample> held = samples(bundle, heldout, split.heldout(), 0.3);
        int headSize = bundle.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        try (StockDecoder dense = StockDecoder.open(bundle.decoder().orElseThrow().path(), threads, headSize)) {
            result.setSearch(set("search", search, dense, 0.4));
            result.setSelection(set("selection", selection, dense, 0.6));
            result.setHeldout(set("heldout", held, dense, 0.7));
        } catch (IllegalStateException | OrtException e) {
            throw Unrunnable.meaning(bundle, e);
        }
        return search;
    }

    private List<Sample> encoder(Bundle bundle, Dataset calibration, Dataset heldout, DatasetSplit split, ProfileModelResult.Builder result) throws Exception {
        PictureSamples maker = PictureSamples.open(bundle);
        List<Sample> search = pictures(maker, calibration, split.search(), 0);
        ModelFile encoder = bundle.model(Component.Kind.VISION_ENCODER).orElseThrow();
        try (StockEncoder dense = StockEncoder.open(encoder.path(), threads)) {
            result.setSearch(set("search", search, dense, 0.2));
            result.setSelection(set("selection", pictures(maker, calibration, split.selection(), 0.3), dense, 0.5));
            result.setHeldout(set("heldout", pictures(maker, heldout, split.heldout(), 0.6), dense, 0.7));
        } catch (IllegalStateException | OrtException e) {
            throw Unrunnable.meaning(bundle, e);
        }
        return search;
    }

    private List<Sample> pictures(PictureSamples maker, Dataset dataset, List<Conversation> pictures, double share) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (Conversation picture : pictures) {
            context.progress(share + 0.1 * samples.size() / pictures.size(), "reading pictures");
            samples.add(maker.make(dataset, picture));
        }
        return samples;
    }

    private SampleSet set(String name, List<Sample> samples, StockEncoder dense, double share) throws Exception {
        Path sampleFile = context.workFolder().resolve(name + "-samples.safetensors");
        SampleSetFile.write(sampleFile, samples);
        Path referenceFile = context.workFolder().resolve(name + "-reference.safetensors");
        FeatureFile.write(referenceFile, samples, dense, done -> context.progress(share + 0.1 * done / samples.size(), "running the dense encoder on the " + name + " set"));
        return SampleSet.newBuilder()
                .setSamples(context.artifacts().adopt(sampleFile, Artifacts.SAFETENSORS))
                .setReference(context.artifacts().adopt(referenceFile, Artifacts.SAFETENSORS))
                .setPictures(samples.size())
                .setWithImages(samples.size())
                .setDense(dev.kogata.common.v1.Quality.newBuilder().setFeatures(FeatureQuality.newBuilder().setPictures(samples.size())))
                .build();
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
        Map<String, float[]> norms = new HashMap<>();
        for (ModelFile part : bundle.weightFiles()) {
            Path graph = Files.createTempDirectory(context.workFolder(), "graph");
            ElasticModel model = ElasticGraph.of(bundle, part).inputNorms(layer -> true).write(graph);
            norms.putAll(Calibration.of(bundle, model, samples, threads, done -> context.progress(0.8 + 0.2 * done / samples.size(), "measuring the inputs of all weights")).inputNorms());
        }
        return norms;
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
