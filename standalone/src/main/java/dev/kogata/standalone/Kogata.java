package dev.kogata.standalone;

import dev.kogata.standalone.cli.KogataCommand;

/** The program behind {@code ./kogata}. */
public final class Kogata {
    private Kogata() {}

    /** Runs a command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.exit(KogataCommand.execute(arguments));
    }
}
