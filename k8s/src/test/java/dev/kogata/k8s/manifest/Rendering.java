package dev.kogata.k8s.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An overlay as kustomize renders it. What is checked is the committed rendering, so that a build needs no kustomize; where there is one, it is
 * compared.
 *
 * @param name of the rendering
 * @param overlay its folder below {@code k8s}
 */
record Rendering(String name, String overlay) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, String> WORKERS = Map.of("ScaledJob", "/spec/jobTargetRef", "CronJob", "/spec/jobTemplate/spec");
    static final Path ROOT = Path.of(System.getProperty("kogata.root")).toAbsolutePath();

    static Stream<Rendering> all() {
        return Stream.of(new Rendering("dev", "overlays/dev"), new Rendering("production", "overlays/production"), new Rendering("everything", "src/test/kustomize/everything"),
                new Rendering("dev-without-keda", "overlays/dev-without-keda"), new Rendering("without-keda", "src/test/kustomize/without-keda"));
    }

    Path committed() {
        return ROOT.resolve("k8s/src/test/resources/rendered/" + name + ".yaml");
    }

    /** Everything in it, as documents. */
    List<JsonNode> resources() {
        try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(committed().toFile())) {
            return all.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<JsonNode> of(String kind) {
        return resources().stream().filter(each -> each.get("kind").asText().equals(kind)).toList();
    }

    /** Templates of all pods. */
    List<JsonNode> pods() {
        List<JsonNode> pods = new ArrayList<>();
        for (JsonNode each : resources()) {
            JsonNode template = WORKERS.containsKey(each.get("kind").asText()) ? job(each).get("template") : each.at("/spec/template");
            if (!template.isMissingNode()) {
                pods.add(template);
            }
        }
        return pods;
    }

    /** What workers' Jobs are made of: KEDA's, or the templates of those that the orchestrator starts. */
    List<JsonNode> workers() {
        return resources().stream().filter(each -> WORKERS.containsKey(each.get("kind").asText())).toList();
    }

    /** The specification of workers' Jobs in such a resource. */
    static JsonNode job(JsonNode workers) {
        return workers.at(WORKERS.get(workers.get("kind").asText()));
    }

    List<JsonNode> containers() {
        List<JsonNode> containers = new ArrayList<>();
        pods().forEach(pod -> pod.at("/spec/containers").forEach(containers::add));
        return containers;
    }

    /** Templates of the pods that have these labels. */
    List<JsonNode> selected(JsonNode labels) {
        return pods().stream().filter(pod -> {
            boolean all = true;
            for (var label : labels.properties()) {
                all &= label.getValue().equals(pod.at("/metadata/labels").get(label.getKey()));
            }
            return all;
        }).toList();
    }

    /** Variables with a value in a manifest, by name. */
    Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        of("ConfigMap").forEach(map -> map.get("data").properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue().asText())));
        containers().forEach(container -> container.path("env").forEach(variable -> {
            if (variable.has("value")) {
                variables.put(variable.get("name").asText(), variable.get("value").asText());
            }
        }));
        return variables;
    }

    /** What kustomize says now; empty where this machine has none. */
    Optional<String> fresh() throws IOException, InterruptedException {
        Optional<Path> kubectl = kubectl();
        if (kubectl.isEmpty()) {
            return Optional.empty();
        }
        Process process = new ProcessBuilder(kubectl.get().toString(), "kustomize", ROOT.resolve("k8s").resolve(overlay).toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(overlay + " cannot be rendered");
        }
        return Optional.of(text);
    }

    private static Optional<Path> kubectl() {
        String named = System.getenv("KOGATA_TEST_KUBECTL");
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        return Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, "kubectl")).filter(Files::isExecutable).findFirst();
    }

    @Override
    public String toString() {
        return name;
    }
}
