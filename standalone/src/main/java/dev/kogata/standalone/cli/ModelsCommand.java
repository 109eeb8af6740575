package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata models}: bundles that the gateway has. */
@Command(
        name = "models",
        description = "Lists, shows and deletes models that were uploaded. A new job may use one again by its name.",
        footer = {"", "Examples:", "  kogata models list", "  kogata models show 0f3a", "  kogata compress models/0f3a --budget 40%% --out smaller", "  kogata models delete 0f3a"})
final class ModelsCommand extends CommandGroup {
    private static final ResourceCollection MODELS = new ResourceCollection("models");

    @Command(name = "list", description = "Lists models, newest first.",
            footer = {"", "Examples:", "  kogata models list", "  kogata models list --name my-model --json"})
    int list(@Mixin ResourceOutput output, @Mixin ServerOptions server,
            @Option(names = "--name", paramLabel = "NAME", description = "Only those that were uploaded under this name, the folder's.") String name) {
        return MODELS.list(output, server, name, "LAYOUT", model -> model.at("/inspection/layout").asText());
    }

    @Command(name = "show", description = "Shows one model.", footer = {"", "Example:", "  kogata models show 0f3a"})
    int show(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "MODEL", description = "The model's id.") String model) {
        JsonNode found = MODELS.show(output, server, model);
        JsonNode inspection = found.path("inspection");
        MODELS.line(output, "layout", inspection.path("layout").asText());
        List<String> parts = new ArrayList<>();
        inspection.path("components").forEach(part -> parts.add(part.path("name").asText() + " (" + ByteCount.of(part.path("tensor_bytes").asLong()) + ")"));
        MODELS.line(output, "parts", String.join(", ", parts));
        MODELS.line(output, "prunable", inspection.path("weights").size() + " weights");
        MODELS.line(output, "caches", inspection.path("cache_layers").size() + " layers");
        inspection.path("remarks").forEach(remark -> output.line("  - " + remark.asText()));
        return ExitCode.DONE;
    }

    @Command(name = "delete", description = "Removes a model that no job needs that has not ended. Removing it again changes nothing.",
            footer = {"", "Example:", "  kogata models delete 0f3a"})
    int delete(@Mixin ResourceOutput output, @Mixin ServerOptions server, @Parameters(paramLabel = "MODEL", description = "The model's id.") String model) {
        return MODELS.delete(output, server, model);
    }
}
