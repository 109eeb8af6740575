package dev.kogata.standalone.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kogata completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        description = "Prints a script that completes commands and options in bash or zsh.",
        footer = {"", "Examples:", "  source <(kogata completion bash)", "  kogata completion bash > /etc/bash_completion.d/kogata", "  source <(kogata completion zsh)"})
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and end.")
    private boolean help;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private String shell;

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(spec.commandLine(), "There is a script for bash and for zsh, and none for '" + shell + "'.");
        }
        // One script for both: it turns on zsh's own emulation of bash completion where it runs in zsh.
        spec.commandLine().getOut().println(AutoComplete.bash("kogata", spec.root().commandLine()));
        spec.commandLine().getOut().println("complete -F _complete_kogata -o default ./kogata");
        spec.commandLine().getOut().flush();
        return ExitCode.DONE;
    }
}
