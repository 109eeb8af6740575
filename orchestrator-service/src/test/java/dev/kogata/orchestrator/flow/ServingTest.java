package dev.kogata.orchestrator.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Weight;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServingTest {

    private static Inspection.Builder model(String decoder) {
        return Inspection.newBuilder().setLayout("optimum").addComponents(Component.newBuilder().setName("embed_tokens").setFile("onnx/embed_tokens.onnx"))
                .addComponents(Component.newBuilder().setName("decoder").setFile(decoder)).addCacheLayers(CacheLayer.newBuilder().setHeadSize(48));
    }

    private static List<Step> steps(Inspection.Builder model) {
        return Serving.of(model.build(), VerifyResultResult.newBuilder().setRecountedBytes(1234).build());
    }

    private static void givesNone(Inspection.Builder model, String why) {
        assertThat(steps(model)).extracting(Step::command).containsExactly("", "kogata verify DIR", "kogata expand DIR/sparse BUNDLE");
        assertThat(steps(model).get(0).checked()).startsWith("No command is shown, because ").contains(why);
    }

    @Test
    void givesAScriptWithTheModelsOwnFiles() {
        assertThat(steps(model("onnx/decoder_q.onnx")).get(0).command()).contains("\"onnx/embed_tokens.onnx\", \"onnx/decoder_q.onnx\"", "else 48 if").doesNotContain("FILES", "HEAD");
        assertThat(steps(model("d.onnx").removeComponents(0)).get(0).command()).as("a decoder of token ids").contains("in (\"d.onnx\",)");
    }

    @Test
    void givesNoScriptForWhatItWasNeverRunOnAndSaysWhy() {
        givesNone(model("d.onnx").clearCacheLayers(), "without caches");
        givesNone(model("d.onnx").addWeights(Weight.newBuilder().setDataType("bfloat16")), "no bfloat16");
        givesNone(Inspection.newBuilder().addComponents(Component.newBuilder().setName("vision_encoder").setFile("v.onnx")), "vision encoder alone");
    }

    @Test
    void aFilesNameNeverBecomesCode() {
        Inspection.Builder hostile = model("x\", __import__('os').system('id'), \".onnx");
        givesNone(hostile, "not plain enough");
        assertThat(steps(hostile)).extracting(Step::command).noneMatch(command -> command.contains("import"));
    }
}
