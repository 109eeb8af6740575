package dev.kogata.gateway.catalog;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.archive.Archive;
import dev.kogata.gateway.archive.ArchiveLimits;
import dev.kogata.gateway.archive.CommonFolder;
import dev.kogata.gateway.archive.EntryPath;
import dev.kogata.gateway.archive.FileSet;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.gateway.upload.ClaimedUploads;
import dev.kogata.gateway.upload.UploadInfo;
import dev.kogata.gateway.upload.Uploads;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes a folder in the artifact store out of uploads: of one archive, or of files under their own names. What is refused
 * leaves nothing in the store. Uploads go once something was made of them, or once it is certain that nothing ever will
 * be; they stay where a service could not be reached. Thread-safe.
 */
public final class Intake {
    private final Uploads uploads;
    private final ArtifactStore store;
    private final HeldArtifacts held;
    private final ArchiveLimits limits;
    private final Path folder;

    /**
     * An intake.
     *
     * @param folder for files being unpacked; emptied here, since nobody else writes into it
     */
    public Intake(Uploads uploads, ArtifactStore store, ArchiveLimits limits, Path folder) throws IOException {
        this.uploads = uploads;
        this.store = store;
        this.held = new HeldArtifacts(store);
        this.limits = limits;
        this.folder = Files.createDirectories(folder);
        try (var leftovers = Files.newDirectoryStream(folder)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    /** The resource made earlier of exactly these uploads: a client asks again that lost the answer. */
    Optional<String> madeEarlier(String tenant, List<String> names) throws IOException {
        String made = uploads.as(tenant).usedBy(names.get(0));
        for (String name : names) {
            if (made == null || !made.equals(uploads.as(tenant).usedBy(name))) {
                return Optional.empty();
            }
        }
        return Optional.of(made);
    }

    /**
     * Stores what the uploads hold and registers it.
     *
     * @param tenant whose uploads they are
     * @param register takes the manifest and answers with the resource, or refuses
     * @param name of the resource
     */
    <T> T take(String tenant, List<String> names, Function<Artifact, T> register, Function<T, String> name) throws IOException {
        if (names.size() > limits.mostEntries()) {
            throw Refusal.limit("kogata.gateway.archive.max-entries", limits.mostEntries(),
                "At most " + limits.mostEntries() + " files may be sent apart. Send them as one tar.");
        }
        try (ClaimedUploads claimed = uploads.as(tenant).claim(names)) {
            T made;
            try {
                made = deliver(delivery -> manifest(claimed, delivery), register);
            } catch (KogataException e) {
                if (isHopeless(e)) {
                    claimed.discard();
                }
                throw e;
            }
            claimed.used(name.apply(made));
            return made;
        }
    }

    /**
     * Stores what a file holds, an archive or one file of that name, and registers it. The file stays the caller's.
     *
     * @param register takes the manifest and answers with the resource, or refuses
     */
    public <T> T take(Path file, String filename, Function<Artifact, T> register) throws IOException {
        return deliver(delivery -> {
            Optional<Archive> archive = Archive.of(file);
            return archive.isPresent() ? manifest(archive.get(), delivery)
                : manifest(List.of(EntryPath.parse(filename)), List.of(delivery.add(file)));
        }, register);
    }

    private interface Content {
        Manifest store(Delivery delivery) throws IOException;
    }

    private <T> T deliver(Content content, Function<Artifact, T> register) throws IOException {
        try (Delivery delivery = new Delivery(store, held, folder)) {
            try {
                T made = register.apply(delivery.add(content.store(delivery)));
                delivery.keep();
                return made;
            } catch (KogataException e) {
                if (isUncertain(e)) {
                    delivery.keep();
                }
                throw e;
            }
        }
    }

    /** The registration may have happened although no answer came: then its files have to stay. */
    private static boolean isUncertain(KogataException e) {
        return e.reason() == Reason.UNAVAILABLE || e.reason() == Reason.INTERNAL || e.reason() == Reason.CANCELLED;
    }

    /** The content itself is refused; asking again cannot help. */
    private static boolean isHopeless(KogataException e) {
        return e.code().http() == 422;
    }

    private Manifest manifest(ClaimedUploads claimed, Delivery delivery) throws IOException {
        UploadInfo first = claimed.uploads().get(0);
        Optional<Archive> archive = claimed.uploads().size() == 1 ? Archive.of(claimed.bytes(first)) : Optional.empty();
        if (archive.isPresent()) {
            return manifest(archive.get(), delivery);
        }
        List<EntryPath> paths = new ArrayList<>();
        List<Artifact> artifacts = new ArrayList<>();
        FileSet names = new FileSet();
        for (UploadInfo upload : claimed.uploads()) {
            if (upload.filename().isEmpty()) {
                throw Refusal.argument("filename", "The upload " + upload.name()
                    + " is no tar or zip, and has no filename in its metadata.");
            }
            EntryPath path = EntryPath.parse(upload.filename());
            names.add(path);
            paths.add(path);
            artifacts.add(delivery.add(claimed.bytes(upload)));
        }
        return manifest(paths, artifacts);
    }

    private Manifest manifest(Archive archive, Delivery delivery) throws IOException {
        List<EntryPath> paths = new ArrayList<>();
        List<Artifact> artifacts = new ArrayList<>();
        archive.unpack(limits, (path, bytes) -> {
            paths.add(path);
            artifacts.add(delivery.add(bytes));
        });
        return manifest(CommonFolder.strip(paths), artifacts);
    }

    private static Manifest manifest(List<EntryPath> paths, List<Artifact> artifacts) {
        Manifest.Builder manifest = Manifest.newBuilder();
        for (int i = 0; i < paths.size(); i++) {
            manifest.addFiles(Manifests.entry(paths.get(i).toString(), artifacts.get(i)));
        }
        return manifest.build();
    }
}
