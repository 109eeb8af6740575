package dev.kogata.orchestrator;

import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.flow.Workers;
import dev.kogata.orchestrator.scale.KubernetesConfig;
import dev.kogata.orchestrator.scale.KubernetesConfig.Starter;
import dev.kogata.orchestrator.scale.PodWatch;
import dev.kogata.orchestrator.scale.Turns;
import dev.kogata.orchestrator.scale.WorkLoad;
import dev.kogata.orchestrator.scale.WorkerJobs;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/** What the orchestrator does in a Kubernetes cluster, where it is told to. */
@Singleton
class KubernetesWiring {
    /** Looks that may fail before another orchestrator's turn begins. */
    private static final int LOOKS = 5;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    void start(@Observes StartupEvent started, KubernetesConfig config, Workers workers, WorkLoad load, @Named("orchestrator") Database database) {
        if (config.workers() == Starter.NONE) {
            return;
        }
        KubernetesClient client = new KubernetesClientBuilder().build();
        open.push(client);
        String namespace = config.namespace().orElse(client.getNamespace());
        open.push(new PodWatch(client, namespace, config.selector(),
                (pod, cause, detail) -> WorkLoad.TYPES.forEach(type -> workers.endWorker(type, pod, cause, detail))));
        if (config.workers() == Starter.JOBS) {
            open.push(new WorkerJobs(client, namespace, config, load, new Turns(database, UUID.randomUUID().toString(), config.check().multipliedBy(LOOKS))));
        }
    }

    void stop(@Observes ShutdownEvent stopping) throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
