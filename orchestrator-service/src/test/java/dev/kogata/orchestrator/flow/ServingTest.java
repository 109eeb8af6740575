package dev.kogata.orchestrator.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.Inspection;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServingTest {

    private static List<Step> steps(String layout, String decoder) {
        Inspection model = Inspection.newBuilder().setLayout(layout).addComponents(Component.newBuilder().setName("embed_tokens").setFile("onnx/embed_tokens.onnx"))
                .addComponents(Component.newBuilder().setName("decoder").setFile(decoder)).build();
        return Serving.of(model, List.of(), VerifyResultResult.newBuilder().setRecountedBytes(1234).build());
    }

    @Test
    void givesAScriptWithTheModelsOwnFiles() {
        assertThat(steps("optimum", "onnx/decoder_q.onnx").get(0).command()).contains("\"onnx/embed_tokens.onnx\", \"onnx/decoder_q.onnx\"").doesNotContain("EMBED", "DECODER");
    }

    @Test
    void givesNoScriptForWhatItWasNeverRunOn() {
        assertThat(steps("genai", "model.onnx")).extracting(Step::command).containsExactly("kogata verify DIR", "kogata expand DIR/sparse BUNDLE");
    }

    @Test
    void aFilesNameNeverBecomesCode() {
        assertThat(steps("optimum", "x\", __import__('os').system('id'), \".onnx")).extracting(Step::command).noneMatch(command -> command.contains("import"));
    }
}
