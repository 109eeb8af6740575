package dev.kogata.kit.task;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who wants to know of changed tasks. Thread-safe. */
final class Listeners {
    private final List<Consumer<String>> all = new CopyOnWriteArrayList<>();

    void add(Consumer<String> listener) {
        all.add(listener);
    }

    void ring(String task) {
        all.forEach(listener -> listener.accept(task));
    }
}
