package dev.kogata.orchestrator.scale;

import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Starts workers as plain Jobs where no KEDA does, by the same rule: as many as there are tasks that wait or are held, less the Jobs that
 * have not ended, and none while nothing waits. What a worker is comes from a Job manifest for each type of task in a folder, else from the Job
 * template of a suspended CronJob whose label {@value #TYPE} names the type; annotations {@value #MOST} (4 where unset) and {@value #EACH} (1) say
 * how many there may be and how many tasks one is for. Thread-safe.
 */
public final class WorkerJobs implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkerJobs.class);
    private static final String TYPE = "kogata.dev/task-type";
    private static final String STARTER = "app.kubernetes.io/managed-by";
    private static final String SELF = "kogata-orchestrator";
    private static final String MOST = "kogata.dev/max-workers";
    private static final String EACH = "kogata.dev/tasks-per-worker";

    private final KubernetesClient client;
    private final String namespace;
    private final KubernetesConfig config;
    private final WorkLoad load;
    private final Turns turns;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "worker-jobs");
        thread.setDaemon(true);
        return thread;
    });

    /** Begins to start workers, whenever it is this orchestrator's turn. */
    public WorkerJobs(KubernetesClient client, String namespace, KubernetesConfig config, WorkLoad load, Turns turns) {
        this.client = client;
        this.namespace = namespace;
        this.config = config;
        this.load = load;
        this.turns = turns;
        clock.scheduleWithFixedDelay(this::look, 0, config.check().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private void look() {
        for (String type : WorkLoad.TYPES) {
            try {
                if (turns.take("worker-jobs")) {
                    template(type).ifPresent(template -> start(type, template));
                }
            } catch (RuntimeException e) {
                LOG.warnf("workers for %s tasks are not started now: %s", type, e.getMessage());
            }
        }
    }

    /** Read anew each time: a mounted ConfigMap changes under a running process, and so does what is applied to the cluster. */
    private Optional<Job> template(String type) {
        Path file = config.templates().resolve(type + ".yaml");
        if (!Files.isRegularFile(file)) {
            return client.batch().v1().cronjobs().inNamespace(namespace).withLabel(TYPE, type).list().getItems().stream()
                    .filter(each -> Boolean.TRUE.equals(each.getSpec().getSuspend())).findFirst().map(CronJob::getSpec).map(CronJobSpec::getJobTemplate)
                    .map(template -> new JobBuilder().withMetadata(template.getMetadata()).withSpec(template.getSpec()).build());
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(client.batch().v1().jobs().load(in).item());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(String type, Job template) {
        // The Jobs first: what ends in between is counted once too often, not once too little, and the next look makes up for it.
        long there = client.batch().v1().jobs().inNamespace(namespace).withLabels(Map.of(STARTER, SELF, TYPE, type)).list().getItems().stream()
                .filter(job -> !ended(job)).count();
        if (!load.waits(type)) {
            return;
        }
        long each = annotation(template, EACH, 1);
        long wanted = Math.min(annotation(template, MOST, 4), (load.wanted(type) + each - 1) / each);
        for (long missing = wanted - there; missing > 0; missing--) {
            Job job = new JobBuilder(template).editOrNewMetadata().withName(type + "-worker-" + UUID.randomUUID().toString().substring(0, 8))
                    .withNamespace(namespace).withResourceVersion(null).withUid(null).addToLabels(STARTER, SELF).addToLabels(TYPE, type).endMetadata().build();
            client.resource(job).create();
            LOG.infof("started %s", job.getMetadata().getName());
        }
    }

    private static boolean ended(Job job) {
        return job.getStatus() != null && job.getStatus().getConditions().stream()
                .anyMatch(condition -> List.of("Complete", "Failed").contains(condition.getType()) && condition.getStatus().equals("True"));
    }

    private static long annotation(Job template, String name, long otherwise) {
        Map<String, String> annotations = template.getMetadata() == null ? null : template.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException("the annotation " + name + " must be a whole number from 1 to 999999, not '" + text + "'");
        }
        return Long.parseLong(text);
    }
}
