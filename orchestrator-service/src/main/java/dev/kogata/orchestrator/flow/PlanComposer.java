package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Weight;
import dev.kogata.core.search.PaperSearch;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.report.PlanDocument;
import dev.kogata.quantizer.v1.WriteBundleResult;
import dev.kogata.quantizer.v1.WrittenWeight;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Composes {@code plan.json} from what was asked and what was written. Stateless. */
final class PlanComposer {

    private static final int VERSION = 1;

    private PlanComposer() {
    }

    /** The document of a delivered result; {@code outputs} are the files of its bundle and sparse folders. */
    static PlanDocument compose(JobContext context, Written chosen, List<ManifestFile> outputs) {
        var request = context.request();
        WriteBundleResult files = chosen.files();
        return new PlanDocument(VERSION, context.model().getName(), context.model().getSha256(), context.dataset().getName(), context.dataset().getSha256(),
                budgetBytes(context, chosen), files.getTotalBytes(), context.projection().cost().denseBytes(), files.getUntouchedBytes(),
                new PlanDocument.Workload(request.getWorkload().getBatch(), request.getWorkload().getContext()),
                weights(context, files),
                files.getLayersList().stream().map(layer -> new PlanDocument.Layer(layer.getLayer(), layer.getKeyBits(), layer.getValueBits(),
                        Names.of(layer.getCacheFormat()), layer.getCacheBytes(), layer.getWhy())).toList(),
                request.getFormat(),
                request.getMethod(), request.getSearch(), chosen.passName(), chosen.finalist().trial().origin(), chosen.finalist().trial().number(),
                Names.seed(request.getSeed()), request.getTrials(),
                files(context.manifests().read(context.model().getManifest()).getFilesList()), files(outputs));
    }

    /** The limit; with separate limits it depends on the widths that the plan has. The paper's procedure has some slack, which counts. */
    static long budgetBytes(JobContext context, Written chosen) {
        if (Search.of(context.request()) == Search.PAPER) {
            return PaperSearch.limit(context.run().job().getBudgetBytes());
        }
        return context.projection().budgetBytes(Plans.fromProto(chosen.finalist().trial().plan()));
    }

    private static List<PlanDocument.Weight> weights(JobContext context, WriteBundleResult files) {
        Map<String, WrittenWeight> written = files.getWeightsList().stream().collect(Collectors.toMap(WrittenWeight::getId, Function.identity()));
        return context.model().getInspection().getWeightsList().stream().map(weight -> weight(weight, written.get(weight.getId()))).toList();
    }

    private static PlanDocument.Weight weight(Weight weight, WrittenWeight written) {
        if (written == null) {
            throw new IllegalStateException("the quantizer wrote nothing for the weight " + weight.getId());
        }
        double values = Math.max(1, weight.getRows() * weight.getColumns());
        return new PlanDocument.Weight(weight.getName(), weight.getFile(), weight.getLayer(), weight.getRows(), weight.getColumns(), written.getZeros(),
                written.getZeros() / values, Names.of(written.getEncoding()), written.getBytes());
    }

    private static List<PlanDocument.File> files(List<ManifestFile> files) {
        return files.stream().map(file -> new PlanDocument.File(file.getPath(), file.getSha256())).toList();
    }
}
