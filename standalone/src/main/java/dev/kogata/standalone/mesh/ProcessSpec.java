package dev.kogata.standalone.mesh;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A process to supervise.
 *
 * @param name names it in messages and its log file
 * @param command program and arguments
 * @param readiness how one sees that it does its work
 * @param servesOthers true where the others need it until they have stopped: it is stopped after them
 * @param environment variables beside the inherited ones; other users of the machine cannot read these, as they can the command
 */
record ProcessSpec(String name, List<String> command, Readiness readiness, boolean servesOthers, Map<String, String> environment) {
    ProcessSpec(String name, List<String> command, Readiness readiness, boolean servesOthers) {
        this(name, command, readiness, servesOthers, Map.of());
    }

    ProcessSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(readiness, "readiness");
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
