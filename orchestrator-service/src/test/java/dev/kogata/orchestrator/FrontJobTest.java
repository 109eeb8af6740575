package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Workload;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that search for the front of bytes against loss, what is delivered of it, and what is estimated from journals. */
class FrontJobTest {

    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of());
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    private JobRequest.Builder pareto() {
        return mesh.request().clearBudget().setPareto(true).setTrials(40).setWorkload(Workload.newBuilder().setContext(16));
    }

    @Test
    void endsInAFrontOfWhichAnyPointIsDeliveredWithoutASearch() {
        Job front = mesh.ended(mesh.create(pareto()).getName());
        assertThat(front.getState()).as(front.getMessage()).isEqualTo(JobState.SUCCEEDED);
        JsonNode document = mesh.document(front.getName(), "front.json");
        JsonNode points = document.get("points");
        assertThat(points.size()).isGreaterThan(3);
        for (int i = 1; i < points.size(); i++) {
            assertThat(points.get(i).get("point").asInt()).isEqualTo(i);
            assertThat(points.get(i).get("bytes").asLong()).isGreaterThan(points.get(i - 1).get("bytes").asLong());
            assertThat(points.get(i).get("search_kl").asDouble()).isLessThan(points.get(i - 1).get("search_kl").asDouble());
        }
        assertThat(document.get("hypervolume").asDouble()).isBetween(0.1, 1.0);
        assertThat(document.get("progress")).last().satisfies(last -> assertThat(last.get("hypervolume")).isEqualTo(document.get("hypervolume")));
        assertThat(new String(mesh.file(front.getName(), "report.html"), StandardCharsets.UTF_8)).contains("Hypervolume").doesNotContain("/*report*/", "/*script*/");

        int wanted = points.size() / 2;
        Job job = mesh.ended(mesh.create(JobRequest.newBuilder().setFromJob(front.getName()).setPoint(wanted).setFinal("as-searched")).getName());
        assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
        JsonNode plan = mesh.document(job.getName(), "plan.json");
        assertThat(plan.get("bytes")).isEqualTo(points.get(wanted).get("bytes"));
        assertThat(plan.get("budget_bytes")).isEqualTo(plan.get("bytes"));
        assertThat(plan.get("trial")).isEqualTo(points.get(wanted).get("trial"));
        String id = job.getName().substring("jobs/".length());
        assertThat(mesh.workers.operations.begun).noneMatch(task -> task.startsWith(id) && (task.contains("/trial/") || task.endsWith("/profile")));
        assertThat(mesh.document(job.getName(), "report.json").get("heldout").fieldNames()).toIterable().contains("uniform", "uniform-repaired", "owl");
    }

    @Test
    void refusesWhatHasNoFrontAndNoSuchPoint() {
        Job plain = mesh.ended(mesh.create(mesh.request()).getName());
        assertThatThrownBy(() -> mesh.create(JobRequest.newBuilder().setFromJob(plain.getName()))).hasMessageContaining("has no front");
        Job front = mesh.ended(mesh.create(pareto().setTrials(12)).getName());
        assertThatThrownBy(() -> mesh.create(JobRequest.newBuilder().setFromJob(front.getName()).setPoint(500))).hasMessageContaining("has the points 0 to");
        assertThatThrownBy(() -> mesh.create(JobRequest.newBuilder().setFromJob(front.getName()).setTrials(9))).hasMessageContaining("only from_job, point and final");
        assertThatThrownBy(() -> mesh.create(mesh.request().setPoint(2))).hasMessageContaining("goes with from_job");
        assertThatThrownBy(() -> mesh.create(mesh.request().setPareto(true))).hasMessageContaining("has no budget");
        assertThatThrownBy(() -> mesh.create(pareto().setSearch("random"))).hasMessageContaining("by tpe");
    }

    @Test
    void aFrontGoesOnWithMoreTrialsWhereOneSearchOfAllEnds() {
        Job first = mesh.ended(mesh.create(pareto().setTrials(20)).getName());
        Job more = mesh.ended(mesh.orchestrator.continueJob(dev.kogata.orchestrator.v1.ContinueJobRequest.newBuilder().setName(first.getName()).setTrials(10).build()).getName());
        Job atOnce = mesh.ended(mesh.create(pareto().setTrials(30)).getName());
        assertThat(mesh.document(more.getName(), "front.json").get("points")).isEqualTo(mesh.document(atOnce.getName(), "front.json").get("points"));
    }

    @Test
    void whatIfAnswersFromTheJournalAndSaysThatItIsAnEstimate() {
        Job front = mesh.ended(mesh.create(pareto()).getName());
        JsonNode points = mesh.document(front.getName(), "front.json").get("points");
        JsonNode point = points.get(2);
        WhatIfResponse there = whatIf(front, Budget.newBuilder().setBytes(point.get("bytes").asLong()));
        assertThat(there.getEstimatedKl()).isCloseTo(point.get("search_kl").asDouble(), within(1e-12));
        assertThat(there.getEstimate()).isTrue();
        assertThat(there.getHow()).contains("nothing was measured");

        Job plain = mesh.ended(mesh.create(mesh.request().setTrials(40).setWorkload(Workload.newBuilder().setContext(16)).setBudget(Budget.newBuilder().setRatio(0.5))).getName());
        int begun = mesh.workers.operations.begun.size();
        double atIts = whatIf(plain, Budget.newBuilder().setRatio(0.5)).getEstimatedKl();
        assertThat(atIts).isCloseTo(plain.getBestLoss(), within(1e-9));
        assertThat(whatIf(plain, Budget.newBuilder().setRatio(0.4)).getEstimatedKl()).isGreaterThan(atIts);
        assertThat(whatIf(plain, Budget.newBuilder().setRatio(0.7)).getEstimatedKl()).isLessThan(atIts);
        assertThat(mesh.workers.operations.begun).as("nothing is measured").hasSize(begun);
        assertThatThrownBy(() -> whatIf(plain, Budget.newBuilder().setRatio(0.01))).hasMessageContaining("cannot be met");
        Job rule = mesh.ended(mesh.create(mesh.request().setTrials(2)).getName());
        assertThatThrownBy(() -> whatIf(rule, Budget.newBuilder().setRatio(0.5))).hasMessageContaining("says nothing of other budgets");
    }

    @Test
    void whatIfOfASearchOnABankReadsItsProbesInTheBanksVersions() {
        mesh.workers.banks = true;
        Job job = mesh.ended(mesh.create(mesh.request().setTrials(40).setMethod("sparsegpt").setWorkload(Workload.newBuilder().setContext(16)).setBudget(Budget.newBuilder().setRatio(0.5))).getName());
        assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
        double atIts = whatIf(job, Budget.newBuilder().setRatio(0.5)).getEstimatedKl();
        assertThat(atIts).isCloseTo(job.getBestLoss(), within(1e-9));
        assertThat(whatIf(job, Budget.newBuilder().setRatio(0.7)).getEstimatedKl()).isLessThan(atIts);
    }

    private WhatIfResponse whatIf(Job job, Budget.Builder budget) {
        return mesh.orchestrator.whatIf(WhatIfRequest.newBuilder().setName(job.getName()).setBudget(budget).build());
    }
}
