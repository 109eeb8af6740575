package dev.kogata.standalone.cli;

import picocli.CommandLine.Option;

/**
 * Output of commands that show what the gateway has: a table on a terminal, JSON where standard output is a pipe or a file, so that a
 * script gets what it can read without asking. {@code ./kogata} says which it is: the JVM cannot tell for standard output alone.
 */
final class ResourceOutput extends Output {
    @Option(names = "--table", description = "Write a table, also where standard output is no terminal.")
    private boolean table;

    @Override
    boolean isJson() {
        return super.isJson() || (!table && System.getProperty("kogata.terminal.out", "true").equals("false"));
    }
}
