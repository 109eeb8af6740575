package dev.kogata.orchestrator;

import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.ConversationDivergence;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.FeatureQuality;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.TagQuality;
import dev.kogata.common.v1.Weight;
import dev.kogata.common.v1.Workload;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.orchestrator.plan.CacheFormats;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.LayerAllocation;
import dev.kogata.profiler.v1.LayerOutliers;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A model of three layers that exists only as numbers, and a quality that is a smooth function of the plan. */
final class FakeModel {

    static final String FILE = "onnx/decoder_model_merged.onnx";
    /** The dataset's only picture, as far as anybody looks at it; and one that is in the store, but in no dataset of this tenant. */
    static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 1};
    static final byte[] FOREIGN_PICTURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 2};
    static final Inspection INSPECTION = inspection();
    /** The same weights as a vision encoder alone. */
    static final Inspection ENCODER = encoder();
    static final DatasetInspection DATASET = DatasetInspection.newBuilder().setConversations(40).setTurns(80).setWithImages(40)
            .addAllTags(List.of("color", "count")).setFile("data.jsonl").build();
    static final List<LayerOutliers> OUTLIERS = IntStream.range(0, 3).mapToObj(l -> LayerOutliers.newBuilder().setLayer(l).setPercent(3.0 - l).build()).toList();
    /** Sparsity that each layer bears best. */
    private static final double[] BEST = {0.45, 0.75, 0.7};

    private FakeModel() {
    }

    /** The divergence of a plan: layers pruned unlike {@link #BEST} and narrow keys cost most. */
    static Quality quality(Inspection model, ElasticPlan plan, double factor, Optional<VersionGrid> bank) {
        ModelCost cost = cost(model, Workload.newBuilder().setBatch(1).setContext(64).build(), bank);
        double kl = 0.001;
        for (LayerAllocation layer : Plans.allocation(Plans.fromProto(plan), cost)) {
            double distance = layer.getSparsity() - BEST[layer.getLayer()];
            kl += distance * distance + noise(layer.getKeyBits(), 0.05) + noise(layer.getValueBits(), 0.02);
        }
        return quality(model, kl * factor);
    }

    /** What plans cost, of steps of 256 or of a bank's versions. */
    static ModelCost cost(Inspection model, Workload workload, Optional<VersionGrid> bank) {
        return bank.map(grid -> Plans.cost(model, workload, CacheFormats.PORTABLE, grid)).orElseGet(() -> Plans.cost(model, workload));
    }

    static Quality dense(Inspection model) {
        return quality(model, 0);
    }

    /** Of an encoder alone the same number, as the error of its features. */
    private static Quality quality(Inspection model, double loss) {
        return model.equals(ENCODER) ? Quality.newBuilder().setSeconds(0.01).setFeatures(FeatureQuality.newBuilder().setError(loss).setErrorStandardError(loss / 10).setPictures(12)
                .addAllByPicture(IntStream.range(0, 12).mapToObj(i -> loss * (0.45 + i / 10.0)).toList())).build() : quality(loss);
    }

    private static Quality quality(double kl) {
        return Quality.newBuilder().setKl(kl).setKlStandardError(kl / 10).setNll(0.5 + kl).setExact(0.8 - kl / 10).setConversations(12).setTurns(24)
                .setAnswerTokens(96).setSeconds(0.01).addAllByConversation(conversations(kl))
                .addModalities(TagQuality.newBuilder().setTag("image").setExact(0.8 - kl / 10).setKl(kl).setTurns(24))
                .addTags(TagQuality.newBuilder().setTag("color").setExact(0.9 - kl / 10).setKl(kl).setTurns(12))
                .addTags(TagQuality.newBuilder().setTag("count").setExact(0.7 - kl / 10).setKl(kl).setTurns(12)).build();
    }

    /** Twelve conversations of eight tokens, some harder than others. */
    private static List<ConversationDivergence> conversations(double kl) {
        return IntStream.range(0, 12).mapToObj(i -> ConversationDivergence.newBuilder().setKl(kl * 8 * (0.45 + i / 10.0)).setAnswerTokens(8).build()).toList();
    }

    private static double noise(int bits, double scale) {
        return bits == 0 ? 0 : scale / (1 << bits);
    }

    private static Inspection encoder() {
        return INSPECTION.toBuilder().setLayout("encoder-only").setVocabularySize(0).clearCacheLayers().clearComponents()
                .addComponents(Component.newBuilder().setName("vision_encoder").setFile(FILE).setLayers(3).setTensorBytes(100_000)).build();
    }

    private static Inspection inspection() {
        Inspection.Builder model = Inspection.newBuilder().setLayout("optimum").setUntouchedBytes(5000).setVocabularySize(100)
                .addComponents(Component.newBuilder().setName("vision_encoder").setFile("onnx/vision_encoder.onnx"))
                .addComponents(Component.newBuilder().setName("decoder").setFile(FILE).setLayers(3).setTensorBytes(100_000));
        for (int layer = 0; layer < 3; layer++) {
            for (String role : List.of("q_proj", "down_proj")) {
                String name = "layers." + layer + "." + role;
                model.addWeights(Weight.newBuilder().setId(FILE + "#" + name).setName(name).setFile(FILE).setLayer(layer).setRole(role)
                        .setRows(64).setColumns(48).setOutputLast(true).setValueBytes(4).setDataType("float32"));
            }
            model.addCacheLayers(CacheLayer.newBuilder().setLayer(layer).setKvHeads(2).setHeadSize(32).setValueBytes(4).setGroupSize(32)
                    .addAllWidths(List.of(0, 2, 3, 4, 6, 8)));
        }
        return model.build();
    }
}
