package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.PlainWords;
import dev.kogata.standalone.client.Gateway;
import dev.kogata.standalone.client.JobEvents;
import dev.kogata.standalone.client.Uploader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One compression from the user's folders to the result folder, through the gateway as any user's program would do it. */
final class Compression {
    private final Output output;
    private final ServerOptions server;
    private final CompressOptions options;

    Compression(Output output, ServerOptions server, CompressOptions options) {
        this.output = output;
        this.server = server;
        this.options = options;
    }

    /** Checks what can be checked here, before anything starts; then uploads, starts the job, follows it and delivers its files. */
    void run(Path bundle, Optional<Path> data, Optional<Path> heldout, Path out) throws InterruptedException {
        ResultFolder folder = ResultFolder.at(out);
        options.budget();
        String job;
        try (CleanUp cleanUp = new CleanUp(); Progress progress = Progress.on(output)) {
            progress.stage("reading model and data");
            LocalModel model = LocalModel.open(bundle);
            options.budget().ifPresent(budget -> model.requireReachable(budget, options.workload(), options.format()));
            LocalDataset calibration = LocalDataset.read(data.orElseThrow(() -> CommandFailure.refused("ARGUMENT_INVALID",
                    "The model brings no conversations of its own to calibrate on: give some with --data FILE.jsonl.")));
            Optional<LocalDataset> heldoutData = heldout.map(LocalDataset::read);
            calibration.requireEnough(heldoutData);

            Gateway gateway = server.existingOrEmbedded(cleanUp, progress);
            job = start(gateway, model, calibration, heldoutData, progress);
            cancelIfInterrupted(gateway, job, cleanUp);
            JobOutcome.require(new JobEvents(gateway, job, 0).follow(progress::event));
            progress.stage("fetching the result");
            cleanUp.add(folder::discard);
            JobOutcome.fetch(gateway, job, folder);
        }
        new Summary(folder.path()).print(output, job);
    }

    /** Uploads, and starts the job; returns its name. */
    private String start(Gateway gateway, LocalModel model, LocalDataset calibration, Optional<LocalDataset> heldout, Progress progress) {
        Uploader uploader = new Uploader(gateway);
        Path root = model.bundle().root();
        progress.stage("uploading " + ByteCount.of(model.fileBytes()));
        List<String> files = model.bundle().files().stream().map(file -> uploader.upload(root.resolve(file), file)).toList();
        String modelName = gateway.createModel(files, root.getFileName().toString()).path("name").asText();
        String dataset = upload(gateway, uploader, calibration);
        String heldoutName = heldout.map(held -> upload(gateway, uploader, held)).orElse(null);
        JsonNode job = gateway.createJob(options.request(modelName, dataset, heldoutName), UUID.randomUUID().toString());
        progress.stage("started " + job.path("name").asText());
        return job.path("name").asText();
    }

    private static String upload(Gateway gateway, Uploader uploader, LocalDataset dataset) {
        try {
            Path tar = Files.createTempFile("kogata-data", ".tar");
            try {
                dataset.pack(tar);
                String upload = uploader.upload(tar, "dataset.tar");
                return gateway.createDataset(List.of(upload), dataset.file().getFileName().toString()).path("name").asText();
            } finally {
                Files.deleteIfExists(tar);
            }
        } catch (IOException unwritable) {
            throw CommandFailure.refused(PlainWords.reason(unwritable), "The data cannot be packed for upload: " + PlainWords.of(unwritable) + ".");
        }
    }

    /** A job that nobody waits for any more is cancelled; one that has ended stays as it is. */
    private static void cancelIfInterrupted(Gateway gateway, String job, CleanUp cleanUp) {
        cleanUp.add(() -> {
            if (CleanUp.isUnderWay()) {
                gateway.cancel(job);
            }
        });
    }
}
