package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.core.prune.InverseFactor;
import dev.kogata.core.search.PaperSearch;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.SearchStage.Searched;
import dev.kogata.orchestrator.job.Objective;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.orchestrator.report.ReportData.QualityNumbers;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.pruner.v1.WeightRepair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report's sentences: how its numbers came to be, and what they do and do not say. Stateless. */
final class Wording {

    /** Below this many standard errors a difference may be chance. */
    private static final double CLEAR = 2;
    /** Float noise between decoding step by step and prefill stays below this share of the largest logit. */
    private static final double SAME_LOGITS = 1e-3;
    private static final int FEW_CONVERSATIONS = 30;
    private static final double SLOWER = 1.05;

    private Wording() {
    }

    static List<String> howMeasured(JobContext context, Profiled profiled, VerifyResultResult measured) {
        ProcessMeasurement process = measured.getDelivered();
        List<String> sentences = new ArrayList<>();
        boolean answers = context.objective().answers();
        String things = answers ? "conversations" : "pictures";
        sentences.add(context.objective().means());
        if (answers) {
            sentences.add("An answer is exact where the most likely token is the expected one at each of its positions, given the expected tokens before.");
        }
        sentences.add(say("The search saw the %d %s of the search set only. Plans, final passes and the best uniform plan were chosen on the %d of the selection set. "
                + "The %d held-out ones decided nothing. None is in two sets, by its content.",
                count(profiled.search()), things, count(profiled.selection()), count(profiled.heldout())));
        sentences.add(context.heldout().isPresent()
                ? say("Held-out %s come from a dataset of their own.", things)
                : say("Held-out %s are a part of the dataset, split off by a hash of their content and the seed.", things));
        sentences.add("Uniform baselines have the same sparsity in every weight" + (answers ? " and the same widths in every layer" : "") + ", at the same budget; \"uniform\" is the one that did best on the selection set, and "
                + "\"uniform-wanda\" and \"uniform-repaired\" are that one ranked by Wanda and repaired by SparseGPT, layer after layer: the latter is the strongest plan that is easily made by hand. All others are measured as searched"
                + (profiled.weights().grid().isPresent() ? ", on the bank: repaired, as the delivered weights are. "
                : ": where the delivered weights were repaired, part of the difference to them is the repair's, not the search's. ") + "Every rule, random plans and TPE are each represented by their best plan on the search set.");
        sentences.add(say("Differences between two models on held-out data are paired: both saw the same %s, and the standard error is over each one's own difference.", things));
        sentences.add(answers ? say("Memory and latency: the dense and the delivered bundle, each in a fresh process with stock ONNX Runtime and %d threads. Prefill: median for %d tokens. "
                + "Per token: median of %d decoded tokens. Process memory: the largest resident set, the runtime itself and all components included.",
                process.getThreads(), process.getPromptTokens(), process.getDecodeTokens())
                : say("Memory and latency: the dense and the delivered bundle, each in a fresh process with stock ONNX Runtime and %d threads. A picture: median of several passes over "
                + "one. Process memory: the largest resident set, the runtime itself and all components included.", process.getThreads()));
        sentences.add("Encoded bytes: untouched tensors, every pruned weight in the smaller of its dense and its sparse-bitmask form" + (answers ? ", and the cache at the stated workload. " : ". ")
                + "They were counted again from the delivered files.");
        return sentences;
    }

    static List<String> remarks(JobContext context, Profiled profiled, Searched searched, Compressed compressed, Map<String, QualityNumbers> heldout, VerifyResultResult measured,
            ReportData.Trust trust) {
        List<String> sentences = new ArrayList<>();
        sentences.add("Zeros in a dense initializer save no memory and no time in stock ONNX Runtime. The folder sparse/ holds the encoded form, for storage, transfer and "
                + "runtimes that compute on sparse weights; bundle/ is what stock ONNX Runtime loads.");
        sentences.addAll(speed(compressed, measured));
        sentences.addAll(paper(context));
        sentences.addAll(winner(compressed, heldout, context.objective()));
        if (!searched.starts().skipped().isEmpty()) {
            sentences.add(searched.starts().skipped());
        }
        sentences.addAll(damped(compressed));
        sentences.addAll(Trust.remarks(profiled, compressed, trust, context.objective()));
        sentences.addAll(enoughData(profiled.heldout(), context.objective()));
        sentences.addAll(ownSamples(context.request()));
        if (measured.getStepAgainstPrefill() > SAME_LOGITS) {
            sentences.add(say("At single tokens decoding step by step and prefill differ by %.1e of the largest logit: there float noise rounds a number of the cache the other way.",
                    measured.getStepAgainstPrefill()));
        }
        if (!context.objective().answers()) {
            sentences.add("The model is a vision encoder alone: it has no key-value cache, so there is nothing to say about caches; and it gives no answers, so there is "
                    + "nothing to say about accuracy. What its features are worth, only the model that reads them can tell.");
        } else if (context.model().getInspection().getCacheLayersCount() == 0) {
            sentences.add("The model has no key-value cache, so there was none to compress.");
        }
        sentences.addAll(profiled.caches().calibrated().getRemarksList());
        sentences.addAll(context.model().getInspection().getRemarksList());
        sentences.addAll(context.run().job().getRemarksList());
        return sentences;
    }

    /** For jobs without calibration data. */
    static List<String> ownSamples(JobRequest request) {
        if (!request.getDataset().isEmpty()) {
            return List.of();
        }
        return List.of("No calibration data was given: the search ran on the model's own samples, conversations that it has with itself, about pictures of random shapes where it sees any. "
                + (request.getHeldout().isEmpty() ? "So did every measurement: its losses and exact answers tell how near the result is to the dense model on those, and nothing about your work; "
                : "Only the held-out conversations were given; ") + "calibration data of your own mostly gives a better result.");
    }

    private static List<String> speed(Compressed compressed, VerifyResultResult measured) {
        double dense = measured.getDense().getDecodeSecondsPerToken();
        double delivered = measured.getDelivered().getDecodeSecondsPerToken();
        boolean portable = compressed.chosen().files().getLayersList().stream().anyMatch(layer -> layer.getCacheFormat() == CacheFormat.PORTABLE);
        return portable && dense > 0 && delivered > dense * SLOWER
                ? List.of(say("The portable cache is packed and unpacked by ordinary operators: it saves memory and costs time. A token takes %.2f times as long as in the dense model.",
                        delivered / dense))
                : List.of();
    }

    /** Who won on held-out data, delivered or not, and whether that is more than chance. */
    private static List<String> winner(Compressed compressed, Map<String, QualityNumbers> heldout, Objective objective) {
        List<String> sentences = new ArrayList<>();
        if (compressed.chosen().finalist().uniform()) {
            sentences.add("On the selection set no searched plan beat the best uniform one, so a uniform plan is what was delivered.");
        }
        QualityNumbers delivered = heldout.get("delivered");
        // The delivered plan as it was searched is no competitor of itself.
        int deliveredTrial = compressed.chosen().finalist().trial().number();
        compressed.baselines().stream().filter(baseline -> baseline.finalist().trial().number() != deliveredTrial).map(Baseline::name).filter(name -> heldout.get(name).againstDelivered() != null)
                .min(Comparator.comparingDouble(name -> heldout.get(name).loss())).ifPresent(name -> sentences.add(against(name, heldout.get(name), delivered)));
        for (String name : List.of(Baseline.UNIFORM, Baseline.REPAIRED)) {
            if (heldout.containsKey(name) && heldout.get(name).againstDelivered() != null) {
                sentences.add(ratio(name, heldout.get(name), delivered, objective));
            }
        }
        return sentences.stream().distinct().toList();
    }

    private static String against(String name, QualityNumbers baseline, QualityNumbers delivered) {
        double errors = baseline.againstDelivered().standardErrors();
        if (baseline.againstDelivered().loss() == 0) {
            return say("On held-out data the best baseline, %s, is as good as what is delivered.", name);
        }
        String winner = baseline.againstDelivered().loss() > 0 ? say("what is delivered is the best; next comes %s", name) : say("%s is better than what is delivered, which was chosen on the selection set", name);
        return say("On held-out data %s, by %.1f standard errors%s.", winner, errors, errors < CLEAR ? ": too little to tell them apart with this much data" : "");
    }

    private static String ratio(String name, QualityNumbers baseline, QualityNumbers delivered, Objective objective) {
        double errors = baseline.againstDelivered().standardErrors();
        if (errors < CLEAR) {
            return say("On held-out data the delivered model and the baseline %s differ by %.1f standard errors: too little to tell them apart with this much data.", name, errors);
        }
        return say("On held-out data the delivered model has %s the %s of the baseline %s (%.1f standard errors).",
                baseline.loss() > delivered.loss() ? say("1/%.1f of", baseline.loss() / delivered.loss()) : say("%.1f times", delivered.loss() / baseline.loss()), objective.noun(), name, errors);
    }

    private static List<String> paper(JobContext context) {
        return Search.of(context.request()) == Search.PAPER
                ? List.of(say("The plan was found as in arXiv 2507.20613: the budget is one-sided with %.1f %% of slack, which the limit above includes, and plans over it count as trials. Trials are "
                        + "forward passes with weights ranked once; only what is delivered was pruned layer after layer.", 100 * PaperSearch.SLACK))
                : List.of();
    }

    /** More damping than asked for is no failure, but the repair is the weaker for it. */
    private static List<String> damped(Compressed compressed) {
        List<WeightRepair> raised = compressed.chosen().repairs().stream().filter(r -> r.getDamping() > InverseFactor.DAMPING * 1.5).toList();
        return raised.isEmpty() ? List.of() : List.of(say("The Hessian of %d weights (%s is one) took more than the usual damping of %s of its mean diagonal to factor, up to %.3g: more calibration "
                + "data would let their repair do more.", raised.size(), raised.get(0).getWeight(), InverseFactor.DAMPING,
                raised.stream().mapToDouble(WeightRepair::getDamping).max().orElseThrow()));
    }

    private static int count(SampleSet set) {
        return set.getPictures() > 0 ? set.getPictures() : set.getConversations();
    }

    private static List<String> enoughData(SampleSet set, Objective objective) {
        List<String> sentences = new ArrayList<>();
        if (count(set) < FEW_CONVERSATIONS) {
            sentences.add(say("Only %d %s were held out: quality is known roughly.", count(set), objective.answers() ? "conversations" : "pictures"));
        }
        if (set.getWithImages() == 0) {
            sentences.add("No held-out conversation has a picture: quality is known for text only.");
        }
        return sentences;
    }

    private static String say(String sentence, Object... values) {
        return String.format(Locale.ROOT, sentence, values);
    }
}
