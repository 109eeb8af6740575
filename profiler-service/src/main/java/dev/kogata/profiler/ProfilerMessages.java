package dev.kogata.profiler;

import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.TagQuality;
import dev.kogata.common.v1.UntouchedTensor;
import dev.kogata.common.v1.Weight;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.dataset.Dataset;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What was found, as messages. */
final class ProfilerMessages {
    private static final int UNTOUCHED_NAMED = 50;

    private ProfilerMessages() {}

    static Inspection inspection(Bundle bundle) {
        Inspection.Builder message = Inspection.newBuilder()
                .setLayout(bundle.layout())
                .setUntouchedBytes(bundle.untouchedBytes())
                .setVocabularySize(bundle.vocabularySize())
                .addAllRemarks(bundle.remarks());
        bundle.components().forEach(c -> message.addComponents(Component.newBuilder()
                .setName(c.kind().label())
                .setFile(c.file())
                .setLayers(c.layers())
                .setTensorBytes(c.tensorBytes())
                .setOpset(c.opset())
                .setIrVersion(c.irVersion())));
        bundle.weights().forEach(w -> message.addWeights(weight(w, bundle.zerosByOutputRow(w))));
        bundle.includable().forEach(w -> message.addIncludableWeights(weight(w, bundle.zerosByOutputRow(w))));
        bundle.cacheLayers().forEach(l -> message.addCacheLayers(CacheLayer.newBuilder()
                .setLayer(l.layer())
                .setKvHeads(l.kvHeads())
                .setHeadSize(l.headSize())
                .setValueBytes(l.valueBytes())
                .setGroupSize(l.groupSize())
                .addAllWidths(l.widths())
                .addAllNativeWidths(l.nativeWidths())
                .setNativeObstacle(l.nativeObstacle())));
        bundle.untouched().stream().limit(UNTOUCHED_NAMED).forEach(t -> message.addUntouched(UntouchedTensor.newBuilder()
                .setName(t.name())
                .setFile(t.file())
                .setBytes(t.bytes())
                .setWhy(t.why())));
        return message.build();
    }

    private static Weight weight(WeightMatrix weight, int[] zeros) {
        return Weight.newBuilder()
                .setId(weight.id())
                .setName(weight.name())
                .setFile(weight.file())
                .setLayer(weight.layer())
                .setRole(weight.role())
                .setRows(weight.rows())
                .setColumns(weight.columns())
                .setOutputLast(weight.outputLast())
                .setValueBytes(weight.valueBytes())
                .setDataType(weight.dataType())
                .setPart(weight.part().label())
                .addAllZerosByOutputRow(Arrays.stream(zeros).boxed().collect(Collectors.toList()))
                .build();
    }

    static DatasetInspection inspection(Dataset dataset) {
        return DatasetInspection.newBuilder()
                .setConversations(dataset.conversations().size())
                .setTurns(dataset.turns())
                .setWithImages(dataset.withImages())
                .addAllTags(dataset.tags())
                .setFile(dataset.file())
                .build();
    }

    static Quality quality(dev.kogata.core.quality.Quality quality) {
        Quality.Builder message = Quality.newBuilder()
                .setKl(quality.kl())
                .setKlStandardError(quality.klStandardError())
                .setNll(quality.nll())
                .setExact(quality.exact())
                .setConversations(quality.conversations())
                .setTurns(quality.turns())
                .setAnswerTokens(quality.answerTokens())
                .setSeconds(quality.seconds());
        quality.tags().forEach(t -> message.addTags(tag(t)));
        quality.modalities().forEach(m -> message.addModalities(tag(m)));
        return message.build();
    }

    private static TagQuality tag(dev.kogata.core.quality.TagQuality tag) {
        return TagQuality.newBuilder().setTag(tag.tag()).setExact(tag.exact()).setKl(tag.kl()).setTurns(tag.turns()).build();
    }
}
