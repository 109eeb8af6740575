package dev.kogata.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.evaluator.EvaluatorGrpcService;
import dev.kogata.gateway.GatewayWiring;
import dev.kogata.orchestrator.OrchestratorGrpcService;
import dev.kogata.profiler.ProfilerGrpcService;
import dev.kogata.pruner.PrunerGrpcService;
import dev.kogata.quantizer.QuantizerGrpcService;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;

/**
 * Models are untrusted: no JVM that serves anybody ever runs one in ONNX Runtime. From every class that Quarkus itself makes, no way leads, by
 * references between classes, to ONNX Runtime; from a worker one does.
 */
class ServicesRunNoModelTest {
    private static final String RUNTIME = "ai/onnxruntime/";
    private static final int CLASS_TAG = 7;

    @Test
    void noServiceReachesOnnxRuntime() throws Exception {
        List<String> roots = new ArrayList<>();
        for (Class<?> service : List.of(ProfilerGrpcService.class, PrunerGrpcService.class, QuantizerGrpcService.class, EvaluatorGrpcService.class,
                OrchestratorGrpcService.class, GatewayWiring.class)) {
            roots.addAll(madeByQuarkus(service));
        }
        assertThat(roots).hasSizeGreaterThan(20);
        assertThat(wayToRuntime(roots)).as("references that lead from a service to ONNX Runtime").isEmpty();
    }

    @Test
    void aWorkerReachesIt() throws IOException {
        assertThat(wayToRuntime(List.of("dev/kogata/evaluator/EvaluatorWorker"))).isNotEmpty();
    }

    /** Transport, wiring and resources: the entries of a service's application. */
    private static List<String> madeByQuarkus(Class<?> service) throws IOException, URISyntaxException {
        URI place = service.getProtectionDomain().getCodeSource().getLocation().toURI();
        if (place.getPath().endsWith(".jar")) {
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(place))) {
                return entries(jar.getPath("/"));
            }
        }
        return entries(Path.of(place));
    }

    private static List<String> entries(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString()).filter(name -> name.startsWith("dev/kogata/"))
                    .filter(name -> name.matches(".*(GrpcService|Wiring|Resource|Interceptor|Filter|Beans)\\.class")).map(name -> name.replace(".class", "")).toList();
        }
    }

    /** The shortest way from one of the classes to ONNX Runtime; empty where there is none. */
    private static List<String> wayToRuntime(List<String> roots) throws IOException {
        Map<String, String> from = new HashMap<>();
        Deque<String> waiting = new ArrayDeque<>();
        for (String root : roots) {
            from.put(root, "");
            waiting.add(root);
        }
        while (!waiting.isEmpty()) {
            String name = waiting.remove();
            for (String next : references(name)) {
                if (next.startsWith(RUNTIME)) {
                    List<String> way = new ArrayList<>(List.of(next));
                    for (String at = name; !at.isEmpty(); at = from.get(at)) {
                        way.add(0, at);
                    }
                    return way;
                }
                if (next.startsWith("dev/kogata/") && !next.contains("/v1/") && from.putIfAbsent(next, name) == null) {
                    waiting.add(next);
                }
            }
        }
        return List.of();
    }

    private static List<String> references(String name) throws IOException {
        try (InputStream in = ServicesRunNoModelTest.class.getClassLoader().getResourceAsStream(name + ".class")) {
            if (in == null) {
                return List.of();
            }
            ClassReader reader = new ClassReader(in);
            char[] buffer = new char[reader.getMaxStringLength()];
            List<String> names = new ArrayList<>();
            for (int item = 1; item < reader.getItemCount(); item++) {
                int at = reader.getItem(item);
                // An entry's offset is that of what follows its tag; long and double take two items, the second of which has none.
                if (at > 0 && reader.readByte(at - 1) == CLASS_TAG) {
                    names.add(reader.readUTF8(at, buffer).replaceAll("^\\[+L?|;$", ""));
                }
            }
            return names;
        }
    }
}
