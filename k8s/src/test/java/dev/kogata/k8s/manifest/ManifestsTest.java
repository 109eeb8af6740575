package dev.kogata.k8s.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
            List<JsonNode> found = rendering.selected(service.at("/spec/selector"));
            assertThat(found).as("%s", service.at("/metadata/name")).hasSize(1);
            service.at("/spec/ports").forEach(port -> assertThat(found.get(0).at("/spec/containers/0/ports")).anyMatch(each -> each.get("name").equals(port.get("targetPort"))));
        }
        Stream.of("PodDisruptionBudget", "NetworkPolicy").flatMap(kind -> rendering.of(kind).stream()).forEach(each -> {
            JsonNode selector = each.at(each.get("kind").asText().equals("NetworkPolicy") ? "/spec/podSelector" : "/spec/selector");
            assertThat(rendering.selected(selector.path("matchLabels"))).as(each.toString()).isNotEmpty();
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
        for (String variable : rendering.variables().keySet()) {
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
        Map<String, String> variables = rendering.variables();
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
        rendering.variables().forEach((name, value) -> {
            if (name.matches(".*(PASSWORD|TOKEN|SECRET|KEY)S?$")) {
                assertThat(value).as(name).startsWith("/etc/kogata/");
            }
        });
        assertThat(rendering.variables().get("KOGATA_DATABASE_URL")).doesNotContain("password");
    }

    @ParameterizedTest
    @MethodSource("renderings")
    void everyPortIsOneThatSomebodyListensOn(Rendering rendering) {
        Map<String, String> variables = rendering.variables();
        for (JsonNode workers : rendering.workers()) {
            JsonNode container = Rendering.job(workers).at("/template/spec/containers/0");
            assertThat(container.at("/ports/0/containerPort").asText()).isEqualTo(variables.get("KOGATA_WORKER_HTTP_PORT"));
            assertThat(container.get("command")).extracting(JsonNode::asText).containsExactly("java", "@/kogata/worker");
        }
        for (JsonNode container : rendering.containers()) {
            Set<String> ports = new TreeSet<>();
            container.get("ports").forEach(port -> ports.add(port.get("name").asText()));
            Stream.of("startupProbe", "livenessProbe", "readinessProbe").map(container::get).filter(probe -> !probe.has("exec"))
                    .forEach(probe -> assertThat(ports).contains((probe.has("httpGet") ? probe.get("httpGet") : probe.get("tcpSocket")).get("port").asText()));
        }
        Set<Integer> listened = new TreeSet<>();
        rendering.containers().forEach(container -> container.get("ports").forEach(port -> listened.add(port.get("containerPort").asInt())));
        rendering.of("NetworkPolicy").forEach(policy -> policy.at("/spec/ingress").forEach(rule -> rule.path("ports").forEach(port -> assertThat(listened).contains(port.get("port").asInt()))));
        rendering.of("PodMonitor").forEach(monitor -> {
            List<JsonNode> pods = rendering.selected(monitor.at("/spec/selector/matchLabels"));
            assertThat(pods).isNotEmpty().allSatisfy(pod -> assertThat(pod.at("/spec/containers/0/ports")).anyMatch(port -> port.get("name").equals(monitor.at("/spec/podMetricsEndpoints/0/port"))));
        });
    }

    @Test
    void everyAlertAsksForNumbersThatTheCodeHasAndIsExplained() throws IOException {
        Set<String> known = new TreeSet<>();
        for (String module : List.of("service-kit", "orchestrator-service", "gateway")) {
            try (Stream<Path> files = Files.walk(Rendering.ROOT.resolve(module + "/src/main/java"))) {
                for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    Pattern.compile("\"(kogata\\.[a-z.]+)\"").matcher(Files.readString(file)).results().forEach(found -> known.add(found.group(1).replace('.', '_')));
                }
            }
        }
        String told = Files.readString(Rendering.ROOT.resolve("docs/operations.md"));
        JsonNode rules = new Rendering("everything", "").of("PrometheusRule").get(0).at("/spec/groups/0/rules");
        assertThat(rules).isNotEmpty();
        for (JsonNode rule : rules) {
            assertThat(told).contains("`" + rule.get("alert").asText() + "`");
            assertThat(unknown(rule.get("expr").asText(), known)).as(rule.get("alert").asText()).isEmpty();
        }
        assertThat(unknown(Files.readString(Rendering.ROOT.resolve("monitoring/grafana-dashboard.json")), known)).isEmpty();
        assertThat(unknown("kogata_jbos > 0", known)).containsExactly("kogata_jbos");
    }

    /** Numbers of Kogata's that an expression names and no code has; endings are Prometheus' own and Micrometer's. */
    private static List<String> unknown(String expression, Set<String> known) {
        return Pattern.compile("\\bkogata_[a-z_]+").matcher(expression).results().map(MatchResult::group).distinct()
                .filter(name -> Stream.of("", "_total", "_count", "_sum", "_bucket", "_max", "_seconds", "_seconds_count", "_seconds_sum", "_seconds_bucket", "_seconds_max")
                        .noneMatch(ending -> name.endsWith(ending) && known.contains(name.substring(0, name.length() - ending.length())))).toList();
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
