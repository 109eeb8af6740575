package dev.kogata.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Something that goes wrong, and is mended again.
 *
 * @param within steps of the client after which it strikes no more, because nothing would come of it
 * @param mayFailWith reasons that a job may have for not succeeding because of it; none where it must succeed all the same
 */
record Fault(String name, int within, Set<String> mayFailWith, Action action) {
    /** Longer than the leases of the mesh. */
    private static final long PAUSE_SECONDS = 6;
    private static final long NOT_REACHED_SECONDS = 40;
    private static final long RECONNECTING_MILLIS = 500;
    /** Steps that a client takes in all: two uploads, three answers, events of a job with two trials; a few fewer than there are. */
    private static final int STEPS = 36;
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
    static Map<String, List<Fault>> kinds(boolean database, boolean disk, Optional<Path> clock, boolean writes) {
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
        // Whichever of them runs the job.
        List<String> orchestrators = apis.stream().filter(service -> service.startsWith("orchestrator")).toList();
        for (List<String> services : List.of(orchestrators, List.of("profiler"), List.of("pruner"), List.of("quantizer"), List.of("evaluator"))) {
            String change = services.equals(orchestrators) ? "job" : "task";
            at(commits, services, 2, change + ".before-commit", change + ".after-commit");
            at(publishing, services, 2, "outbox.before-sent", "outbox.after-sent");
        }
        at(files, List.of("gateway"), 3, "upload.mid-file", "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
        at(files, orchestrators, 3, "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
        for (String worker : workers) {
            at(files, List.of(worker), 3, "artifact.mid-file", "artifact.before-rename", "artifact.after-rename");
            // A job has one task for a profiler.
            at(results, List.of(worker), worker.startsWith("profiler") ? 1 : 2, "worker.before-finish", "worker.after-finish");
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
        kinds.put("bit", List.of(new Fault("a bit flips at rest", STEPS, Set.of("ARTIFACT_DAMAGED"), (mesh, client) -> bit(mesh))));
        if (disk) {
            kinds.put("disk", List.of(
                    fault("the disk is full for a while", (mesh, client) -> {
                        mesh.disk().orElseThrow().fill();
                        TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                        mesh.disk().orElseThrow().mend();
                    }),
                    fault("the disk is read-only for a while", (mesh, client) -> {
                        if (mesh.disk().orElseThrow().protect()) {
                            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                            mesh.disk().orElseThrow().mend();
                        }
                    })));
        }
        kinds.put("link", links(database));
        clock.ifPresent(library -> kinds.put("clock", processes.stream().flatMap(process -> Stream.of("ahead", "behind").map(where ->
                fault("the clock of " + process + " is an hour " + where + " for a while", (mesh, client) ->
                        startedOtherwise(mesh, process, Map.of("LD_PRELOAD", library.toString(), "FAKETIME", where.equals("ahead") ? "+1h" : "-1h", "FAKETIME_DONT_FAKE_MONOTONIC", "1", "DONT_FAKE_MONOTONIC", "1"), () -> { })))).toList()));
        if (writes) {
            kinds.put("write", processes.stream().map(process -> fault("writes of " + process + " fail now and then for a while", (mesh, client) -> writes(mesh, process))).toList());
        }
        return kinds;
    }

    /** What gives one process another clock, as Debian's package libfaketime installs it. */
    static Optional<Path> clock() throws IOException {
        try (Stream<Path> architectures = Files.list(Path.of("/usr/lib"))) {
            return architectures.map(architecture -> architecture.resolve("faketime/libfaketimeMT.so.1")).filter(Files::exists).findFirst();
        }
    }

    private static List<Fault> links(boolean database) {
        List<String> called = new ArrayList<>(SeparateServices.APIS);
        called.remove("gateway");
        if (database) {
            called.add(SeparateServices.DATABASE);
        }
        return called.stream().flatMap(name -> Stream.of(
                fault("connections to " + name + " go silent and never end", (mesh, client) -> mesh.link(name).silence()),
                fault("connections to " + name + " are cut", (mesh, client) -> mesh.link(name).cut()),
                fault("connections to " + name + " are cut, and go silent while they are made again", (mesh, client) -> mesh.link(name).swallow(RECONNECTING_MILLIS)),
                fault("the way to " + name + " takes 200 ms for a while", (mesh, client) -> {
                    mesh.link(name).delay(200);
                    TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                    mesh.link(name).delay(0);
                }))).toList();
    }

    /** To files and connections alike, and to what wakes its own threads, which never fails elsewhere: that it is started again is what probes would do. */
    private static void writes(SeparateServices mesh, String process) throws Exception {
        Path control = mesh.control(process);
        startedOtherwise(mesh, process, FailingWrites.environment(control), () -> FailingWrites.begin(mesh.process(process), control));
    }

    private interface Begin {
        void run() throws Exception;
    }

    /** A process runs in another environment for a while, and then in its own again. */
    private static void startedOtherwise(SeparateServices mesh, String process, Map<String, String> environment, Begin begin) throws Exception {
        mesh.kill(process);
        again(mesh, process, environment);
        begin.run();
        TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
        mesh.kill(process);
        again(mesh, process);
    }

    private static Fault fault(String name, Action action) {
        return new Fault(name, STEPS, Set.of(), action);
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

    /** One of these processes ends at a point inside it, the first time or a later one; where none comes there within a while, nothing happens. */
    private static void at(List<Fault> faults, List<String> processes, int times, String... points) {
        for (String point : points) {
            for (int nth = 1; nth <= times; nth++) {
                String armed = point + "@" + nth;
                faults.add(new Fault(processes.get(0) + " ends at " + armed, within(processes.get(0)), Set.of(), (mesh, client) -> until(mesh, client, processes, armed)));
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

    private static void until(SeparateServices mesh, PatientClient client, List<String> processes, String point) throws Exception {
        for (String process : processes) {
            mesh.arm(process, point);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(NOT_REACHED_SECONDS);
        while (processes.stream().allMatch(process -> mesh.process(process).isAlive()) && client.steps() < Long.MAX_VALUE && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        for (String process : processes) {
            mesh.arm(process, "");
        }
        // Another one may be there at this moment, and end a little later.
        TimeUnit.SECONDS.sleep(1);
        List<String> ended = processes.stream().filter(process -> !mesh.process(process).isAlive()).toList();
        System.out.println("    " + (ended.isEmpty() ? "(not reached)" : ended + " ended at step " + client.steps()));
        for (String process : ended) {
            again(mesh, process);
        }
    }

    /** Uploads come first, then the profiler's work. */
    private static int within(String process) {
        return process.equals("gateway") ? 2 * PatientClient.PIECES : process.startsWith("profiler") ? 2 * PatientClient.PIECES + 4 : STEPS - 6;
    }

    private static void again(SeparateServices mesh, String process) throws Exception {
        again(mesh, process, Map.of());
    }

    private static void again(SeparateServices mesh, String process, Map<String, String> environment) throws Exception {
        mesh.launch(process, environment);
        if (!process.endsWith("-worker")) {
            mesh.awaitReady(process);
        }
    }
}
