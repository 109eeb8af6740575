package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.quality.RankCorrelation;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.orchestrator.job.Objective;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.FinalPass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** How far what was searched tells what is delivered: the form of the elastic weights, the order of finalists, and what is lost on other data. Stateless. */
final class Trust {

    /** A plan that loses this much more on other conversations than where it was found is fitted to the latter... */
    private static final double FITTED = 1.3;
    /** ...where the difference is this many standard errors. */
    private static final double CLEAR = 2;
    /** Below this the search orders plans otherwise than delivery does. */
    private static final double SAME_ORDER = 0.5;

    private Trust() {
    }

    static ReportData.Elastic elastic(Profiled profiled) {
        BuildElasticWeightsResult built = profiled.weights().result();
        return new ReportData.Elastic(built.getForm().name().toLowerCase(Locale.ROOT),
                profiled.weights().grid().map(grid -> grid.steps().stream().map(step -> step / 256.0).toList()).orElse(List.of()),
                built.getBankBytes(), built.getBankLimitBytes(), profiled.weights().builtBy().orElse(""));
    }

    static ReportData.Trust trust(Compressed compressed, Quality heldout, boolean answers) {
        List<Written> same = compressed.written().stream().filter(w -> w.pass() == comparedPass(compressed)).toList();
        OptionalDouble correlation = RankCorrelation.of(same.stream().mapToDouble(w -> w.finalist().loss()).toArray(), same.stream().mapToDouble(Written::loss).toArray());
        Written chosen = compressed.chosen();
        double searched = chosen.finalist().trial().loss();
        double selectionSearched = Loss.of(chosen.finalist().selection()).value(), selection = Loss.of(chosen.selection()).value(), held = Loss.of(heldout).value();
        return new ReportData.Trust(correlation.isPresent() ? correlation.getAsDouble() : null, same.size(), Written.passName(comparedPass(compressed)),
                searched, selectionSearched, selection, held, answers ? searched : null, answers ? selectionSearched : null, answers ? selection : null, answers ? held : null);
    }

    /** The final pass that changes what was searched, where there is one. */
    private static FinalPass comparedPass(Compressed compressed) {
        return compressed.written().stream().map(Written::pass).filter(pass -> pass != FinalPass.AS_SEARCHED)
                .reduce((earlier, later) -> later).orElse(FinalPass.AS_SEARCHED);
    }

    /** What a reader should know of the above. */
    static List<String> remarks(Profiled profiled, Compressed compressed, ReportData.Trust trust, Objective objective) {
        List<String> sentences = new ArrayList<>();
        BuildElasticWeightsResult built = profiled.weights().result();
        profiled.weights().grid().ifPresent(grid -> sentences.addAll(bank(built, grid, profiled)));
        if (built.getBankBytes() > 0 && profiled.weights().grid().isEmpty()) {
            sentences.add(say("The search ran on level maps ranked by wanda, not on weights that are repaired already: a bank of %d bytes does not fit the worker's %d, not even with few versions. "
                    + "A worker with more memory (kogata.worker.bank-bytes) searches what is delivered.", built.getBankBytes(), built.getBankLimitBytes()));
        }
        if (trust.rankCorrelation() != null && trust.rankCorrelation() < SAME_ORDER) {
            sentences.add(say("The final pass %s orders the %d plans it was tried on otherwise than the search does (rank correlation %.2f): the search tells little of which of them is best.",
                    trust.pass(), trust.plans(), trust.rankCorrelation()));
        }
        sentences.addAll(fitted(compressed.chosen().finalist(), profiled, objective));
        return sentences;
    }

    private static List<String> bank(BuildElasticWeightsResult built, VersionGrid grid, Profiled profiled) {
        List<String> sentences = new ArrayList<>();
        profiled.weights().builtBy().ifPresent(job -> sentences.add(
                "The bank of repaired weights was built for " + job + ", from the same model, search set and versions, and is used again."));
        if (built.getBankBytes() > built.getBankLimitBytes()) {
            sentences.add(say("The bank of repaired weights has %d versions: all that were wanted take %d bytes, and the worker has %d for them.",
                    grid.versions(), built.getBankBytes(), built.getBankLimitBytes()));
        }
        return sentences;
    }

    /** The same weights on two sets that differ in nothing but that one was searched on. */
    private static List<String> fitted(Finalist finalist, Profiled profiled, Objective objective) {
        double searched = finalist.trial().loss(), selection = Loss.of(finalist.selection()).value();
        double error = Math.hypot(Loss.of(finalist.selection()).standardError(), finalist.trial().quality().map(quality -> Loss.of(quality).standardError()).orElse(0.0));
        if (!(selection > FITTED * searched) || selection - searched < CLEAR * error) {
            return List.of();
        }
        return List.of(say("The delivered plan, as searched, has %.1f times the %s on the selection set that it has on the %d %s of the search set: it is fitted to those. "
                + "More of them would help more than more trials.", selection / searched, objective.noun(),
                objective.answers() ? profiled.search().getConversations() : profiled.search().getPictures(), objective.answers() ? "conversations" : "pictures"));
    }

    private static String say(String sentence, Object... values) {
        return String.format(Locale.ROOT, sentence, values);
    }
}
