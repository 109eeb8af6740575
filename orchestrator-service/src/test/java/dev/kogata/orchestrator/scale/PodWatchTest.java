package dev.kogata.orchestrator.scale;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.tasks.v1.WorkerEndCause;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against an API server in this process, over HTTP: what becomes of pods is what a kubelet would write. */
@EnableKubernetesMockClient(crud = true)
class PodWatchTest {
    KubernetesClient client;

    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private PodWatch watch;

    @AfterEach
    void close() {
        if (watch != null) {
            watch.close();
        }
    }

    @Test
    void tellsAPodOverItsMemoryLimitAsThatWithTheLimit() {
        watch((pod, cause, detail) -> told.add(pod + " " + cause + " " + detail));
        client.resource(pod("w-1", true)).create();
        client.resource(ended("w-1", 137, "OOMKilled")).update();
        eventually(() -> assertThat(told).containsExactly("w-1 WORKER_OVER_MEMORY its pod's memory limit is 2Gi"));
    }

    @Test
    void tellsNothingOfWorkersThatSaidHowTheyEndedAndOfOtherPods() {
        watch((pod, cause, detail) -> told.add(pod));
        for (int code : List.of(0, 65, 75)) {
            client.resource(pod("w-" + code, true)).create();
            client.resource(ended("w-" + code, code, code == 0 ? "Completed" : "Error")).update();
        }
        client.resource(pod("other", false)).create();
        client.resource(new PodBuilder(ended("other", 137, "OOMKilled")).editMetadata().withLabels(null).endMetadata().build()).update();
        // The last one is heard: those before were, too.
        client.resource(pod("last", true)).create();
        client.resource(ended("last", 139, "Error")).update();
        eventually(() -> assertThat(told).containsExactly("last"));
    }

    @Test
    void triesAgainWhileAServiceIsAway() {
        AtomicInteger calls = new AtomicInteger();
        watch((pod, cause, detail) -> {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("away");
            }
            told.add(pod + " " + cause + " " + detail);
        });
        client.resource(pod("w-1", true)).create();
        client.resource(ended("w-1", 134, "Error")).update();
        eventually(() -> assertThat(told).containsExactly("w-1 WORKER_CRASHED exit code 134"));
    }

    @Test
    void aPodThatIsRemovedWithoutHavingEndedCostsItsTaskNoAttempt() {
        watch((pod, cause, detail) -> told.add(pod + " " + cause));
        client.resource(pod("w-1", true)).create();
        eventually(() -> assertThat(client.pods().inNamespace("kogata").withName("w-1").get()).isNotNull());
        client.pods().inNamespace("kogata").withName("w-1").withGracePeriod(0).delete();
        eventually(() -> assertThat(told).containsExactly("w-1 WORKER_STOPPED"));
    }

    @Test
    void knowsEvictionDrainAndDeletionFromACrash() {
        Pod evicted = new PodBuilder(pod("e", true)).withNewStatus().withPhase("Failed").withReason("Evicted").endStatus().build();
        assertThat(PodEnd.of(evicted)).map(PodEnd::cause).contains(WorkerEndCause.WORKER_STOPPED);
        Pod drained = new PodBuilder(ended("d", 137, "Error")).editStatus().addNewCondition().withType("DisruptionTarget").withStatus("True")
                .withReason("EvictionByEvictionAPI").endCondition().endStatus().build();
        assertThat(PodEnd.of(drained)).contains(new PodEnd(WorkerEndCause.WORKER_STOPPED, "its pod was ended: EvictionByEvictionAPI"));
        Pod deleted = new PodBuilder(ended("d", 137, "Error")).editMetadata().withDeletionTimestamp("2030-01-01T00:00:00Z").endMetadata().build();
        assertThat(PodEnd.of(deleted)).map(PodEnd::cause).contains(WorkerEndCause.WORKER_STOPPED);
        assertThat(PodEnd.of(ended("c", 137, "Error"))).contains(new PodEnd(WorkerEndCause.WORKER_CRASHED, "exit code 137"));
        assertThat(PodEnd.of(pod("r", true))).isEmpty();
    }

    private void watch(PodWatch.Listener listener) {
        watch = new PodWatch(client, "kogata", "kogata.dev/role=worker", listener);
    }

    private static Pod pod(String name, boolean worker) {
        return new PodBuilder().withNewMetadata().withName(name).withNamespace("kogata").withUid("uid-" + name)
                .addToLabels(worker ? "kogata.dev/role" : "other", "worker").endMetadata()
                .withNewSpec().addNewContainer().withName("worker").withNewResources().addToLimits("memory", new Quantity("2Gi"))
                .endResources().endContainer().endSpec()
                .withNewStatus().withPhase("Running").endStatus().build();
    }

    private static Pod ended(String name, int code, String reason) {
        return new PodBuilder(pod(name, true)).withNewStatus().withPhase(code == 0 ? "Succeeded" : "Failed").addNewContainerStatus().withName("worker")
                .withNewState().withNewTerminated().withExitCode(code).withReason(reason).endTerminated().endState().endContainerStatus().endStatus().build();
    }
}
