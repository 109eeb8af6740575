package dev.kogata.onnx.score;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.RefusedInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Loads stock ONNX Runtime and opens graphs in it, all in the same way: on the CPU, or on the first GPU where {@link #use} said so. Whoever starts a process that does this
 * sets ORT_DISABLE_TELEMETRY=1 in its environment: from 1.29 on, the library otherwise reports its use to its makers.
 */
public final class Sessions {
    /**
     * The reporting part matches the process' command line with a recursive regular expression as it is loaded, and a class
     * path of 4 KB overflows a Java thread's usual stack, which ends the process. A thread with a large stack survives that.
     */
    private static final long STACK_BYTES = 256 << 20;
    private static final OrtEnvironment ENVIRONMENT = load();
    private static volatile ExecutionProvider provider = ExecutionProvider.CPU;

    private Sessions() {
    }

    /** ONNX Runtime's only environment; to be asked for here, and never made elsewhere. */
    public static OrtEnvironment environment() {
        return ENVIRONMENT;
    }

    /**
     * Has this process open all further graphs on this provider.
     *
     * @throws RefusedInput where the loaded ONNX Runtime was built without it
     */
    public static void use(ExecutionProvider chosen) {
        if (chosen == ExecutionProvider.CUDA && !OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new RefusedInput("ARGUMENT_INVALID", "Models are to run on a GPU, and this ONNX Runtime runs them on processors only; use an image or a build made with -Pgpu, or set kogata.worker.provider to cpu.",
                    Map.of("field", "kogata.worker.provider"));
        }
        provider = chosen;
    }

    /** What graphs are opened on. */
    public static ExecutionProvider provider() {
        return provider;
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
            if (provider == ExecutionProvider.CUDA) {
                // What the GPU has no kernel for stays on the CPU: the provider's own fallback.
                options.addCUDA(0);
            }
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
        public OrtEnvironment call() throws OrtException, IOException {
            UnpackedRuntime.prepare();
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            return environment;
        }
    }
}
