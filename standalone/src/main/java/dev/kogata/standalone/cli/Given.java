package dev.kogata.standalone.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * A model or dataset as a command was given it: read from this machine, or named as the gateway has it ({@code models/ID}). What is there
 * on this machine under that name goes first.
 *
 * @param stored its name at the gateway
 * @param local what was read here
 */
record Given<L>(Optional<String> stored, Optional<L> local) {

    static <L> Given<L> of(Path given, String collection, Function<Path, L> read) {
        Optional<String> stored = stored(given, collection);
        return new Given<>(stored, stored.isPresent() ? Optional.empty() : Optional.of(read.apply(given)));
    }

    /** The name, where it is one and nothing here is called so. */
    static Optional<String> stored(Path given, String collection) {
        return given.toString().matches(collection + "/[A-Za-z0-9_-]{1,64}") && !Files.exists(given) ? Optional.of(given.toString()) : Optional.empty();
    }
}
