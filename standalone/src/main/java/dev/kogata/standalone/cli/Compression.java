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
            Given<LocalModel> model = Given.of(bundle, "models", folderOfIt -> LocalModel.open(folderOfIt, options.included()));
            model.local().ifPresent(read -> options.budget().ifPresent(budget -> read.requireReachable(budget, options.workload(), options.format())));
            Optional<Given<LocalDataset>> calibration = data.map(file -> Given.of(file, "datasets", LocalDataset::read));
            Optional<Given<LocalDataset>> heldoutData = heldout.map(file -> Given.of(file, "datasets", LocalDataset::read));
            requireEnough(calibration.flatMap(Given::local), heldoutData);

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

    /** What is held out may be at the gateway, where it is checked again. */
    private static void requireEnough(Optional<LocalDataset> calibration, Optional<Given<LocalDataset>> heldout) {
        if (heldout.isEmpty() || heldout.get().local().isPresent()) {
            calibration.ifPresent(read -> read.requireEnough(heldout.flatMap(Given::local)));
        }
    }

    /** Sends what the gateway does not have yet; returns what is asked of it. */
    private ObjectNode request(Gateway gateway, Given<LocalModel> model, Optional<Given<LocalDataset>> calibration, Optional<Given<LocalDataset>> heldout, Progress progress) {
        Uploader uploader = new Uploader(gateway, server.home().resolve("compress/uploads.properties"));
        // Before anything is sent.
        model.stored().ifPresent(gateway::resource);
        calibration.flatMap(Given::stored).ifPresent(gateway::resource);
        heldout.flatMap(Given::stored).ifPresent(gateway::resource);
        String modelName = model.stored().orElseGet(() -> upload(gateway, uploader, model.local().orElseThrow(), progress));
        if (calibration.isEmpty()) {
            output.note("kogata: no --data, so the model's own samples are calibrated on; conversations like those that it will be used for mostly give a better result.");
        }
        return options.request(modelName, calibration.map(data -> name(gateway, uploader, data)).orElse(""), heldout.map(held -> name(gateway, uploader, held)).orElse(null));
    }

    private static String upload(Gateway gateway, Uploader uploader, LocalModel model, Progress progress) {
        Path root = model.bundle().root();
        String sha256 = LocalFiles.sha256(root, model.bundle().files());
        return gateway.find("models", sha256).orElseGet(() -> {
            progress.stage("uploading " + ByteCount.of(model.fileBytes()));
            List<String> files = model.bundle().files().stream().map(file -> uploader.upload(root.resolve(file), file)).toList();
            return arrived(gateway.createModel(files, root.getFileName().toString()), sha256);
        });
    }

    private static String name(Gateway gateway, Uploader uploader, Given<LocalDataset> dataset) {
        return dataset.stored().orElseGet(() -> upload(gateway, uploader, dataset.local().orElseThrow()));
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
        String sha256 = LocalFiles.sha256(dataset.file().getParent(), dataset.paths());
        Optional<String> known = gateway.find("datasets", sha256);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            Path tar = Files.createTempFile("kogata-data", ".tar");
            try {
                dataset.pack(tar);
                String upload = uploader.upload(tar, "dataset.tar");
                return arrived(gateway.createDataset(List.of(upload), dataset.file().getFileName().toString()), sha256);
            } finally {
                Files.deleteIfExists(tar);
            }
        } catch (IOException unwritable) {
            throw CommandFailure.refused(PlainWords.reason(unwritable), "The data cannot be packed for upload: " + PlainWords.of(unwritable) + ".");
        }
    }

    /** The name of what was made, if it holds the very bytes that were read here. */
    private static String arrived(JsonNode made, String sha256) {
        if (!made.path("sha256").asText().equals(sha256)) {
            throw CommandFailure.refused("CHECKSUM_MISMATCH", "The gateway's " + made.path("name").asText()
                    + " does not hold the bytes that were read here: files were changed meanwhile, or damaged on the way. Run the command again.");
        }
        return made.path("name").asText();
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
