package dev.kogata.standalone.mesh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Small real processes for the supervisor to supervise. */
public final class Dummy {
    private Dummy() {}

    /** What the process does: says that it is ready and stays, or ends at once, or starts a child and stays. */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "stay" -> {
                System.out.println("ready pid " + ProcessHandle.current().pid());
                Thread.sleep(Long.MAX_VALUE);
            }
            case "stubborn" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(Dummy::sleepForever));
                System.out.println("ready pid " + ProcessHandle.current().pid());
                Thread.sleep(Long.MAX_VALUE);
            }
            case "end" -> System.exit(7);
            case "supervise" -> supervise(Path.of(args[1]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /** A supervisor of its own, so that a test can kill it. */
    private static void supervise(Path logs) throws Exception {
        Files.createDirectories(logs);
        var supervisor = new Supervisor(List.of(spec("one", "stay"), spec("two", "stay")), Duration.ofSeconds(1), logs, System.out::println);
        supervisor.start();
        supervisor.awaitReady(Duration.ofSeconds(30));
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }

    static ProcessSpec spec(String name, String... arguments) {
        List<String> command = new ArrayList<>(MeshProcesses.UNINTERRUPTED);
        command.addAll(java());
        command.add(ChildMain.class.getName());
        command.add(Dummy.class.getName());
        command.addAll(Arrays.asList(arguments));
        return new ProcessSpec(name, command, Readiness.line("ready"), name.equals("broker"));
    }

    static List<String> java() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-Xmx32m",
                "-cp", System.getProperty("java.class.path"));
    }

    private static void sleepForever() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
