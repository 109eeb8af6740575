package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.RotaryPairs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An elastic graph as written, and the names of what Kogata added to it. Immutable.
 *
 * @param file the ONNX file; its data lies beside it
 * @param part the bundle's file that it is of
 * @param form what its elastic weights are
 * @param versions of a bank; 0 for level maps
 * @param elasticWeights the elastic weights, in the order of their thresholds or rows
 * @param weights all weights of the bundle, in a plan's order, those of other parts among them
 * @param cacheLayers all caches of the bundle, in a plan's order
 * @param elasticCaches whether cache widths are inputs
 * @param natives versions of static scales that can be chosen, by layer
 * @param answers whether logits come out, at answer positions
 * @param vocabulary number of tokens that the logits tell apart
 * @param headSize head size for a graph that leaves it open
 * @param norms output with the sum of squares (in) of a weight's input, by weight id
 * @param products output with X^T X (in, in) of a weight's input, by weight id
 * @param statistics outputs with what keys and values look like, by layer
 */
public record ElasticModel(Path file, String part, Form form, int versions, List<WeightMatrix> elasticWeights, List<WeightMatrix> weights, List<CacheLayer> cacheLayers, boolean elasticCaches,
                           Map<Integer, List<NativeScales>> natives, boolean answers, int vocabulary, int headSize, Map<String, String> norms, Map<String, String> products,
                           Map<Integer, Statistics> statistics) {
    /** Input uint8 (output rows of all elastic weights): an element lives where its level is above its row's threshold. */
    static final String THRESHOLDS = "kogata.thresholds";
    /** Input int32 (output rows of all elastic weights): which row of its weight's bank each of them is. */
    static final String ROWS = "kogata.rows";
    /** Input float32 (cache layers): the largest key code, 2^bits - 1; 0 leaves the keys as they are. */
    static final String KEY_CODES = "kogata.largest_key_codes";
    /** Input float32 (cache layers): the same for values. */
    static final String VALUE_CODES = "kogata.largest_value_codes";
    /** Input int64 (cache layers): the version of static scales that keys are quantized with, counted from 1; 0 for none. */
    static final String NATIVE_KEYS = "kogata.native_keys";
    /** Input int64 (cache layers): the same for values. */
    static final String NATIVE_VALUES = "kogata.native_values";
    /** Input int64 (answers): which of the batch * sequence positions get logits. */
    static final String POSITIONS = "kogata.positions";
    /** Input float32 (batch, tokens): 1 where a token stands for a row of a picture's features. */
    static final String IMAGE_TOKENS = "kogata.image_tokens";
    /** Input int64 (sampled): which of the batch * tokens are given out as they are. */
    static final String SAMPLED_TOKENS = "kogata.sampled_tokens";
    /** Output float32: an encoder's features, shaped as its own output. */
    static final String FEATURES = "kogata.features";
    /** Output float32 (answers, vocabulary). */
    static final String ANSWER_LOGITS = "kogata.answer_logits";

    /** What elastic weights are. */
    public enum Form {
        /** One level for each element: the step from which it is pruned. A plan's steps are those of 256. */
        LEVEL_MAP,
        /** The weight at several sparsities, repaired. A plan's steps are versions. */
        BANK
    }

    public ElasticModel {
        elasticWeights = List.copyOf(elasticWeights);
        weights = List.copyOf(weights);
        cacheLayers = List.copyOf(cacheLayers);
        natives = Map.copyOf(natives);
        norms = Map.copyOf(norms);
        products = Map.copyOf(products);
        statistics = Map.copyOf(statistics);
    }

    /**
     * Names of one layer's statistics.
     *
     * @param key of its keys, after rotary embedding
     * @param value of its values
     * @param pairs of channels that rotary embedding turns together
     */
    public record Statistics(Side key, Side value, RotaryPairs pairs) {

        /**
         * Of one side.
         *
         * @param textMaximum (heads, channels): largest magnitude over text tokens
         * @param imageMaximum (heads, channels): over image tokens
         * @param rows (sampled tokens, heads * channels)
         */
        public record Side(String textMaximum, String imageMaximum, String rows) {}
    }
}
