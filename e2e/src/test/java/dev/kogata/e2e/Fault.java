package dev.kogata.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Something that goes wrong, and is mended again. */
record Fault(String name, Action action) {
    private static final long PAUSE_SECONDS = 6;

    /** Breaks something and mends it; returns when whatever was ended has been started again. */
    interface Action {
        void run(SeparateServices mesh) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }

    /** Every fault there is, in a fixed order. */
    static List<Fault> all(boolean database) {
        List<Fault> all = new ArrayList<>();
        List<String> processes = new ArrayList<>(SeparateServices.APIS);
        SeparateServices.WORKER_SERVICES.forEach(service -> processes.add(service + "-worker"));
        for (String process : processes) {
            all.add(new Fault("kill " + process, mesh -> {
                mesh.kill(process);
                again(mesh, process);
            }));
            all.add(new Fault("pause " + process + " for longer than a lease", mesh -> {
                mesh.signal(process, "STOP");
                TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                mesh.signal(process, "CONT");
            }));
            all.add(new Fault("terminate " + process + " with too little grace", mesh -> {
                mesh.signal(process, "TERM");
                TimeUnit.MILLISECONDS.sleep(50);
                mesh.kill(process);
                again(mesh, process);
            }));
        }
        for (String state : List.of("INSPECTING", "PROFILING", "SEARCHING", "COMPRESSING", "VERIFYING", "SUCCEEDED")) {
            all.add(at("orchestrator", "job.before-commit." + state));
            all.add(at("orchestrator", "job.after-commit." + state));
        }
        for (String point : List.of("outbox.before-sent@2", "outbox.after-sent@2", "artifact.before-rename", "artifact.after-rename")) {
            all.add(at("orchestrator", point));
        }
        for (String service : SeparateServices.WORKER_SERVICES) {
            for (String point : List.of("task.before-commit.WAITING", "task.after-commit.WAITING", "task.before-commit.SUCCEEDED", "task.after-commit.SUCCEEDED",
                    "outbox.before-sent", "outbox.after-sent")) {
                all.add(at(service, point));
            }
            for (String point : List.of("worker.before-finish", "worker.after-finish", "artifact.before-rename", "artifact.after-rename")) {
                all.add(at(service + "-worker", point));
            }
        }
        all.add(new Fault("kill the broker", mesh -> {
            mesh.kill(SeparateServices.BROKER);
            mesh.launch(SeparateServices.BROKER, "");
        }));
        all.add(new Fault("the broker is gone for a while", mesh -> {
            mesh.kill(SeparateServices.BROKER);
            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
            mesh.launch(SeparateServices.BROKER, "");
        }));
        all.add(new Fault("the broker comes back empty", mesh -> {
            mesh.kill(SeparateServices.BROKER);
            mesh.emptyBroker();
            mesh.launch(SeparateServices.BROKER, "");
        }));
        if (database) {
            all.add(new Fault("the database is gone for a while", mesh -> {
                mesh.postgres().orElseThrow().down();
                TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
                mesh.postgres().orElseThrow().up();
            }));
        }
        return all;
    }

    /** Has a process end at a point inside it; where it does not come there within a while, nothing happens. */
    private static Fault at(String process, String point) {
        return new Fault(process + " ends at " + point, mesh -> {
            mesh.kill(process);
            mesh.launch(process, point);
            mesh.process(process).waitFor(20, TimeUnit.SECONDS);
            mesh.kill(process);
            again(mesh, process);
        });
    }

    private static void again(SeparateServices mesh, String process) throws Exception {
        mesh.launch(process, "");
        if (!process.endsWith("-worker")) {
            mesh.awaitReady(process);
        }
    }
}
