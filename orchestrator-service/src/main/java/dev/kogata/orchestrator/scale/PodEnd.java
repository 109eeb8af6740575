package dev.kogata.orchestrator.scale;

import dev.kogata.tasks.v1.WorkerEndCause;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Optional;
import java.util.Set;

/**
 * How a worker's pod ended, where its worker cannot have said so itself. Stateless but for its content.
 *
 * @param cause what it means to the tasks that the worker held
 * @param detail for people
 */
record PodEnd(WorkerEndCause cause, String detail) {
    /** Exit codes of a worker that ended by itself: it told how its task ended. */
    private static final Set<Integer> SAID = Set.of(0, 65, 75);
    private static final int SIGTERM = 143;

    /** Empty where the pod has not ended, or its worker has said how. */
    static Optional<PodEnd> of(Pod pod) {
        Optional<PodCondition> disruption = pod.getStatus() == null ? Optional.empty() : pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("DisruptionTarget") && condition.getStatus().equals("True")).findFirst();
        Optional<ContainerEnd> end = ContainerEnd.of(pod);
        if (end.isPresent() && "OOMKilled".equals(end.get().state().getReason())) {
            return Optional.of(new PodEnd(WorkerEndCause.WORKER_OVER_MEMORY, end.get().limit()));
        }
        boolean over = end.isPresent() || pod.getStatus() != null && "Failed".equals(pod.getStatus().getPhase());
        if (over && pod.getStatus().getReason() != null && pod.getStatus().getReason().equals("Evicted")) {
            return Optional.of(new PodEnd(WorkerEndCause.WORKER_STOPPED, "its pod was evicted"));
        }
        if (over && disruption.isPresent()) {
            return Optional.of(new PodEnd(WorkerEndCause.WORKER_STOPPED, "its pod was ended: " + disruption.get().getReason()));
        }
        if (end.isEmpty() || SAID.contains(end.get().state().getExitCode())) {
            return Optional.empty();
        }
        int code = end.get().state().getExitCode();
        if (code == SIGTERM || pod.getMetadata().getDeletionTimestamp() != null) {
            return Optional.of(new PodEnd(WorkerEndCause.WORKER_STOPPED, "its pod was deleted"));
        }
        return Optional.of(new PodEnd(WorkerEndCause.WORKER_CRASHED, "exit code " + code));
    }

    /** A pod that is gone without having ended, as far as anybody saw: its node is lost, or it was removed by force. */
    static PodEnd removed() {
        return new PodEnd(WorkerEndCause.WORKER_STOPPED, "its pod is gone");
    }

    /** The container that ended other than as it should, or the one that ended. */
    private record ContainerEnd(ContainerStateTerminated state, String limit) {
        static Optional<ContainerEnd> of(Pod pod) {
            if (pod.getStatus() == null) {
                return Optional.empty();
            }
            return pod.getStatus().getContainerStatuses().stream().filter(status -> status.getState() != null && status.getState().getTerminated() != null)
                    .map(status -> new ContainerEnd(status.getState().getTerminated(), limit(pod, status.getName())))
                    .max((a, b) -> Boolean.compare("OOMKilled".equals(a.state.getReason()), "OOMKilled".equals(b.state.getReason())));
        }

        private static String limit(Pod pod, String container) {
            for (Container one : pod.getSpec().getContainers()) {
                if (one.getName().equals(container) && one.getResources() != null && one.getResources().getLimits() != null) {
                    Quantity memory = one.getResources().getLimits().get("memory");
                    return memory == null ? "its pod has no limit of its own, the node had no more" : "its pod's memory limit is " + memory;
                }
            }
            return "";
        }
    }
}
