package dev.kogata.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Something that goes wrong, and is mended again.
 *
 * @param mayFailWith reasons that a job may have for not succeeding because of it; none where it must succeed all the same
 */
record Fault(String name, Set<String> mayFailWith, Action action) {
    /** Longer than the leases of the mesh. */
    private static final long PAUSE_SECONDS = 6;
    private static final long NOT_REACHED_SECONDS = 15;
    static final String EMPTY_BROKER = "the broker comes back empty";

    /** Breaks something and mends it; returns when whatever was ended has been started again. */
    interface Action {
        void run(SeparateServices mesh, PatientClient client) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }

    /** Every fault there is, by kind, in a fixed order; without those that need what is not here. */
    static Map<String, List<Fault>> kinds(boolean database, boolean disk) {
        List<String> apis = new ArrayList<>(SeparateServices.APIS);
        if (database) {
            apis.add(SeparateServices.TWIN);
        }
        List<String> workers = SeparateServices.WORKER_SERVICES.stream().map(service -> service + "-worker").toList();
        List<String> processes = new ArrayList<>(apis);
        processes.addAll(workers);
        Map<String, List<Fault>> kinds = new LinkedHashMap<>();
        kinds.put("kill", processes.stream().map(process -> fault("kill " + process, (mesh, client) -> {
            mesh.kill(process);
            again(mesh, process);
        })).toList());
        kinds.put("pause", processes.stream().map(process -> fault("pause " + process + " for longer than a lease", (mesh, client) -> {
            mesh.signal(process, "STOP");
            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
            mesh.signal(process, "CONT");
        })).toList());
        kinds.put("terminate", processes.stream().map(process -> fault("terminate " + process + " with too little grace", (mesh, client) -> {
            mesh.signal(process, "TERM");
            TimeUnit.MILLISECONDS.sleep(50);
            mesh.kill(process);
            again(mesh, process);
        })).toList());
        List<Fault> commits = new ArrayList<>();
        List<Fault> publishing = new ArrayList<>();
        List<Fault> files = new ArrayList<>();
        List<Fault> results = new ArrayList<>();
        for (String service : apis) {
            if (service.equals("gateway")) {
                at(files, service, "upload.mid-file", "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
            } else {
                boolean orchestrator = service.startsWith("orchestrator");
                at(commits, service, orchestrator ? "job.before-commit" : "task.before-commit", orchestrator ? "job.after-commit" : "task.after-commit");
                at(publishing, service, "outbox.before-sent", "outbox.after-sent");
            }
        }
        at(files, "orchestrator", "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
        for (String worker : workers) {
            at(files, worker, "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
            at(results, worker, "worker.before-finish", "worker.after-finish");
        }
        kinds.put("commit", commits);
        kinds.put("publish", publishing);
        kinds.put("file", files);
        kinds.put("result", results);
        kinds.put("broker", List.of(
                fault("kill the broker", (mesh, client) -> broker(mesh, 0, false)),
                fault("the broker is gone for a while", (mesh, client) -> broker(mesh, PAUSE_SECONDS, false)),
                fault(EMPTY_BROKER, (mesh, client) -> broker(mesh, 0, true))));
        if (database) {
            kinds.put("database", List.of(
                    fault("kill the database", (mesh, client) -> database(mesh, 0)),
                    fault("the database is gone for a while", (mesh, client) -> database(mesh, PAUSE_SECONDS))));
        }
        kinds.put("bit", List.of(new Fault("a bit flips at rest", Set.of("ARTIFACT_DAMAGED"), (mesh, client) -> bit(mesh))));
        if (disk) {
            kinds.put("disk", List.of(
                    new Fault("the disk is full for a while", Set.of("DISK_FULL"), (mesh, client) -> {
                        mesh.disk().orElseThrow().fill();
                        TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                        mesh.disk().orElseThrow().mend();
                    }),
                    new Fault("the disk is read-only for a while", Set.of("UNAVAILABLE"), (mesh, client) -> {
                        if (mesh.disk().orElseThrow().protect()) {
                            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                            mesh.disk().orElseThrow().mend();
                        }
                    })));
        }
        return kinds;
    }

    private static Fault fault(String name, Action action) {
        return new Fault(name, Set.of(), action);
    }

    private static void broker(SeparateServices mesh, long seconds, boolean empty) throws Exception {
        mesh.kill(SeparateServices.BROKER);
        TimeUnit.SECONDS.sleep(seconds);
        if (empty) {
            mesh.emptyBroker();
        }
        mesh.launch(SeparateServices.BROKER);
    }

    private static void database(SeparateServices mesh, long seconds) throws Exception {
        mesh.postgres().orElseThrow().down();
        TimeUnit.SECONDS.sleep(seconds);
        mesh.postgres().orElseThrow().up();
    }

    /** A process ends at a point inside it, the first time or a later one; where it does not come there within a while, nothing happens. */
    private static void at(List<Fault> faults, String process, String... points) {
        for (String point : points) {
            for (int nth = 1; nth <= 3; nth++) {
                String armed = point + "@" + nth;
                faults.add(fault(process + " ends at " + armed, (mesh, client) -> {
                    mesh.arm(process, armed);
                    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(NOT_REACHED_SECONDS);
                    while (!mesh.process(process).waitFor(50, TimeUnit.MILLISECONDS) && client.steps() < Long.MAX_VALUE && System.nanoTime() < end) {
                        // Still running, and so is the job.
                    }
                    mesh.arm(process, "");
                    if (mesh.process(process).isAlive()) {
                        System.out.println("    (not reached)");
                    } else {
                        again(mesh, process);
                    }
                }));
            }
        }
    }

    /** Another bit in the newest artifact, for a while; whoever has it open goes on reading what it was. */
    private static void bit(SeparateServices mesh) throws Exception {
        Path folder = mesh.artifacts().resolve("sha256");
        Path newest;
        try (Stream<Path> files = Files.walk(folder)) {
            newest = files.filter(Files::isRegularFile).max(Comparator.comparingLong(file -> file.toFile().lastModified())).orElse(null);
        }
        if (newest != null) {
            byte[] whole = Files.readAllBytes(newest);
            replace(newest, flipped(whole));
            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
            replace(newest, whole);
        }
    }

    /** The same bytes but for one bit in the middle. */
    static byte[] flipped(byte[] whole) {
        byte[] flipped = whole.clone();
        if (flipped.length > 0) {
            flipped[flipped.length / 2] ^= 1;
        }
        return flipped;
    }

    /** Gives an artifact's name to other bytes. */
    static void replace(Path artifact, byte[] bytes) throws Exception {
        Path temporary = Files.write(artifact.resolveSibling("replacement"), bytes);
        Files.move(temporary, artifact, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void again(SeparateServices mesh, String process) throws Exception {
        mesh.launch(process);
        if (!process.endsWith("-worker")) {
            mesh.awaitReady(process);
        }
    }
}
