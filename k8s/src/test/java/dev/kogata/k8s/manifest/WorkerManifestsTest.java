package dev.kogata.k8s.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.kit.worker.WorkerEnd;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of workers in every overlay, whoever starts them. */
class WorkerManifestsTest {
    static Stream<Rendering> renderings() {
        return Rendering.all();
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void workersHoldNoDatabase(Rendering rendering) {
        assertThat(rendering.workers()).hasSize(4).noneMatch(workers -> workers.toString().contains("kogata-database"));
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void workersAreStartedByExactlyOneAndItMayDoSo(Rendering rendering) {
        JsonNode starter = null;
        for (JsonNode container : rendering.containers()) {
            for (JsonNode variable : container.path("env")) {
                starter = variable.get("name").asText().equals("KOGATA_KUBERNETES_WORKERS") ? variable.get("value") : starter;
            }
        }
        String rules = rendering.of("Role").get(0).get("rules").toString();
        if (starter.asText().equals("jobs")) {
            assertThat(rendering.of("ScaledJob")).isEmpty();
            assertThat(rendering.of("TriggerAuthentication")).isEmpty();
            assertThat(rendering.of("CronJob")).hasSize(4).allMatch(template -> template.at("/spec/suspend").asBoolean())
                    .allMatch(template -> template.at("/spec/jobTemplate/metadata/annotations/kogata.dev~1max-workers").asText().matches("[1-9][0-9]*"));
            assertThat(rules).contains("\"jobs\"").contains("\"create\"").contains("\"cronjobs\"");
        } else {
            assertThat(starter.asText()).isEqualTo("keda");
            assertThat(rendering.of("ScaledJob")).hasSize(4);
            assertThat(rules).doesNotContain("create");
        }
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void aJobOfWorkersEndsRightWhateverEndsIt(Rendering rendering) {
        for (JsonNode workers : rendering.workers()) {
            JsonNode job = Rendering.job(workers);
            assertThat(job.get("ttlSecondsAfterFinished").asInt()).isPositive();
            JsonNode rules = job.at("/podFailurePolicy/rules");
            assertThat(rules.get(0).get("action").asText()).isEqualTo("FailJob");
            assertThat(rules.get(0).at("/onExitCodes/values")).extracting(JsonNode::asInt)
                    .containsExactly(WorkerEnd.REFUSED.exitCode(), WorkerEnd.MISCONFIGURED.exitCode());
            assertThat(rules.get(1).get("action").asText()).isEqualTo("Ignore");
            assertThat(rules.get(1).at("/onPodConditions/0/type").asText()).isEqualTo("DisruptionTarget");
            assertThat(job.at("/template/spec/terminationGracePeriodSeconds").asInt()).isGreaterThan(20);
        }
    }

    @Test
    void workersOnGpusAskForOneAndAreTheImagesThatCanUseIt() {
        for (Rendering rendering : List.of(new Rendering("everything", ""), new Rendering("without-keda", ""))) {
            for (JsonNode workers : rendering.workers()) {
                JsonNode pod = Rendering.job(workers).at("/template/spec");
                assertThat(pod.at("/containers/0/resources/limits/nvidia.com~1gpu").asText()).isEqualTo("1");
                assertThat(pod.at("/containers/0/image").asText()).contains("-gpu:");
                assertThat(pod.get("tolerations")).anyMatch(each -> each.get("key").asText().equals("nvidia.com/gpu"));
            }
            assertThat(rendering.variables()).containsEntry("KOGATA_WORKER_PROVIDER", "cuda");
            assertThat(rendering.of("Deployment")).noneMatch(each -> each.toString().contains("gpu"));
        }
        assertThat(new Rendering("production", "").variables()).doesNotContainKey("KOGATA_WORKER_PROVIDER");
    }

    @Test
    void theQueueCoversWhateverWorkersAskFor() {
        Rendering everything = new Rendering("everything", "");
        JsonNode group = everything.of("ClusterQueue").get(0).at("/spec/resourceGroups/0");
        Set<String> covered = new TreeSet<>();
        group.get("coveredResources").forEach(each -> covered.add(each.asText()));
        assertThat(group.at("/flavors/0/resources")).extracting(each -> each.get("name").asText()).containsExactlyInAnyOrderElementsOf(covered);
        for (JsonNode workers : everything.workers()) {
            JsonNode resources = Rendering.job(workers).at("/template/spec/containers/0/resources");
            Stream.of("requests", "limits").forEach(part -> resources.get(part).fieldNames().forEachRemaining(name -> assertThat(covered).contains(name)));
            assertThat(workers.at("/metadata/labels/kueue.x-k8s.io~1queue-name")).isEqualTo(everything.of("LocalQueue").get(0).at("/metadata/name"));
        }
    }
}
