package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.standalone.PlainWords;
import dev.kogata.standalone.client.Gateway;
import dev.kogata.standalone.client.JobEvents;
import dev.kogata.standalone.client.Uploader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
            LocalModel model = LocalModel.open(bundle, options.included());
            options.budget().ifPresent(budget -> model.requireReachable(budget, options.workload(), options.format()));
            Optional<LocalDataset> calibration = data.map(LocalDataset::read);
            Optional<LocalDataset> heldoutData = heldout.map(LocalDataset::read);
            calibration.ifPresent(given -> given.requireEnough(heldoutData));

            Gateway gateway = server.existingOrEmbedded(cleanUp, progress);
            ObjectNode request = request(gateway, model, calibration, heldoutData, progress);
            Resumption resumption = Resumption.of(server.home(), request, out);
            job = start(gateway, request, resumption, progress);
            sayIfInterrupted(job, cleanUp);
            JsonNode ended = new JobEvents(gateway, job, 0).follow(progress::event);
            if (!ended.path("state").asText().equals("SUCCEEDED")) {
                resumption.over();
            }
            JobOutcome.require(ended);
            progress.stage("fetching the result");
            cleanUp.add(folder::discard);
            JobOutcome.fetch(gateway, job, folder);
            resumption.over();
        }
        new Summary(folder.path()).print(output, job);
    }

    /** Sends what the gateway does not have yet; returns what is asked of it. */
    private ObjectNode request(Gateway gateway, LocalModel model, Optional<LocalDataset> calibration, Optional<LocalDataset> heldout, Progress progress) {
        Uploader uploader = new Uploader(gateway, server.home().resolve("compress/uploads.properties"));
        Path root = model.bundle().root();
        String modelName = gateway.find("models", LocalFiles.sha256(root, model.bundle().files())).orElseGet(() -> {
            progress.stage("uploading " + ByteCount.of(model.fileBytes()));
            List<String> files = model.bundle().files().stream().map(file -> uploader.upload(root.resolve(file), file)).toList();
            return gateway.createModel(files, root.getFileName().toString()).path("name").asText();
        });
        if (calibration.isEmpty()) {
            output.note("kogata: no --data, so the model's own samples are calibrated on; conversations like those that it will be used for mostly give a better result.");
        }
        return options.request(modelName, calibration.map(data -> upload(gateway, uploader, data)).orElse(""), heldout.map(held -> upload(gateway, uploader, held)).orElse(null));
    }

    /** Starts the job, or finds the one that the same command has started before; returns its name. */
    private static String start(Gateway gateway, ObjectNode request, Resumption resumption, Progress progress) {
        JsonNode job = gateway.createJob(request, resumption.key());
        if (List.of("FAILED", "CANCELLED").contains(job.path("state").asText())) {
            resumption.renew();
            job = gateway.createJob(request, resumption.key());
        }
        String name = job.path("name").asText();
        progress.stage((resumption.isEarlier() ? "going on with " : "started ") + name);
        return name;
    }

    private static String upload(Gateway gateway, Uploader uploader, LocalDataset dataset) {
        Optional<String> known = gateway.find("datasets", LocalFiles.sha256(dataset.file().getParent(), dataset.paths()));
        if (known.isPresent()) {
            return known.get();
        }
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

    /** The job goes on: a running mesh does it meanwhile, an embedded one when it runs again. */
    private void sayIfInterrupted(String job, CleanUp cleanUp) {
        cleanUp.add(() -> {
            if (CleanUp.isUnderWay()) {
                output.note("kogata: interrupted. The same command goes on with " + job + "; kogata jobs cancel " + job.replace("jobs/", "") + " ends it.");
            }
        });
    }
}
