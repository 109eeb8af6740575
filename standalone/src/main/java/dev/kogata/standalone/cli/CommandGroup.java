package dev.kogata.standalone.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing by itself, but has commands of its own. */
abstract class CommandGroup implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and end.")
    private boolean help;

    @Override
    public final void run() {
        throw new ParameterException(spec.commandLine(), "What shall be done is missing: " + String.join(", ", spec.subcommands().keySet()) + ".");
    }
}
