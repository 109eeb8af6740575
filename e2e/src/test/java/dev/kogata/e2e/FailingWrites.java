package dev.kogata.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Lets one in twenty writes of a process, to files and connections, fail with an input/output error, as Debian's package fiu-utils does it. */
final class FailingWrites {
    private static final Path LIBRARIES = Path.of("/usr/lib/fiu");
    private static final List<String> PRELOADED = List.of("fiu_run_preload.so", "fiu_posix_preload.so");
    private static final Path CONTROL = Path.of("/usr/bin/fiu-ctrl");
    private static final String POINT = "name=posix/io/rw/write";
    private static final int EIO = 5;

    private FailingWrites() {}

    static boolean canBeHad() {
        return Files.exists(CONTROL) && PRELOADED.stream().map(LIBRARIES::resolve).allMatch(Files::exists);
    }

    /** What a process is started with, so that its writes may fail later. */
    static Map<String, String> environment(Path control) {
        return Map.of("LD_PRELOAD", LIBRARIES.resolve(PRELOADED.get(0)) + " " + LIBRARIES.resolve(PRELOADED.get(1)), "FIU_CTRL_FIFO", control.toString());
    }

    /** From now on, until the process ends. */
    static void begin(Process process, Path control) throws Exception {
        Path listens = Path.of(control + "-" + process.pid() + ".in");
        Until.holds("the process can be told", () -> Files.exists(listens));
        say("enable_random " + POINT + ",probability=0.05,failinfo=" + EIO, process, control);
    }

    private static void say(String command, Process process, Path control) throws IOException, InterruptedException {
        Process saying = new ProcessBuilder(CONTROL.toString(), "-f", control.toString(), "-c", command, Long.toString(process.pid())).redirectErrorStream(true).start();
        String answer = new String(saying.getInputStream().readAllBytes());
        if (!saying.waitFor(10, TimeUnit.SECONDS) || saying.exitValue() != 0) {
            throw new AssertionError(command + ": " + answer);
        }
    }
}
