package dev.kogata.bench.scale;

import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.task.TaskBoard;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How far one task table goes: for each number of workers and of connections, simulated workers do the tasks of many jobs on a database
 * of the user's for some seconds. One JSON line each.
 *
 * <pre>
 * java -cp 'bench/target/lib/*' dev.kogata.bench.scale.TaskTableMain --url 'jdbc:postgresql://localhost/kogata?user=kogata'
 *     --workers 1,10,100,300,1000 --connections 8,24 --jobs 10000 --tasks 90 --task-ms 720 --start-ms 4000 --failing 0.01 --dying 0.002 --seconds 20
 * </pre>
 */
public final class TaskTableMain {
    private TaskTableMain() {}

    /** Runs the program. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of("--url", "jdbc:h2:mem:tasks", "--workers", "1,10,100,300,1000", "--connections", "8", "--jobs", "10000",
                "--tasks", "90", "--task-ms", "720", "--start-ms", "4000", "--failing", "0.01", "--dying", "0.002", "--seconds", "20"));
        options.put("--kafka", "127.0.0.1:1");
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        for (int connections : numbers(options.get("--connections"))) {
            for (int workers : numbers(options.get("--workers"))) {
                SimulatedMesh.Setting setting = new SimulatedMesh.Setting(workers, Integer.parseInt(options.get("--jobs")), Integer.parseInt(options.get("--tasks")),
                        Double.parseDouble(options.get("--task-ms")), Long.parseLong(options.get("--start-ms")), 750,
                        Double.parseDouble(options.get("--failing")), Double.parseDouble(options.get("--dying")), 7);
                System.out.println(measured(setting, config(options.get("--url"), options.get("--kafka"), connections), connections,
                        Double.parseDouble(options.get("--seconds"))));
            }
        }
    }

    static String measured(SimulatedMesh.Setting setting, KogataConfig config, int connections, double seconds) throws Exception {
        String schema = "bench_tasks";
        try (Database database = Database.open(config.database(), schema)) {
            database.withHandle(handle -> handle.execute("delete from task") + handle.execute("delete from outbox"));
            EventSender sender = new EventSender(config.kafka());
            try (TaskBoard board = new TaskBoard("evaluate", database, sender, config.task()); SimulatedMesh mesh = new SimulatedMesh(setting, board)) {
                mesh.startJobs();
                long began = System.nanoTime();
                mesh.startWorkers();
                while (!mesh.isDone() && System.nanoTime() - began < seconds * 1e9) {
                    Thread.sleep(20);
                }
                double took = (System.nanoTime() - began) / 1e9;
                return String.format(Locale.ROOT, "{\"workers\":%d,\"connections\":%d,\"jobs\":%d,\"seconds\":%.1f,\"finished\":%d,\"finished_per_second\":%.1f,"
                                + "\"calls_per_second\":%.1f,\"busy\":%.3f,\"claim_ms\":{\"median\":%.1f,\"p99\":%.1f},\"heartbeat_ms\":{\"median\":%.1f,\"p99\":%.1f},"
                                + "\"deaths\":%d,\"refused\":%d}",
                        setting.workers(), connections, setting.jobs(), took, mesh.finished.get(), mesh.finished.get() / took,
                        (mesh.claims.count() + mesh.heartbeats.count() + 2.0 * mesh.finishes.count()) / took,
                        mesh.busyMillis.get() / (1000 * took * setting.workers()), mesh.claims.millis(0.5), mesh.claims.millis(0.99),
                        mesh.heartbeats.millis(0.5), mesh.heartbeats.millis(0.99), mesh.deaths.get(), mesh.refused.get());
            } finally {
                sender.close();
            }
        }
    }

    /** No task is given up: what is measured are claims, not jobs. */
    static KogataConfig config(String url, String kafka, int connections) {
        Map<String, String> values = Map.of("kogata.database.url", url, "kogata.database.connections", Integer.toString(connections),
                "kogata.kafka.bootstrap-servers", kafka, "kogata.task.attempts", "1000");
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(Map.of("user.home", System.getProperty("user.home")), "system", 1))
                .withSources(new PropertiesConfigSource(values, "options", 1000))
                .withMapping(KogataConfig.class).withValidateUnknown(false).build().getConfigMapping(KogataConfig.class);
    }

    private static List<Integer> numbers(String text) {
        return Stream.of(text.split(",")).map(Integer::parseInt).toList();
    }
}
