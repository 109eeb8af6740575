package dev.kogata.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./kogata}: the commands, and what an exception of any of them means. */
@Command(
        name = "kogata",
        description = "Compresses large multimodal models to a byte budget, and measures what that costs.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit status: 0 done, 2 usage, 3 input refused, 4 job failed, 5 service unreachable, 130 interrupted.",
            "",
            "Examples:",
            "  kogata demo",
            "  kogata inspect my-model",
            "  kogata compress my-model --budget 60%% --data calibration.jsonl --out smaller",
        },
        subcommands = {
            DemoCommand.class, ServeCommand.class, InspectCommand.class, CompressCommand.class, JobsCommand.class, ModelsCommand.class,
            DatasetsCommand.class, DeadCommand.class, VerifyCommand.class, ExpandCommand.class, ReportCommand.class, BenchCommand.class, KeyCommand.class, CompletionCommand.class,
        })
public final class KogataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and end.")
    private boolean help;

    private KogataCommand() {}

    /** Runs a command and returns its exit status. */
    public static int execute(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        Failures failures = new Failures();
        return new CommandLine(new KogataCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing: demo, serve, inspect, compress, jobs, models, datasets, dead, verify, expand, report or bench.");
    }
}
