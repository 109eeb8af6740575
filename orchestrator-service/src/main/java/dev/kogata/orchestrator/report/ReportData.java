package dev.kogata.orchestrator.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Every number of a report, as it stands in {@code report.json} (names there in snake_case). Immutable. Bytes are whole bytes,
 * durations seconds, divergences nats per answer token, shares [0, 1]. A loss is in the unit of the objective. What a kind of model does not have (answers of
 * an encoder alone, pictures' features of a decoder) is absent, never 0.
 *
 * @param version version of this layout
 * @param job resource name of the job
 * @param finished when the report was made, ISO 8601 in UTC
 * @param model what was compressed
 * @param objective what the search minimized
 * @param budget what was asked for, and what was met
 * @param bytes encoded bytes by part, dense against delivered
 * @param layers what every layer was given
 * @param cacheSensitivity what every width of every cache costs alone
 * @param search the search and all its trials
 * @param elastic what trials were measured on
 * @param trust how far that tells what is delivered
 * @param selection everything that was measured on the selection set, and what was chosen
 * @param repairs how the delivered weights were repaired, by weight; empty where the final pass did not repair
 * @param heldout quality on held-out conversations: {@code dense}, {@code delivered} and every baseline by name
 * @param memory {@code dense} and {@code delivered}, each in a fresh process
 * @param latency {@code dense} and {@code delivered}, each in a fresh process
 * @param verification what was checked on the delivered files
 * @param changedAnswers held-out turns that the two models answer differently
 * @param data the conversations used
 * @param howMeasured how every number came to be, in sentences
 * @param remarks what the reader should know, in sentences
 * @param environment where the job was run, by name
 * @param decision what the result is worth against the caller's thresholds
 * @param cost what the job took
 * @param reproduction how to make the same result again
 * @param serving what to do with the result, as commands that were run
 */
public record ReportData(int version, String job, String finished, Model model, Objective objective, BudgetMet budget, List<PartBytes> bytes, List<Layer> layers,
        CacheSensitivity cacheSensitivity, Search search, Elastic elastic, Trust trust, List<Candidate> selection, List<Repair> repairs, Map<String, QualityNumbers> heldout, Map<String, Memory> memory,
        Map<String, Latency> latency, Verification verification, List<ChangedAnswer> changedAnswers, Data data,
        List<String> howMeasured, List<String> remarks, Map<String, String> environment,
        Decision decision, Cost cost, Reproduction reproduction, List<Step> serving) {

    /**
     * The model as it came.
     *
     * @param layout layout of the bundle
     * @param sha256 SHA-256 of its manifest
     */
    public record Model(String name, String displayName, String sha256, String layout, List<Component> components, List<Untouched> untouched) {
    }

    /**
     * What the search minimized, and what every {@code loss} of the report is.
     *
     * @param name {@code kl} or {@code feature-error}
     * @param unit {@code nats}, or {@code relative} for a share of something
     * @param noun what it is called in a sentence
     * @param means what it is, in sentences
     */
    public record Objective(String name, String unit, String noun, String means) {
    }

    /** One part of the bundle. */
    public record Component(String name, String file, int layers, long tensorBytes) {
    }

    /** A tensor that stayed as it was. */
    public record Untouched(String name, String file, long bytes, String why) {
    }

    /**
     * The budget.
     *
     * @param asked as the caller gave it, in words
     * @param limitBytes the same in bytes
     * @param usedBytes bytes of what is delivered, counted on the written files
     * @param leftBytes {@code limitBytes - usedBytes}
     * @param denseBytes bytes of the dense model at the same workload
     */
    public record BudgetMet(String asked, long limitBytes, long usedBytes, long leftBytes, long denseBytes, int batch, int context) {
    }

    /** Encoded bytes of one part. */
    public record PartBytes(String part, long dense, long delivered) {
    }

    /**
     * What one layer was given.
     *
     * @param sparsity share of zeros over its weights
     * @param keyBits bits per key value; 0 for as is
     * @param valueBits bits per value; 0 for as is
     * @param cacheFormat {@code as-is}, {@code portable} or {@code native}; empty where the layer has no cache
     * @param why why the cache could not have another format that was asked for; empty where it could
     */
    public record Layer(int layer, double sparsity, long weightBytes, long denseWeightBytes, int keyBits, int valueBits, String cacheFormat,
            String why, long cacheBytes, long denseCacheBytes, List<Weight> weights) {
    }

    /**
     * What calibration found out about caches before the search.
     *
     * @param conversations of the search set that it was measured on
     * @param losses of every width of every layer's keys, or values, alone
     * @param thresholds ways to choose the native format's static scales
     */
    public record CacheSensitivity(int conversations, List<WidthLoss> losses, List<Threshold> thresholds) {
    }

    /**
     * One width of one side of one layer's cache, everything else as it came.
     *
     * @param side {@code keys} or {@code values}
     * @param format {@code portable} or {@code native}
     */
    public record WidthLoss(int layer, String side, String format, int bits, double kl, double klStandardError) {
    }

    /** A way to choose static scales, for all layers at once. */
    public record Threshold(int bits, String side, String threshold, double kl, boolean chosen) {
    }

    /** What one weight was given. */
    public record Weight(String name, String role, double sparsity, String encoding, long bytes, long denseBytes) {
    }

    /**
     * The search.
     *
     * @param sampler how trials were proposed
     * @param method pruning method
     * @param finalPass final pass that was asked for
     * @param granularity what shared one sparsity: {@code layer}, {@code weight} or {@code block}
     * @param seconds wall-clock seconds of all trials' measurements
     * @param proposalSeconds seconds that it took to propose all plans, the search's own time
     * @param infeasible trials over the budget, which only the paper's procedure has
     * @param sensitivity what was measured before the search to start it; empty where it would have cost too much of it
     */
    public record Search(String sampler, String granularity, String method, String finalPass, BigInteger seed, int trials, double seconds, double proposalSeconds,
            int infeasible, int bestTrial, double bestLoss, List<Trial> history, List<Sensitivity> sensitivity) {
    }

    /**
     * Elastic weights of the search.
     *
     * @param form {@code bank} (weights repaired at several sparsities) or {@code level_map} (weights ranked once)
     * @param versions sparsities of a bank
     * @param bankBytes bytes of a bank with all versions wanted; 0 where none was
     * @param bankLimitBytes bytes that the worker had for it
     * @param builtBy the earlier job that had the bank built; empty where this one had
     */
    public record Elastic(String form, List<Double> versions, long bankBytes, long bankLimitBytes, String builtBy) {
    }

    /**
     * From the search to delivery.
     *
     * @param rankCorrelation Spearman's, over the plans that files were written for: divergence on the selection set as searched
     *     against after the final pass; null for fewer than three plans
     * @param plans how many those are
     * @param pass the final pass compared
     * @param searchLoss the delivered plan as searched, on the search set
     * @param selectionSearchedLoss the same weights on the selection set
     * @param selectionLoss what is delivered, on the selection set
     * @param heldoutLoss what is delivered, on held-out data
     * @param searchKl the same as searchLoss where that is a divergence, as the three that follow
     */
    public record Trust(Double rankCorrelation, int plans, String pass, double searchLoss, double selectionSearchedLoss, double selectionLoss, double heldoutLoss,
            @JsonInclude(Include.NON_NULL) Double searchKl, @JsonInclude(Include.NON_NULL) Double selectionSearchedKl,
            @JsonInclude(Include.NON_NULL) Double selectionKl, @JsonInclude(Include.NON_NULL) Double heldoutKl) {
    }

    /**
     * What one part of the model bears alone, all else as it came: measured on a part of the search set before the search.
     *
     * @param part {@code weights}, {@code keys} or {@code values}
     * @param sparsity of the layer's weights; null for caches
     * @param bits of the keys or values; null for weights
     * @param bytes of the part under this
     * @param loss its loss
     * @param kl the same, where that is a divergence in nats
     */
    public record Sensitivity(String part, int layer, Double sparsity, Integer bits, long bytes, double loss, @JsonInclude(Include.NON_NULL) Double kl) {
    }

    /**
     * One trial: its loss on the search set, and the bytes of its plan.
     *
     * @param loss a lower bound where it was stopped early; null where it was over the budget and so not measured
     * @param outcome {@code complete}, {@code stopped} or {@code infeasible}
     * @param bestLoss best one so far; null before there is one
     */
    public record Trial(int number, String origin, Double loss, String outcome, Double bestLoss, long bytes) {
    }

    /**
     * One thing measured on the selection set.
     *
     * @param plan where the plan came from
     * @param trial its trial; -1 where it was none
     * @param stage {@code elastic graph} or {@code delivered files}
     * @param finalPass {@code as-searched}, {@code sequential} or {@code repaired}
     * @param searchLoss its loss on the search set
     * @param loss its loss on the selection set
     * @param searchKl the same as searchLoss where that is a divergence; kl and klStandardError likewise
     * @param exact share of exact answers
     * @param chosen whether this is what is delivered
     */
    public record Candidate(String plan, int trial, String stage, String finalPass, double searchLoss, double loss, double lossStandardError,
            @JsonInclude(Include.NON_NULL) Double searchKl, @JsonInclude(Include.NON_NULL) Double kl, @JsonInclude(Include.NON_NULL) Double klStandardError,
            @JsonInclude(Include.NON_NULL) Double exact, long bytes, boolean chosen) {
    }

    /**
     * How SparseGPT repaired one weight.
     *
     * @param weight its id
     * @param damping what was added to the Hessian's diagonal, as a share of its mean: 0.01, or more where it took more to factor
     * @param loss half the sum of {@code ((w - q) / U_jj)^2}, SparseGPT's measure of the change
     */
    public record Repair(String weight, double damping, double loss) {
    }

    /**
     * Quality on one set of conversations, or of pictures, and the encoded bytes of what was measured.
     *
     * @param loss in what the objective says
     * @param kl the same where it is a divergence
     * @param featureError the same where it is an encoder's
     * @param forwardPasses forward passes over the search set that it took to find the plan; 0 where there was nothing to find
     * @param trial the plan's trial; null for the dense model
     * @param finalPass how the weights were made; empty for the dense model
     * @param tags by tag of the dataset
     * @param modalities of conversations with pictures ({@code image}) and without ({@code text}), as far as there are any
     * @param againstDelivered loss less that of what is delivered; null where it cannot be compared
     */
    public record QualityNumbers(double loss, double lossStandardError, @JsonInclude(Include.NON_NULL) Double kl, @JsonInclude(Include.NON_NULL) Double klStandardError,
            @JsonInclude(Include.NON_NULL) Double featureError, @JsonInclude(Include.NON_NULL) Double featureErrorStandardError,
            @JsonInclude(Include.NON_NULL) Double exact, @JsonInclude(Include.NON_NULL) Double nll, long bytes, double forwardPasses, Integer trial, String finalPass,
            Difference againstDelivered, @JsonInclude(Include.NON_NULL) Integer conversations, @JsonInclude(Include.NON_NULL) Integer turns,
            @JsonInclude(Include.NON_NULL) Long answerTokens, @JsonInclude(Include.NON_NULL) Integer pictures, List<Tag> tags, List<Tag> modalities) {
    }

    /**
     * A difference of two mean losses.
     *
     * @param kl the same as loss, where that is a divergence
     * @param standardError over conversations, or pictures, each compared with itself
     * @param standardErrors size of the difference in standard errors
     */
    public record Difference(double loss, @JsonInclude(Include.NON_NULL) Double kl, double standardError, double standardErrors) {
    }

    /** Quality of the turns with one tag. */
    public record Tag(String tag, double exact, double kl, int turns) {
    }

    /**
     * Memory of one bundle.
     *
     * @param encodedBytes bytes at rest and for a sparse runtime, cache at the workload included
     * @param peakResidentBytes what stock ONNX Runtime really took
     * @param cacheBytes bytes of all cache tensors at {@code cacheTokens} tokens; both absent where the model has no cache
     */
    @JsonInclude(Include.NON_NULL)
    public record Memory(long encodedBytes, long peakResidentBytes, Long cacheBytes, Integer cacheTokens) {
    }

    /** Latency of one bundle in stock ONNX Runtime: medians, of a decoder's tokens or of an encoder's pass over one picture. */
    @JsonInclude(Include.NON_NULL)
    public record Latency(Double prefillSeconds, Integer promptTokens, Double decodeSecondsPerToken, Integer decodeTokens, Double pictureSeconds, double loadSeconds, int threads) {
    }

    /**
     * What was checked.
     *
     * @param selectedLoss loss on the selection set with which the result was chosen
     * @param deliveredLoss the same, measured again on the delivered files in a fresh process
     * @param selectedKl the same as selectedLoss where that is a divergence; deliveredKl likewise
     * @param stepAgainstPrefill largest difference between decoding step by step and prefill, relative to the largest logit; of a decoder
     * @param recountedBytes bytes counted again from the files alone
     */
    @JsonInclude(Include.NON_NULL)
    public record Verification(double selectedLoss, double deliveredLoss, Double selectedKl, Double deliveredKl, Double stepAgainstPrefill, long recountedBytes) {
    }

    /** A turn that the two models answer differently. */
    public record ChangedAnswer(String conversation, int turn, String tag, String question, String expected, String dense, String compressed,
            List<Picture> pictures) {
    }

    /** A picture of the dataset, by its path there; its bytes are in the dataset under this SHA-256. */
    public record Picture(String path, String sha256) {
    }

    /**
     * The result against the thresholds that were given.
     *
     * @param verdict {@code go} where all are held, {@code no-go} where one is not, {@code none} where none was given
     * @param checks one for each threshold
     */
    public record Decision(String verdict, List<Check> checks) {
    }

    /**
     * One threshold.
     *
     * @param name as in the request: {@code max_accuracy_loss}, {@code max_latency_increase}, {@code max_kl}, {@code max_process_bytes}
     * @param measures what it limits, in words
     * @param unit {@code share}, {@code nats} or {@code bytes}
     * @param limit the threshold
     * @param value what was measured
     * @param standardError of the value; null where it is not known
     * @param held whether the value is within the limit
     */
    public record Check(String name, String measures, String unit, double limit, double value, Double standardError, boolean held) {
    }

    /**
     * What the job took.
     *
     * @param seconds from its acceptance to this report, waiting and interruptions included
     * @param measuringSeconds forward passes of all trials, added up
     * @param trials trials that were measured
     */
    public record Cost(double seconds, double measuringSeconds, int trials) {
    }

    /**
     * One thing to do with the result.
     *
     * @param what in words
     * @param command the command line, or a whole script; DIR is a placeholder for the result's folder
     * @param checked where and how it was run
     */
    public record Step(String what, String command, String checked) {
    }

    /**
     * How to make the same result again.
     *
     * @param command the command line; BUNDLE, DIR and the data files are placeholders for the caller's own paths. Empty for a
     *     job that began with the search of another one
     * @param versions what the job was run with, by name
     */
    public record Reproduction(String command, Map<String, String> versions) {
    }

    /** The conversations used; the three sets are disjoint. */
    public record Data(String dataset, String datasetSha256, String heldoutDataset, String heldoutSha256, SampleCount search,
            SampleCount selection, SampleCount heldout) {
    }

    /** Size of one set of conversations, or of pictures. */
    @JsonInclude(Include.NON_NULL)
    public record SampleCount(Integer conversations, Integer turns, Long answerTokens, Integer withImages, Integer pictures) {
    }
}
