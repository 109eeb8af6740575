package dev.kogata.profiler;

import ai.onnxruntime.OrtException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.selfcalibration.SelfCalibration;
import dev.kogata.profiler.v1.SampleModelRequest;
import dev.kogata.profiler.v1.SampleModelResult;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Makes calibration data of a model's own samples. */
final class SampleTask {
    private final TaskContext context;
    private final int threads;

    SampleTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    SampleModelResult run(SampleModelRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        Path folder = context.workFolder().resolve("dataset");
        try (SelfCalibration model = SelfCalibration.open(bundle, threads)) {
            model.write(folder, request.getConversations(), new SplittableRandom(request.getSeed()),
                    share -> context.progress(share, "drawing conversations from the model"));
        } catch (IllegalStateException | OrtException e) {
            throw Unrunnable.meaning(bundle, e);
        }
        return SampleModelResult.newBuilder().setDataset(context.manifests().store(folder)).build();
    }
}
