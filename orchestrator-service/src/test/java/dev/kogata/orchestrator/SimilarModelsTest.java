package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.common.v1.Manifest;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches that start with the plans of similar models. */
class SimilarModelsTest {

    @TempDir
    Path folder;

    @Test
    void startFromTheBestPlanOfAnotherModelOfAsManyLayersAndNeverFromTheirOwn() throws Exception {
        try (Mesh mesh = new Mesh(folder, Map.of())) {
            Job first = mesh.ended(mesh.create(mesh.request()).getName());
            Job again = mesh.ended(mesh.create(mesh.request()).getName());
            assertThat(similar(mesh, first)).isEmpty();
            assertThat(similar(mesh, again)).as("the same job twice is the same job").isEmpty();
            assertThat(mesh.document(again.getName(), "plan.json")).isEqualTo(mesh.document(first.getName(), "plan.json"));

            Job other = mesh.ended(mesh.create(mesh.request().setModel(otherModel(mesh))).getName());
            assertThat(other.getState()).as(other.getMessage()).isEqualTo(JobState.SUCCEEDED);
            assertThat(similar(mesh, other)).hasSize(1).allSatisfy(trial -> assertThat(trial.loss()).isLessThan(1.1 * first.getBestLoss()));
            assertThat(mesh.document(other.getName(), "report.json").get("heldout").has("similar")).isTrue();
        }
    }

    private static List<Trial> similar(Mesh mesh, Job job) {
        return mesh.journal(job.getName()).stream().filter(trial -> trial.origin().equals("similar")).toList();
    }

    private static String otherModel(Mesh mesh) {
        var file = mesh.artifacts.put("another model".getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
        var manifest = new Manifests(mesh.artifacts).write(Manifest.newBuilder().addFiles(Manifests.entry(FakeModel.FILE, file)).build());
        return mesh.orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(manifest).build()).getName();
    }
}
