package dev.kogata.evaluator;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ConversationDivergence;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.common.v1.FeatureQuality;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.TagQuality;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.quality.ConversationScore;
import dev.kogata.evaluator.v1.ChangedAnswer;
import dev.kogata.evaluator.v1.Picture;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.kit.error.KogataException;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.measure.Measurement;
import dev.kogata.onnx.score.ChangedAnswers;
import dev.kogata.onnx.score.ExecutionProvider;
import dev.kogata.onnx.score.Sessions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Messages to what the algorithms take. */
final class EvaluatorMessages {
    private EvaluatorMessages() {}

    /** The plan of a message, in the order of the bundle's weights and caches. */
    static dev.kogata.core.budget.ElasticPlan plan(ElasticPlan message, Bundle bundle) {
        Map<String, ElasticWeightPlan> weights = new HashMap<>();
        message.getWeightsList().forEach(w -> weights.put(w.getWeight(), w));
        List<WeightStep> steps = new ArrayList<>();
        for (WeightMatrix weight : bundle.weights()) {
            ElasticWeightPlan step = weights.get(weight.id());
            if (step == null) {
                throw KogataException.invalid("plan", "The plan says nothing about the weight " + weight.id() + ".");
            }
            steps.add(new WeightStep(step.getStep(), step.getRowsAtNextStep()));
        }
        Map<Integer, CacheLayerPlan> layers = new HashMap<>();
        message.getLayersList().forEach(l -> layers.put(l.getLayer(), l));
        List<Integer> keyBits = new ArrayList<>(), valueBits = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            CacheLayerPlan widths = layers.getOrDefault(layer.layer(), CacheLayerPlan.getDefaultInstance());
            keyBits.add(widths.getKeyBits());
            valueBits.add(widths.getValueBits());
        }
        return new dev.kogata.core.budget.ElasticPlan(steps, keyBits, valueBits);
    }

    /** Numbers of the layers whose caches are native under a plan. */
    static Set<Integer> nativeLayers(ElasticPlan message) {
        return message.getLayersList().stream().filter(l -> l.getCacheFormat() == CacheFormat.NATIVE).map(CacheLayerPlan::getLayer).collect(Collectors.toSet());
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

    /** The same with what every conversation adds, in the order of the set. */
    static Quality quality(dev.kogata.core.quality.Quality quality, List<ConversationScore> conversations) {
        Quality.Builder message = quality(quality).toBuilder();
        conversations.forEach(c -> message.addByConversation(ConversationDivergence.newBuilder().setKl(c.kl()).setAnswerTokens(c.tokens())));
        return message.build();
    }

    /** What an encoder alone lost; with every picture's error where {@code byPicture}. */
    static Quality quality(dev.kogata.core.quality.FeatureQuality quality, boolean byPicture) {
        FeatureQuality.Builder features = FeatureQuality.newBuilder()
                .setError(quality.error())
                .setErrorStandardError(quality.standardError())
                .setPictures(quality.byPicture().size());
        if (byPicture) {
            features.addAllByPicture(quality.byPicture());
        }
        return Quality.newBuilder().setFeatures(features).setSeconds(quality.seconds()).build();
    }

    /** Where it was given up: the lower bound of the error of all pictures that those measured make. */
    static Quality quality(dev.kogata.core.quality.FeatureQuality quality, int allPictures) {
        double bound = quality.byPicture().stream().mapToDouble(e -> e).sum() / allPictures;
        return Quality.newBuilder().setFeatures(FeatureQuality.newBuilder().setError(bound).setPictures(quality.byPicture().size())).setSeconds(quality.seconds()).build();
    }

    static ProcessMeasurement measurement(Measurement measured) {
        return ProcessMeasurement.newBuilder()
                .setPeakResidentBytes(measured.peakResidentBytes())
                .setCacheBytes(measured.cacheBytes())
                .setCacheTokens(measured.cacheTokens())
                .setPrefillSeconds(measured.prefillSeconds())
                .setPromptTokens(measured.promptTokens())
                .setDecodeSecondsPerToken(measured.decodeSecondsPerToken())
                .setDecodeTokens(measured.decodeTokens())
                .setLoadSeconds(measured.loadSeconds())
                .setThreads(measured.threads())
                .setPictureSeconds(measured.pictureSeconds())
                .setRuntime("ONNX Runtime " + Sessions.environment().getVersion() + (Sessions.provider() == ExecutionProvider.CPU ? "" : " (" + Sessions.provider() + ")"))
                .build();
    }

    static List<ChangedAnswer> changed(List<ChangedAnswers.ChangedAnswer> changed) {
        return changed.stream().map(c -> ChangedAnswer.newBuilder()
                .setConversation(c.conversation())
                .setTurn(c.turn())
                .setTag(c.tag())
                .setQuestion(c.question())
                .setExpected(c.expected())
                .setDense(c.dense())
                .setCompressed(c.compressed())
                .addAllPictures(c.pictures().stream().map(p -> Picture.newBuilder().setPath(p.path()).setSha256(p.sha256()).build()).toList())
                .build()).toList();
    }
}
