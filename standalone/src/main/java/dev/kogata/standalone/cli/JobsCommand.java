package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.standalone.client.Gateway;
import dev.kogata.standalone.client.JobEvents;
import dev.kogata.core.budget.ByteBudget;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata jobs}: what became of jobs. */
@Command(
        name = "jobs",
        description = "Lists, shows, watches, cancels, deletes and continues jobs, and fetches their results.",
        footer = {"", "Examples:", "  kogata jobs list", "  kogata jobs watch 0f3a", "  kogata jobs result 0f3a --out smaller"})
final class JobsCommand extends CommandGroup {
    private static final int PAGE = 200;

    @Command(name = "list", description = "Lists jobs, newest first.", footer = {"", "Example:", "  kogata jobs list --active --json"})
    int list(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Option(names = "--active", description = "Only jobs that have not ended.") boolean active) {
        Gateway gateway = server.existing();
        output.line(String.format("%-26s %-11s %8s  %-10s %s", "JOB", "STATE", "PROGRESS", "BUDGET", "CREATED"));
        String token = "";
        do {
            JsonNode page = gateway.jobs(active ? "active" : "", PAGE, token);
            for (JsonNode job : page.path("jobs")) {
                output.document(job);
                output.line(row(job));
            }
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
        return ExitCode.DONE;
    }

    @Command(name = "show", description = "Shows one job.", footer = {"", "Example:", "  kogata jobs show 0f3a"})
    int show(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "JOB", description = "The job's id.") String job) {
        JsonNode found = server.existing().job(name(job));
        output.document(found);
        output.line(found.path("name").asText() + " " + Progress.words(found.path("state").asText())
                + String.format(Locale.ROOT, ", %.0f %%", 100 * found.path("progress").asDouble()));
        line(output, "what is done", found.path("message").asText());
        line(output, "asked for", found.path("request").toString());
        line(output, "dense", ByteCount.of(found.path("dense_bytes").asLong()));
        line(output, "budget", ByteCount.of(found.path("budget_bytes").asLong()));
        line(output, "trials", found.path("finished_trials").asText("0") + " of " + found.path("request").path("trials").asText("?"));
        line(output, "best loss", found.path("best_loss").asText());
        line(output, "error", found.path("error").path("message").asText());
        return ExitCode.DONE;
    }

    @Command(name = "watch", description = "Follows a job until it ends; with --json one event a line.",
            footer = {"", "Example:", "  kogata jobs watch 0f3a --json"})
    int watch(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "JOB", description = "The job's id.") String job) {
        try (Progress progress = Progress.on(output)) {
            JsonNode ended = new JobEvents(server.existing(), name(job), 0).follow(event -> {
                progress.event(event);
                output.document(event);
            });
            JobOutcome.require(ended);
            output.line(name(job) + " has succeeded; its files: kogata jobs result " + job + " --out DIR");
            return ExitCode.DONE;
        }
    }

    @Command(name = "cancel", description = "Cancels a job; one that has ended stays as it is.", footer = {"", "Example:", "  kogata jobs cancel 0f3a"})
    int cancel(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "JOB", description = "The job's id.") String job) {
        JsonNode cancelled = server.existing().cancel(name(job));
        output.document(cancelled);
        output.line(cancelled.path("name").asText() + " " + Progress.words(cancelled.path("state").asText()));
        return ExitCode.DONE;
    }

    @Command(name = "delete", description = "Removes a job that has ended, with its events and result. Removing it again changes nothing.",
            footer = {"", "Example:", "  kogata jobs delete 0f3a"})
    int delete(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "JOB", description = "The job's id.") String job) {
        server.existing().delete(name(job));
        output.document(Output.JSON.createObjectNode().put("name", name(job)).put("deleted", true));
        output.line(name(job) + " is gone.");
        return ExitCode.DONE;
    }

    @Command(name = "result", description = "Downloads the files of a job that has succeeded.",
            footer = {"", "Example:", "  kogata jobs result 0f3a --out smaller"})
    int result(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Parameters(paramLabel = "JOB", description = "The job's id.") String job,
            @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the result.") Path out) {
        ResultFolder folder = ResultFolder.at(out);
        try (CleanUp cleanUp = new CleanUp()) {
            cleanUp.add(folder::discard);
            Gateway gateway = server.existing();
            JobOutcome.fetch(gateway, name(job), folder);
            ObjectNode document = Output.JSON.createObjectNode().put("job", name(job)).put("directory", folder.path().toString());
            output.document(document);
            output.line("The result of " + name(job) + " is in " + folder.path() + ".");
            return ExitCode.DONE;
        }
    }

    @Command(name = "continue", description = "Goes on with the search of a job that has ended, as a new job with more trials; the other one stays as it is.",
            footer = {"", "Example:", "  kogata jobs continue 0f3a --trials 100"})
    int continueJob(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Parameters(paramLabel = "JOB", description = "The job's id.") String job,
            @Option(names = "--trials", paramLabel = "N", required = true, description = "How many trials more.") int trials) {
        JsonNode started = server.existing().continueJob(name(job), trials, UUID.randomUUID().toString());
        output.document(started);
        output.line("Started " + started.path("name").asText() + ", which goes on with the search of " + name(job) + "; follow it with: kogata jobs watch "
                + started.path("name").asText().replace("jobs/", ""));
        return ExitCode.DONE;
    }

    @Command(name = "deliver", description = "Makes a bundle of one point of a front, without a new search.",
            footer = {"", "Example:", "  kogata jobs deliver 0f3a --point 4 --out smaller"})
    int deliver(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Parameters(paramLabel = "JOB", description = "The id of a job that searched with --pareto.") String job,
            @Option(names = "--point", paramLabel = "N", required = true, description = "Number of the point, from 0, lightest first.") int point,
            @Option(names = "--final", paramLabel = "PASS", description = "Final pass, as for compress.") String finalPass,
            @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the result.") Path out) {
        ResultFolder folder = ResultFolder.at(out);
        String started;
        try (CleanUp cleanUp = new CleanUp(); Progress progress = Progress.on(output)) {
            Gateway gateway = server.existing();
            ObjectNode request = Output.JSON.createObjectNode().put("from_job", name(job)).put("point", point);
            if (finalPass != null) {
                request.put("final", finalPass);
            }
            started = gateway.createJob(request, UUID.randomUUID().toString()).path("name").asText();
            progress.stage("started " + started);
            JobOutcome.require(new JobEvents(gateway, started, 0).follow(progress::event));
            progress.stage("fetching the result");
            cleanUp.add(folder::discard);
            JobOutcome.fetch(gateway, started, folder);
        }
        new Summary(folder.path()).print(output, started);
        return ExitCode.DONE;
    }

    @Command(name = "what-if", description = "Estimates from a job's journal what another budget would lose; measures nothing.",
            footer = {"", "Example:", "  kogata jobs what-if 0f3a --budget 40%%"})
    int whatIf(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Parameters(paramLabel = "JOB", description = "The job's id.") String job,
            @Option(names = "--budget", paramLabel = "BUDGET", required = true, converter = BudgetConverter.class,
                    description = "Another budget: 60%%, 0.6, 120MB, 120MiB or a number of bytes.") ByteBudget budget) {
        String asked = budget instanceof ByteBudget.Ratio share ? BigDecimal.valueOf(share.ratio()).toPlainString() : Long.toString(((ByteBudget.Bytes) budget).bytes());
        JsonNode estimate = server.existing().whatIf(name(job), asked);
        output.document(estimate);
        output.line(String.format(Locale.ROOT, estimate.has("estimated_feature_error") ? "Estimate, not measured: a feature error of about %.3g at %s." : "Estimate, not measured: a divergence of about %.3g nats at %s.",
                estimate.path(estimate.has("estimated_feature_error") ? "estimated_feature_error" : "estimated_kl").asDouble(),
                ByteCount.of(estimate.path("budget_bytes").asLong())));
        output.line(estimate.path("how").asText());
        return ExitCode.DONE;
    }

    private static String name(String job) {
        return ResourceCollection.full("jobs", job);
    }

    private static String row(JsonNode job) {
        return String.format(Locale.ROOT, "%-26s %-11s %7.0f%%  %-10s %s", job.path("name").asText().replace("jobs/", ""),
                job.path("state").asText(), 100 * job.path("progress").asDouble(), ByteCount.of(job.path("budget_bytes").asLong()),
                job.path("create_time").asText());
    }

    private static void line(Output output, String label, String value) {
        if (!value.isEmpty()) {
            output.line(String.format("  %-13s %s", label, value));
        }
    }
}
