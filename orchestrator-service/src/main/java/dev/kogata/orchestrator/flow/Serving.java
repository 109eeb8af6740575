package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.Inspection;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData.Step;
import dev.kogata.orchestrator.report.ServingScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What to do with a result, as far as it was run: by the job itself, or by Kogata's tests on results of the same layout. Stateless. */
final class Serving {
    private static final String ASK = "Ask it something, in Python with stock ONNX Runtime";

    private Serving() {
    }

    static List<Step> of(Inspection model, VerifyResultResult measured) {
        List<Step> steps = new ArrayList<>();
        steps.add(ask(model));
        steps.add(new Step("Recount every claim of plan.json from the files alone", "kogata verify DIR",
                String.format(Locale.ROOT, "Done by this job before it delivered: %,d bytes, as claimed.", measured.getRecountedBytes())));
        steps.add(new Step("Make bundle/ again where only sparse/ was kept", "kogata expand DIR/sparse BUNDLE",
                "Done by this job before it delivered: every file came out with the SHA-256 of the one in bundle/."));
        return steps;
    }

    /** The script, or why there is none. */
    private static Step ask(Inspection model) {
        Optional<String> embedding = file(model, "embed_tokens");
        Optional<String> decoder = file(model, "decoder");
        if (decoder.isEmpty()) {
            return none("a vision encoder alone answers nothing, and how its features are used is known only to what it belongs to");
        }
        if (!Stream.concat(embedding.stream(), decoder.stream()).allMatch(ServingScript::canName)) {
            return none("the names of this bundle's files are not plain enough to stand in a script that people run");
        }
        if (model.getCacheLayersCount() == 0) {
            return none("none was run on a decoder without caches");
        }
        if (model.getWeightsList().stream().anyMatch(weight -> weight.getDataType().equals("bfloat16"))) {
            return none("numpy, which the script feeds ONNX Runtime from, has no bfloat16");
        }
        return new Step(ASK + "; the caches, packed or not, are handed on as they are", ServingScript.of(embedding, decoder.get(), model.getCacheLayers(0).getHeadSize()),
                "This script is run by Kogata's own tests on results of the layout " + model.getLayout() + ", with caches in every format. It shows no picture: a picture's features "
                        + "take the places of its tokens in inputs_embeds.");
    }

    private static Step none(String why) {
        return new Step(ASK, "", "No command is shown, because " + why + ".");
    }

    private static Optional<String> file(Inspection model, String component) {
        return model.getComponentsList().stream().filter(c -> c.getName().equals(component)).map(Component::getFile).findFirst();
    }
}
