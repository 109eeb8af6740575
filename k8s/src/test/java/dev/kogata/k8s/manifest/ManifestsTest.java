package dev.kogata.k8s.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.kit.worker.WorkerEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of every overlay, without a cluster. */
class ManifestsTest {
    /** The one place of images and versions. */
    private static final String IMAGES = "k8s/components/images/kustomization.yaml";

    static Stream<Rendering> renderings() {
        return Rendering.all();
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void whatIsCheckedIsWhatKustomizeRenders(Rendering rendering) throws Exception {
        Optional<String> fresh = rendering.fresh();
        assertThat(fresh.isPresent() || System.getenv("KOGATA_TEST_KUBECTL") == null).isTrue();
        if (fresh.isPresent()) {
            ObjectMapper yaml = new com.fasterxml.jackson.dataformat.yaml.YAMLMapper();
            List<JsonNode> now = new ArrayList<>();
            yaml.readerFor(JsonNode.class).<JsonNode>readValues(fresh.get()).forEachRemaining(now::add);
            assertThat(now).as("kubectl kustomize k8s/%s > %s", rendering.overlay(), rendering.committed()).isEqualTo(rendering.resources());
        }
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everyFieldIsOneThatKubernetesKnows(Rendering rendering) {
        for (JsonNode resource : rendering.resources()) {
            assertThat(StrictFields.faults(resource)).as("%s %s", resource.get("kind"), resource.at("/metadata/name")).isEmpty();
        }
    }

    @Test
    void aFieldThatNobodyKnowsIsFound() {
        Rendering everything = new Rendering("everything", "");
        for (String kind : List.of("Deployment", "ScaledJob", "Service", "TriggerAuthentication", "PodMonitor", "PrometheusRule", "ClusterQueue", "LocalQueue")) {
            ObjectNode resource = everything.of(kind).get(0).deepCopy();
            ((ObjectNode) resource.get("spec")).put("replicsa", 1);
            assertThat(StrictFields.faults(resource)).as(kind).anyMatch(fault -> fault.contains("replicsa"));
        }
        ObjectNode deep = everything.of("ScaledJob").get(0).deepCopy();
        ((ObjectNode) deep.at("/spec/jobTargetRef/template/spec/containers/0")).put("imagePullPolice", "Never");
        assertThat(StrictFields.faults(deep)).anyMatch(fault -> fault.contains("imagePullPolice"));
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void noPodIsRootWritesItsRootOrTakesAsMuchAsItLikes(Rendering rendering) {
        for (JsonNode pod : rendering.pods()) {
            assertThat(pod.at("/spec/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/spec/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            // Only the orchestrator has a token for the cluster's API.
            assertThat(pod.at("/spec/automountServiceAccountToken").asBoolean(true)).isEqualTo(pod.at("/spec/serviceAccountName").asText().equals("orchestrator"));
            assertThat(pod.at("/spec/hostNetwork").isMissingNode() && pod.at("/spec/volumes/0/hostPath").isMissingNode()).isTrue();
        }
        for (JsonNode container : rendering.containers()) {
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).as(container.toString()).isTrue();
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(container.at("/securityContext/capabilities/drop/0").asText()).isEqualTo("ALL");
            assertThat(List.of("/resources/requests/cpu", "/resources/requests/memory", "/resources/limits/memory")).allMatch(path -> !container.at(path).isMissingNode());
            assertThat(List.of("startupProbe", "livenessProbe", "readinessProbe")).allMatch(container::has);
        }
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everyImageHasAVersionInTheOnePlaceOfVersions(Rendering rendering) throws IOException {
        String place = Files.readString(Rendering.ROOT.resolve(IMAGES));
        for (JsonNode container : rendering.containers()) {
            String[] image = container.get("image").asText().split(":");
            assertThat(image).hasSize(2);
            assertThat(image[1]).isNotEqualTo("latest");
            assertThat(place).contains("- {name: " + image[0] + ", newTag: " + image[1] + "}");
        }
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everySelectorFindsPodsAndEveryPortIsOneOfTheirs(Rendering rendering) {
        for (JsonNode service : rendering.of("Service")) {
            List<JsonNode> found = selected(rendering, service.at("/spec/selector"));
            assertThat(found).as("%s", service.at("/metadata/name")).hasSize(1);
            service.at("/spec/ports").forEach(port -> assertThat(found.get(0).at("/spec/containers/0/ports")).anyMatch(each -> each.get("name").equals(port.get("targetPort"))));
        }
        Stream.of("PodDisruptionBudget", "NetworkPolicy").flatMap(kind -> rendering.of(kind).stream()).forEach(each -> {
            JsonNode selector = each.at(each.get("kind").asText().equals("NetworkPolicy") ? "/spec/podSelector" : "/spec/selector");
            assertThat(selected(rendering, selector.path("matchLabels"))).as(each.toString()).isNotEmpty();
        });
        for (String kind : List.of("Deployment", "StatefulSet")) {
            rendering.of(kind).forEach(each -> each.at("/spec/selector/matchLabels").fields()
                    .forEachRemaining(label -> assertThat(each.at("/spec/template/metadata/labels").get(label.getKey())).isEqualTo(label.getValue())));
        }
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everyVariableIsReadByTheCode(Rendering rendering) throws IOException {
        String told = Files.readString(Rendering.ROOT.resolve("docs/operations.md")) + Files.readString(Rendering.ROOT.resolve("docs/configuration.md"))
                + Files.readString(Rendering.ROOT.resolve("service-kit/src/main/resources/META-INF/microprofile-config.properties")) + Files.readString(Rendering.ROOT.resolve("k8s/images/postgres.sh"));
        for (String variable : variables(rendering).keySet()) {
            if (variable.startsWith("KOGATA_")) {
                assertThat(Settings.isRead(variable)).as(variable).isTrue();
            } else {
                String property = variable.toLowerCase(java.util.Locale.ROOT).replace('_', '.');
                assertThat(told.contains(variable) || told.replace('-', '.').contains(property)).as(variable).isTrue();
            }
        }
        assertThat(Settings.isRead("KOGATA_TASK_LEASE")).isTrue();
        assertThat(Settings.isRead("KOGATA_TASK_LEESE")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everyAddressIsAServiceOnItsPort(Rendering rendering) {
        Set<String> known = new TreeSet<>();
        rendering.of("Service").forEach(service -> service.at("/spec/ports").forEach(port -> known.add(service.at("/metadata/name").asText() + ":" + port.get("port"))));
        Map<String, String> variables = variables(rendering);
        for (String service : List.of("PROFILER", "PRUNER", "QUANTIZER", "EVALUATOR", "ORCHESTRATOR")) {
            assertThat(known).contains(variables.get("KOGATA_" + service + "_ADDRESS"));
        }
        Set<String> types = new TreeSet<>();
        for (JsonNode workers : rendering.workers()) {
            JsonNode trigger = workers.at("/spec/triggers/0/metadata");
            String type = (trigger.isMissingNode() ? workers.at("/metadata/labels/kogata.dev~1task-type") : trigger.get("taskType")).asText();
            if (!trigger.isMissingNode()) {
                assertThat(known).contains(trigger.get("scalerAddress").asText().replace("." + workers.at("/metadata/namespace").asText() + ":", ":"));
            }
            String service = Rendering.job(workers).at("/template/spec/containers/0/image").asText().replaceAll("kogata/([a-z]+)(-gpu)?:.*", "$1");
            assertThat(source(service)).contains("TYPE = \"" + type + "\"");
            types.add(type);
        }
        assertThat(types).containsExactly("evaluate", "profile", "prune", "quantize");
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void noSecretIsInAManifest(Rendering rendering) {
        assertThat(rendering.of("Secret")).isEmpty();
        variables(rendering).forEach((name, value) -> {
            if (name.matches(".*(PASSWORD|TOKEN|SECRET|KEY)S?$")) {
                assertThat(value).as(name).startsWith("/etc/kogata/");
            }
        });
        assertThat(variables(rendering).get("KOGATA_DATABASE_URL")).doesNotContain("password");
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
            assertThat(variables(rendering)).containsEntry("KOGATA_WORKER_PROVIDER", "cuda");
            assertThat(rendering.of("Deployment")).noneMatch(each -> each.toString().contains("gpu"));
        }
        assertThat(variables(new Rendering("production", ""))).doesNotContainKey("KOGATA_WORKER_PROVIDER");
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

    private static List<JsonNode> selected(Rendering rendering, JsonNode labels) {
        return rendering.pods().stream().filter(pod -> {
            boolean all = true;
            for (var label : labels.properties()) {
                all &= label.getValue().equals(pod.at("/metadata/labels").get(label.getKey()));
            }
            return all;
        }).toList();
    }

    /** Variables with a value in a manifest, by name. */
    private static Map<String, String> variables(Rendering rendering) {
        Map<String, String> variables = new LinkedHashMap<>();
        rendering.of("ConfigMap").forEach(map -> map.get("data").properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue().asText())));
        rendering.containers().forEach(container -> container.path("env").forEach(variable -> {
            if (variable.has("value")) {
                variables.put(variable.get("name").asText(), variable.get("value").asText());
            }
        }));
        return variables;
    }

    private static String source(String service) {
        String worker = Character.toUpperCase(service.charAt(0)) + service.substring(1) + "Worker.java";
        try {
            return Files.readString(Rendering.ROOT.resolve(service + "-service/src/main/java/dev/kogata/" + service + "/" + worker));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
