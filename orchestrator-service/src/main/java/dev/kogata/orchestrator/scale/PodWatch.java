package dev.kogata.orchestrator.scale;

import dev.kogata.tasks.v1.WorkerEndCause;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Looks how workers' pods end, and tells the services whose tasks they held: at once, and with the reason, where else a lease would
 * have to end in silence. Every orchestrator may do it; telling twice changes nothing. Survives an API server that is away. Thread-safe.
 */
public final class PodWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodWatch.class);
    private static final long AGAIN_MILLIS = 500;
    /** Long after that, every lease has ended anyway. */
    private static final int TRIES = 240;

    /** Tells all services that a worker is gone; may throw where one does not answer. */
    @FunctionalInterface
    public interface Listener {
        void gone(String pod, WorkerEndCause cause, String detail);
    }

    private final Listener listener;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "pods");
        thread.setDaemon(true);
        return thread;
    });
    private final SharedIndexInformer<Pod> informer;

    /**
     * Begins to look.
     *
     * @param selector label selector of the pods
     */
    public PodWatch(KubernetesClient client, String namespace, String selector, Listener listener) {
        this.listener = listener;
        this.informer = client.pods().inNamespace(namespace).withLabelSelector(selector).runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                PodEnd.of(pod).ifPresent(end -> tell(pod, end));
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                onAdd(pod);
            }

            @Override
            public void onDelete(Pod pod, boolean unseen) {
                if (told.remove(pod.getMetadata().getUid())) {
                    return;
                }
                boolean ended = pod.getStatus() != null && ("Succeeded".equals(pod.getStatus().getPhase()) || "Failed".equals(pod.getStatus().getPhase()));
                if (!ended) {
                    clock.execute(() -> tell(pod.getMetadata().getName(), PodEnd.of(pod).orElseGet(PodEnd::removed), 1));
                }
            }
        });
        informer.start().whenComplete((started, error) -> {
            if (error != null) {
                LOG.warnf("the ends of workers' pods are not seen: %s", error.getMessage());
            }
        });
    }

    @Override
    public void close() {
        informer.stop();
        clock.shutdownNow();
    }

    private void tell(Pod pod, PodEnd end) {
        if (told.add(pod.getMetadata().getUid())) {
            clock.execute(() -> tell(pod.getMetadata().getName(), end, 1));
        }
    }

    private void tell(String pod, PodEnd end, int attempt) {
        try {
            listener.gone(pod, end.cause(), end.detail());
            LOG.infof("worker pod %s: %s %s", pod, end.cause(), end.detail());
        } catch (RuntimeException e) {
            if (attempt < TRIES && !clock.isShutdown()) {
                clock.schedule(() -> tell(pod, end, attempt + 1), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                LOG.warnf("the end of worker pod %s is not heard: %s", pod, e.getMessage());
            }
        }
    }
}
