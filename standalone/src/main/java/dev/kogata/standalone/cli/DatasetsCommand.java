package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata datasets}: conversations that the gateway has. */
@Command(
        name = "datasets",
        description = "Lists, shows and deletes datasets that were uploaded. A new job may use one again by its name.",
        footer = {"", "Examples:", "  kogata datasets list", "  kogata datasets show 7b21", "  kogata compress my-model --budget 40%% --data datasets/7b21 --out smaller",
            "  kogata datasets delete 7b21"})
final class DatasetsCommand extends CommandGroup {
    private static final ResourceCollection DATASETS = new ResourceCollection("datasets");

    @Command(name = "list", description = "Lists datasets, newest first.",
            footer = {"", "Examples:", "  kogata datasets list", "  kogata datasets list --name calibration.jsonl --json"})
    int list(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Option(names = "--name", paramLabel = "NAME", description = "Only those that were uploaded under this name, the file's.") String name) {
        return DATASETS.list(output, server, name, "CONVERSATIONS", dataset -> dataset.at("/inspection/conversations").asText());
    }

    @Command(name = "show", description = "Shows one dataset.", footer = {"", "Example:", "  kogata datasets show 7b21"})
    int show(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "DATASET", description = "The dataset's id.") String dataset) {
        JsonNode inspection = DATASETS.show(output, server, dataset).path("inspection");
        DATASETS.line(output, "conversations", inspection.path("conversations").asText("0") + ", " + inspection.path("with_images").asText("0") + " with pictures");
        DATASETS.line(output, "answers", inspection.path("turns").asText());
        List<String> tags = new ArrayList<>();
        inspection.path("tags").forEach(tag -> tags.add(tag.asText()));
        DATASETS.line(output, "tags", String.join(", ", tags));
        return ExitCode.DONE;
    }

    @Command(name = "delete", description = "Removes a dataset that no job needs that has not ended. Removing it again changes nothing.",
            footer = {"", "Example:", "  kogata datasets delete 7b21"})
    int delete(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "DATASET", description = "The dataset's id.") String dataset) {
        return DATASETS.delete(output, server, dataset);
    }
}
