package dev.kogata.onnx.score;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Runs of models that can be stopped from outside. Apart from {@link Sessions}, so that stopping loads no native library. Thread-safe. */
public final class ModelRuns {
    private static final Map<Thread, OrtSession.RunOptions> RUNNING = new ConcurrentHashMap<>();

    private ModelRuns() {
    }

    /**
     * Runs a session in a way that {@link #stop} ends between two nodes of the graph, also one that would never end.
     *
     * @param outputs names of the outputs that are wanted
     * @throws OrtException also where it was stopped
     */
    public static OrtSession.Result run(OrtSession session, Map<String, OnnxTensor> feed, Set<String> outputs) throws OrtException {
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            RUNNING.put(Thread.currentThread(), options);
            try {
                return session.run(feed, outputs, options);
            } finally {
                // Not closed while somebody sets it.
                synchronized (options) {
                    RUNNING.remove(Thread.currentThread());
                }
            }
        }
    }

    /** Ends the run that a thread is in, if it is in one. Anybody may call this. */
    public static void stop(Thread thread) {
        OrtSession.RunOptions options = RUNNING.get(thread);
        if (options == null) {
            return;
        }
        synchronized (options) {
            if (RUNNING.get(thread) == options) {
                try {
                    options.setTerminate(true);
                } catch (OrtException e) {
                    throw new IllegalStateException("a run cannot be stopped", e);
                }
            }
        }
    }
}
