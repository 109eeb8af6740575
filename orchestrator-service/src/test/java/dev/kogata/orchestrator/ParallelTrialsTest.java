package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.search.Granularity;
import dev.kogata.core.search.PlanSearch;
import dev.kogata.core.search.StartPlan;
import dev.kogata.core.search.TrialRecord;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several trials of one job at once. */
class ParallelTrialsTest {

    private static final Set<String> STARTS = Set.of("uniform", "arithmetic-progression", "owl", "sensitivity");

    @TempDir
    Path folder;

    @Test
    void measuresEachTrialOnceHoweverManyRunTogether() throws Exception {
        try (Mesh mesh = new Mesh(folder, Map.of("kogata.jobs.trials-at-once", "4"))) {
            Job job = mesh.ended(mesh.create(mesh.request()).getName());
            assertThat(job.getState()).isEqualTo(JobState.SUCCEEDED);
            assertThat(job.getFinishedTrials()).isEqualTo(20);
            assertThat(mesh.workers.operations.begun).doesNotHaveDuplicates().filteredOn(id -> id.contains("/trial/")).hasSize(20);
        }
    }

    @Test
    void givingUpOnPlansThatLoseChangesNoPlanOfTheSearch() throws Exception {
        try (Mesh mesh = new Mesh(folder, Map.of())) {
            Job stopping = mesh.ended(mesh.create(mesh.request().setTrials(70)).getName());
            mesh.workers.neverStop = true;
            Job whole = mesh.ended(mesh.create(mesh.request().setTrials(70)).getName());

            JsonNode history = mesh.document(stopping.getName(), "report.json").get("search").get("history");
            assertThat(history).filteredOn(trial -> trial.get("outcome").asText().equals("stopped")).isNotEmpty();
            assertThat(mesh.document(stopping.getName(), "plan.json")).isEqualTo(mesh.document(whole.getName(), "plan.json"));
            JsonNode expected = mesh.document(whole.getName(), "report.json").get("search").get("history");
            for (int i = 0; i < 70; i++) {
                assertThat(history.get(i).get("best_loss")).isEqualTo(expected.get(i).get("best_loss"));
                assertThat(history.get(i).get("bytes")).isEqualTo(expected.get(i).get("bytes"));
                assertThat(history.get(i).get("loss").asDouble()).as("trial %d", i).isLessThanOrEqualTo(expected.get(i).get("loss").asDouble());
            }
        }
    }

    @Test
    void theJournalAloneMakesEveryProposalAgainThatWasMadeWhileOthersRan() throws Exception {
        try (Mesh mesh = new Mesh(folder, Map.of("kogata.jobs.trials-at-once", "4"))) {
            Job job = mesh.ended(mesh.create(mesh.request().setSearch("random").setTrials(12)).getName());
            assertThat(job.getState()).isEqualTo(JobState.SUCCEEDED);
            Job tpe = mesh.ended(mesh.create(mesh.request().setTrials(40)).getName());

            List<Trial> journal = mesh.journal(tpe.getName()).stream().filter(trial -> trial.number() >= 0).toList();
            assertThat(journal).hasSize(40);
            Projection projection = Plans.projection(FakeModel.INSPECTION, tpe.getRequest().getWorkload(), tpe.getRequest().getBudget());
            // Everything that starts the search is in the journal too; from there on the sampler proposes.
            int starts = (int) journal.stream().filter(trial -> STARTS.contains(trial.origin())).count();
            PlanSearch search = new PlanSearch(projection, Granularity.LAYER, PlanSearch.Strategy.TPE, 11, fillers(starts, projection));
            int others = 0;
            for (Trial trial : journal.subList(starts, 40)) {
                List<TrialRecord> known = journal.stream().filter(other -> other.moments().asked() < trial.moments().asked())
                        .map(other -> other.moments().told() < trial.moments().asked() ? other.record(other.number()) : TrialRecord.running(other.number(), other.parameters())).toList();
                others += known.stream().anyMatch(other -> other.state() == TrialRecord.State.RUNNING) ? 1 : 0;
                assertThat(search.ask(trial.number(), known)).as("trial %d", trial.number()).isEqualTo(trial.parameters());
            }
            assertThat(others).as("proposals made while others ran").isGreaterThan(10);
        }
    }

    /** Start plans only count here, as many as the job had. */
    private static List<StartPlan> fillers(int starts, Projection projection) {
        int own = new PlanSearch(projection, Granularity.LAYER, PlanSearch.Strategy.TPE, 11, List.of()).startPlans();
        return java.util.Collections.nCopies(starts - own, new StartPlan("owl", List.of(0.0, 0.0, 0.0)));
    }
}
