package dev.kogata.standalone.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;

/**
 * Main class of every supervised process: ties the process to its supervisor, then runs the main class named first.
 *
 * <p>Standard input is a pipe whose other end only the supervisor holds. When the supervisor is gone, however it died,
 * the kernel closes the pipe and this process exits.
 *
 * <p>JDK only, so that it can be put on any process's class path.
 */
public final class ChildMain {
    /** Exit status of a process whose supervisor is gone. */
    static final int ORPHANED = 3;

    /** System property: a file locked for life, so that a process of the same name starts only after this one is gone. */
    static final String LOCK = "dev.kogata.child.lock";

    private static final Duration GRACE = Duration.ofSeconds(5);

    @SuppressWarnings("unused") // Reachable for as long as the process lives, or the lock would be freed.
    private static FileLock alone;

    private ChildMain() {}

    /** Runs {@code args[0]}'s main method with the other arguments. */
    public static void main(String[] args) throws Throwable {
        if (args.length == 0) {
            throw new IllegalArgumentException("the first argument must name a main class");
        }
        Thread watch = new Thread(ChildMain::exitAtEndOfInput, "supervisor-watch");
        watch.setDaemon(true);
        watch.start();
        awaitPredecessor();
        var main = Class.forName(args[0]).getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }

    /** Held until the process ends: the kernel frees it then. */
    private static void awaitPredecessor() throws IOException {
        String lock = System.getProperty(LOCK);
        if (lock != null) {
            alone = FileChannel.open(Path.of(lock), StandardOpenOption.CREATE, StandardOpenOption.WRITE).lock();
        }
    }

    private static void exitAtEndOfInput() {
        InputStream pipe = System.in;
        try {
            while (pipe.read() >= 0) {
                // The supervisor writes nothing; what came would mean nothing.
            }
        } catch (IOException broken) {
            // A broken pipe says the same as a closed one.
        }
        Thread halt = new Thread(ChildMain::haltAfterGrace, "halt");
        halt.setDaemon(true);
        halt.start();
        System.exit(ORPHANED);
    }

    /** Shutdown hooks may hang on a peer that is gone as well; nothing may be left behind all the same. */
    private static void haltAfterGrace() {
        try {
            Thread.sleep(GRACE.toMillis());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ORPHANED);
    }
}
