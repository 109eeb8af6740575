package dev.kogata.onnx.score;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Loads stock ONNX Runtime and opens graphs in it, on the CPU, all in the same way. Whoever starts a process that does this
 * sets ORT_DISABLE_TELEMETRY=1 in its environment: from 1.29 on, the library otherwise reports its use to its makers.
 */
public final class Sessions {
    /**
     * The reporting part matches the process' command line with a recursive regular expression as it is loaded, and a class
     * path of 4 KB overflows a Java thread's usual stack, which ends the process. A thread with a large stack survives that.
     */
    private static final long STACK_BYTES = 256 << 20;
    private static final OrtEnvironment ENVIRONMENT = load();

    private Sessions() {
    }

    /** ONNX Runtime's only environment; to be asked for here, and never made elsewhere. */
    public static OrtEnvironment environment() {
        return ENVIRONMENT;
    }

    /** @param threads of ONNX Runtime within one run; 1 for the calling thread alone */
    public static OrtSession open(Path file, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setDeterministicCompute(true);
            // Threads that spin between runs take the cores from scoring and from other services: under load, a run became 2.5 times as slow.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            // Exporters' graphs make it warn about every unused initializer.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            return ENVIRONMENT.createSession(file.toString(), options);
        }
    }

    private static OrtEnvironment load() {
        FutureTask<OrtEnvironment> loading = new FutureTask<>(new Loading());
        new Thread(null, loading, "load-onnxruntime", STACK_BYTES).start();
        boolean interrupted = false;
        while (true) {
            try {
                OrtEnvironment environment = loading.get();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return environment;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("ONNX Runtime's native library could not be loaded", e.getCause());
            }
        }
    }

    /** A class of its own: a lambda would be a method of this one, and wait for its initialization, which waits for it. */
    private static final class Loading implements Callable<OrtEnvironment> {
        @Override
        public OrtEnvironment call() throws OrtException {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            return environment;
        }
    }
}
