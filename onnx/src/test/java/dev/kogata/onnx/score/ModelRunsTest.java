package dev.kogata.onnx.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that can be stopped. */
class ModelRunsTest {
    @TempDir
    Path folder;

    @Test
    @Tag("hostile-32")
    @Timeout(60)
    void aModelThatLoopsForeverIsStoppedByAnotherThread() throws Exception {
        Path file = folder.resolve("loop.onnx");
        Files.write(file, forever().toByteArray());
        try (OrtSession session = Sessions.open(file, 1); OnnxTensor one = OnnxTensor.createTensor(Sessions.environment(), new float[] {1})) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Thread model = new Thread(() -> {
                try (OrtSession.Result result = ModelRuns.run(session, Map.of("x", one), Set.of("y"))) {
                    ended.complete(null);
                } catch (OrtException e) {
                    ended.complete(e);
                }
            });
            model.start();
            // Until it is in its run there is nothing to stop.
            while (!ended.isDone()) {
                ModelRuns.stop(model);
                model.join(20);
            }
            assertThat(ended.get(1, TimeUnit.SECONDS)).isInstanceOf(OrtException.class);
            ModelRuns.stop(model);
        }
    }

    /** y = x, through a Loop whose condition is always true and whose trip count is unlimited. */
    private static ModelProto forever() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
        model.addOpsetImportBuilder().setVersion(17);
        GraphProto.Builder graph = model.getGraphBuilder().setName("g");
        graph.addInput(value("x", 1)).addOutput(value("y", 1));
        graph.addInitializerBuilder().setName("go").setDataType(TensorProto.DataType.BOOL.getNumber()).setRawData(ByteString.copyFrom(new byte[] {1}));
        GraphProto.Builder body = GraphProto.newBuilder().setName("body");
        body.addInput(scalar("i", TensorProto.DataType.INT64)).addInput(scalar("go_in", TensorProto.DataType.BOOL)).addInput(value("v_in", 1));
        body.addNodeBuilder().setOpType("Identity").addInput("go_in").addOutput("go_out");
        body.addNodeBuilder().setOpType("Neg").addInput("v_in").addOutput("v_out");
        body.addOutput(scalar("go_out", TensorProto.DataType.BOOL)).addOutput(value("v_out", 1));
        graph.addNodeBuilder().setOpType("Loop").addInput("").addInput("go").addInput("x").addOutput("y")
                .addAttribute(AttributeProto.newBuilder().setName("body").setType(AttributeProto.AttributeType.GRAPH).setG(body));
        return model.build();
    }

    private static ValueInfoProto value(String name, long size) {
        ValueInfoProto.Builder value = scalar(name, TensorProto.DataType.FLOAT).toBuilder();
        value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimValue(size);
        return value.build();
    }

    private static ValueInfoProto scalar(String name, TensorProto.DataType type) {
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder().setName(name);
        value.getTypeBuilder().getTensorTypeBuilder().setElemType(type.getNumber()).getShapeBuilder();
        return value.build();
    }
}
