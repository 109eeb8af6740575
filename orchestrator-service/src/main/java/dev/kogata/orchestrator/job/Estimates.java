package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Weight;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.ReachableBytes;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.JobEstimate;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Usage;
import java.util.List;

/** What a job would cost: bytes and memory by counting, time by what earlier jobs of the same model took. Stateless. */
final class Estimates {

    private Estimates() {
    }

    /**
     * The estimate.
     *
     * @param request with every default filled in
     * @param projection of the request's budget on the model
     */
    static JobEstimate of(JobRequest request, Inspection model, Projection projection, JobHistory.Seconds seconds, Usage usage) {
        ReachableBytes reachable = Projection.reachable(projection.cost());
        JobEstimate.Builder estimate = JobEstimate.newBuilder()
                .setDenseBytes(projection.cost().denseBytes()).setBudgetBytes(request.getPareto() ? 0 : Plans.budgetBytes(projection))
                .setMinimumBytes(reachable.minimum()).setMaximumBytes(reachable.maximum())
                .setTrials(request.getTrials()).setMeasuredTrials(seconds.trials().size())
                .setMemoryBytes(memory(model, projection, request.getWorkload().getBatch()));
        if (usage.getTrialsLimit() > 0) {
            estimate.setTrialsLeft(Math.max(0, usage.getTrialsLimit() - usage.getTrials()));
            if (usage.getTrials() + request.getTrials() > usage.getTrialsLimit()) {
                estimate.addNotes("The job asks for more trials than your tenant may start now.");
            }
        }
        time(request, seconds, estimate);
        return estimate.addNotes("Memory is the least a worker needs; ONNX Runtime's activations come on top and are not estimated.").build();
    }

    private static void time(JobRequest request, JobHistory.Seconds seconds, JobEstimate.Builder estimate) {
        if (seconds.trials().isEmpty()) {
            estimate.addNotes("No trial of this model was measured yet, so that its time is unknown; a job of a few trials tells it.");
            return;
        }
        double trial = median(seconds.trials());
        estimate.setTrialSeconds(trial).setSearchSeconds(trial * request.getTrials());
        if (seconds.others().isEmpty()) {
            estimate.addNotes("No job of this model has succeeded yet, so that the time of profiling, final passes and verification is unknown.");
            return;
        }
        double other = median(seconds.others());
        estimate.setOtherSeconds(other).setTotalSeconds(estimate.getSearchSeconds() + other)
                .addNotes("Times are medians of earlier jobs, with their data, their other settings and their waiting for workers; one trial at a time.");
    }

    /** Tensors, a level for every weight element, and the dense cache of one sequence. */
    private static long memory(Inspection model, Projection projection, int batch) {
        var dense = projection.cost().dense();
        long elements = model.getWeightsList().stream().mapToLong(Estimates::elements).sum();
        return dense.untouched() + dense.weights() + elements + dense.cache() / Math.max(1, batch);
    }

    private static long elements(Weight weight) {
        return weight.getRows() * weight.getColumns();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
