package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.Inspection;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.PlanDocument;
import dev.kogata.orchestrator.report.ReportData.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What to do with a result, as far as it was run: by the job itself, or by Kogata's tests on results of the same layout. Stateless. */
final class Serving {

    private static final String SCRIPT = "/dev/kogata/orchestrator/report/serve-optimum.py";
    /** A file's name is its author's; into a script that people run goes none that could be more than a name. */
    private static final String PLAIN = "[A-Za-z0-9._/-]+";

    private Serving() {
    }

    static List<Step> of(Inspection model, List<PlanDocument.Layer> caches, VerifyResultResult measured) {
        List<Step> steps = new ArrayList<>();
        boolean tested = caches.stream().noneMatch(cache -> cache.cacheFormat().equals("native"));
        script(model).filter(script -> tested).ifPresent(script -> steps.add(new Step("Ask it something, in Python with stock ONNX Runtime; packed caches are handed on as they are", script,
                "This script is run by Kogata's own tests, on results of this layout with portable caches.")));
        steps.add(new Step("Recount every claim of plan.json from the files alone", "kogata verify DIR",
                String.format(Locale.ROOT, "Done by this job before it delivered: %,d bytes, as claimed.", measured.getRecountedBytes())));
        steps.add(new Step("Make bundle/ again where only sparse/ was kept", "kogata expand DIR/sparse BUNDLE",
                "Done by this job before it delivered: every file came out with the SHA-256 of the one in bundle/."));
        return steps;
    }

    private static Optional<String> script(Inspection model) {
        Optional<String> embedding = file(model, "embed_tokens");
        Optional<String> decoder = file(model, "decoder");
        if (!model.getLayout().equals("optimum") || embedding.isEmpty() || decoder.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = Serving.class.getResourceAsStream(SCRIPT)) {
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("EMBED", embedding.get()).replace("DECODER", decoder.get()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> file(Inspection model, String component) {
        return model.getComponentsList().stream().filter(c -> c.getName().equals(component)).map(Component::getFile).filter(file -> file.matches(PLAIN)).findFirst();
    }
}
