package dev.kogata.kit.task;

import dev.kogata.kit.error.KogataException;
import io.quarkus.arc.All;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** All boards of this process: one in a service's own process, all of them in the embedded mesh. */
@Singleton
class TaskBoards {
    private final List<TaskBoard> boards;

    @Inject
    TaskBoards(@Any @All List<TaskBoard> boards) {
        this.boards = boards;
    }

    List<TaskBoard> all() {
        return boards;
    }

    /** The board of a type; {@code ARGUMENT_INVALID} where its service is not in this process. */
    TaskBoard ofType(String type) {
        return boards.stream().filter(board -> board.type().equals(type)).findFirst().orElseThrow(() ->
                KogataException.invalid("types", "There are no tasks of type '" + Names.shortened(type, 50) + "' here."));
    }

    /** The board that a task's or operation's name belongs to. */
    TaskBoard ofName(String name) {
        return boards.stream().filter(board -> board.type().equals(Names.type(name))).findFirst().orElseThrow(() ->
                KogataException.notFound("The operation", Names.shortened(name, TaskTable.LONGEST_NAME)));
    }
}
