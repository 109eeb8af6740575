package dev.kogata.standalone.mesh;

import java.util.List;
import java.util.Objects;

/**
 * A process to supervise.
 *
 * @param name names it in messages and its log file
 * @param command program and arguments
 * @param readiness how one sees that it does its work
 * @param servesOthers true where the others need it until they have stopped: it is stopped after them
 */
record ProcessSpec(String name, List<String> command, Readiness readiness, boolean servesOthers) {
    ProcessSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(readiness, "readiness");
        command = List.copyOf(command);
    }
}
