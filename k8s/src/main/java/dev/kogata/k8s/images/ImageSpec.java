package dev.kogata.k8s.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One image.
 *
 * @param name last part of its name: {@code kogata/NAME}
 * @param title what it is, for people
 * @param applications what lies in it
 * @param starts files of JVM options by their absolute path: {@code java @PATH} starts that part
 * @param entry the one that the image itself starts
 * @param arguments what is added to it unless a user says otherwise
 * @param ports that the image's own process listens on
 */
record ImageSpec(String name, String title, List<PackagedApplication> applications, Map<String, String> starts, String entry, List<String> arguments, List<Integer> ports) {
    /** Where everything of Kogata's lies. */
    static final String ROOT = "/kogata";
    /** Starts the API of a service. */
    static final String SERVICE = ROOT + "/service";
    /** Starts the worker of a service. */
    static final String WORKER = ROOT + "/worker";

    /** Better a new container, which goes on from stored state, than a process that limps on. */
    private static final String COMMON = "-XX:+ExitOnOutOfMemoryError\n-XX:-UsePerfData\n-XX:+UseSerialGC\n-Dfile.encoding=UTF-8\n";
    private static final String CLASSES = "-cp " + ROOT + "/app/*:" + ROOT + "/lib/main/*:" + ROOT + "/lib/boot/*\n";

    /** All images, of what is packaged below the project's folder. */
    static List<ImageSpec> all(Path root) {
        List<ImageSpec> images = new ArrayList<>();
        images.add(service(root, "gateway", "gateway", "Kogata's gateway: REST, gRPC, uploads and the page", null));
        images.add(service(root, "orchestrator", "orchestrator-service", "Kogata's orchestrator: jobs, search and report", null));
        images.add(service(root, "profiler", "profiler-service", "Kogata's profiler: API and worker", "dev.kogata.profiler.ProfilerWorkerMain"));
        images.add(service(root, "pruner", "pruner-service", "Kogata's pruner: API and worker", "dev.kogata.pruner.PrunerWorkerMain"));
        images.add(service(root, "quantizer", "quantizer-service", "Kogata's quantizer: API and worker", "dev.kogata.quantizer.QuantizerWorkerMain"));
        images.add(service(root, "evaluator", "evaluator-service", "Kogata's evaluator: API and worker", "dev.kogata.evaluator.EvaluatorWorkerMain"));
        images.add(new ImageSpec("broker", "A single Kafka broker, for development and tests",
                List.of(new PackagedApplication(root.resolve("broker/target/lib"), ROOT + "/lib")),
                Map.of(SERVICE, COMMON + "-XX:MaxRAMPercentage=50\n-cp " + ROOT + "/lib/*\ndev.kogata.broker.BrokerMain\n"),
                SERVICE, List.of("--data", "/data/broker", "--port", "9092", "--host", "0.0.0.0", "--advertise", "localhost:9092"), List.of(9092)));
        String packaged = ROOT + "/standalone/target/quarkus-app";
        images.add(new ImageSpec("standalone", "Kogata in one container: the whole mesh, and the command line",
                List.of(new PackagedApplication(root.resolve("standalone/target/quarkus-app"), packaged),
                        new PackagedApplication(root.resolve("broker/target/lib"), ROOT + "/broker/target/lib"),
                        new PackagedApplication(root.resolve("demo"), ROOT + "/demo")),
                Map.of(SERVICE, COMMON + "-Xmx512m\n-Dkogata.root=" + ROOT + "\n-Djava.util.logging.config.file=/dev/null\n-cp " + packaged + "/app/*:" + packaged
                        + "/lib/main/*:" + packaged + "/lib/boot/*\ndev.kogata.standalone.Kogata\n"),
                SERVICE, List.of("--help"), List.of()));
        return images;
    }

    /** The same under another name. */
    ImageSpec named(String other) {
        return new ImageSpec(other, title, applications, starts, entry, arguments, ports);
    }

    private static ImageSpec service(Path root, String name, String module, String title, String worker) {
        Map<String, String> starts = new LinkedHashMap<>();
        starts.put(SERVICE, COMMON + "-XX:MaxRAMPercentage=60\n-jar " + ROOT + "/quarkus-run.jar\n");
        if (worker != null) {
            // Models lie in native memory: the heap takes a quarter of the container, as it does by itself where nothing is said.
            starts.put(WORKER, COMMON + "-XX:MaxRAMPercentage=25\n-Djava.util.logging.manager=org.jboss.logmanager.LogManager\n" + CLASSES + worker + "\n");
        }
        return new ImageSpec(name, title, List.of(new PackagedApplication(root.resolve(module + "/target/quarkus-app"), ROOT)), starts, SERVICE, List.of(),
                name.equals("gateway") ? List.of(8080, 9000) : List.of(9000, 8081));
    }
}
