package dev.kogata.orchestrator.flow;

import com.google.protobuf.Any;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.orchestrator.job.KnownBank;
import dev.kogata.profiler.v1.ProfileModelResult;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.ElasticForm;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * The elastic weights of a job: built by the pruner, or those that an earlier job had built from the same model, data, method and
 * versions, as long as they are still there.
 */
final class ElasticWeights {

    static final String REPAIRING = "sparsegpt";
    /** Widest width that a search tries where there is a choice. */
    private static final int WIDEST_BITS = 8;

    private final JobContext context;

    ElasticWeights(JobContext context) {
        this.context = context;
    }

    /**
     * What there is.
     *
     * @param result what the pruner built
     * @param builtBy the earlier job that it was built for; empty where for this one
     */
    record Built(BuildElasticWeightsResult result, Optional<String> builtBy) {

        /** Versions of a bank; empty for level maps. */
        Optional<VersionGrid> grid() {
            return result.getForm() == ElasticForm.BANK ? Optional.of(new VersionGrid(result.getStepsList())) : Optional.empty();
        }
    }

    Built build(ProfileModelResult profile, DoubleConsumer progress) {
        Built built = builtOrKnown(profile, progress);
        if (built.grid().isPresent() && context.run().taskResult(KnownBank.ORIGIN).isEmpty()) {
            context.run().remember(KnownBank.ORIGIN, Any.pack(built.result()));
        }
        return built;
    }

    private Built builtOrKnown(ProfileModelResult profile, DoubleConsumer progress) {
        BuildElasticWeightsRequest.Builder request = BuildElasticWeightsRequest.newBuilder().setJob(context.name()).setModel(context.model().getManifest())
                .setStatistics(profile.getStatistics()).setMethod(context.request().getMethod()).addAllInclude(context.request().getIncludeList());
        if (!context.request().getMethod().equals(REPAIRING)) {
            return new Built(built(request, progress), Optional.empty());
        }
        request.setSamples(profile.getSearch()).addAllSteps(grid().steps());
        String content = content(request);
        Optional<KnownBank> known = context.run().knownBank(content).filter(bank -> context.artifacts().exists(bank.result().getElastic().getSha256()));
        if (known.isPresent()) {
            progress.accept(1);
            String job = known.get().job();
            return new Built(known.get().result(), job.equals(context.name()) ? Optional.empty() : Optional.of(job));
        }
        BuildElasticWeightsResult result = built(request, progress);
        if (result.getForm() == ElasticForm.BANK) {
            context.run().rememberBank(content, result);
        }
        return new Built(result, Optional.empty());
    }

    private BuildElasticWeightsResult built(BuildElasticWeightsRequest.Builder request, DoubleConsumer progress) {
        return context.tasks().result("elastic", BuildElasticWeightsResult.class,
                id -> context.workers().pruner().buildElasticWeights(request.setRequestId(id).build()), progress);
    }

    /**
     * Versions that reach the sparsity which the budget takes, with caches as wide as the search tries them. A front is searched on the
     * usual ones, and a point of it means those.
     */
    private VersionGrid grid() {
        if (!context.request().getFromJob().isEmpty()) {
            return VersionGrid.USUAL;
        }
        Projection projection = context.projection();
        ModelCost cost = projection.cost();
        int[] widths = new int[cost.cacheLayers().size()];
        Arrays.fill(widths, WIDEST_BITS);
        ElasticPlan uniform = projection.project(new double[cost.weights().size()], widths, widths);
        double sparsest = 0;
        for (int i = 0; i < uniform.weights().size(); i++) {
            sparsest = Math.max(sparsest, cost.counts().get(i).sparsity(uniform.weights().get(i).step()));
        }
        return VersionGrid.reaching(sparsest);
    }

    private static String content(BuildElasticWeightsRequest.Builder request) {
        return Sha256.of(String.join("\n", request.getModel().getSha256(), request.getSamples().getSamples().getSha256(), request.getMethod(),
                request.getStepsList() + String.join(",", request.getIncludeList())).getBytes(StandardCharsets.UTF_8));
    }
}
