package dev.kogata.kit.artifact;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders as artifacts: a {@link Manifest} lists the files, its canonical JSON is stored as an artifact itself. The same
 * files under the same paths give the same SHA-256. Thread-safe.
 */
public final class Manifests {
    /** Largest manifest that is read, in bytes of JSON. */
    public static final int LARGEST = 64 << 20;

    private final ArtifactStore store;

    /** Manifests in {@code store}. */
    public Manifests(ArtifactStore store) {
        this.store = store;
    }

    /** Stores a manifest, its files sorted. */
    public Artifact write(Manifest manifest) {
        return store.put(canonical(manifest), Artifacts.MANIFEST);
    }

    /** Reads and checks a manifest. */
    public Manifest read(Artifact manifest) {
        Manifest.Builder parsed = Manifest.newBuilder();
        try {
            JsonFormat.parser().merge(new String(store.bytes(manifest.getSha256(), LARGEST), StandardCharsets.UTF_8), parsed);
        } catch (InvalidProtocolBufferException e) {
            throw KogataException.invalid("manifest", "The artifact " + manifest.getSha256() + " is no manifest.");
        }
        return checked(parsed.build());
    }

    /** Whether a manifest and all its files are in the store. */
    public boolean isWhole(Artifact manifest, Manifest files) {
        return store.exists(manifest.getSha256()) && files.getFilesList().stream().allMatch(file -> store.exists(file.getSha256()));
    }

    /**
     * Makes the files of a manifest available below {@code folder}, which is created. Files may share their bytes with
     * the store: never write into them.
     */
    public void materialise(Artifact manifest, Path folder) {
        try {
            Files.createDirectories(folder);
            for (ManifestFile file : read(manifest).getFilesList()) {
                Path target = folder.resolve(file.getPath());
                Files.createDirectories(target.getParent());
                store.materialise(file.getSha256(), target);
            }
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** Stores copies of all files below {@code folder}, and their manifest. Links and special files are refused. */
    public Artifact store(Path folder) {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).toList();
        } catch (IOException e) {
            throw StorageError.of(e);
        }
        Manifest.Builder manifest = Manifest.newBuilder();
        for (Path file : files) {
            String path = ManifestPath.checked(folder.relativize(file).toString());
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw KogataException.invalid("path", "'" + path + "' is no ordinary file.");
            }
            manifest.addFiles(entry(path, store.put(file, Artifacts.BYTES)));
        }
        return write(manifest.build());
    }

    /** An entry of a manifest. */
    public static ManifestFile entry(String path, Artifact artifact) {
        return ManifestFile.newBuilder().setPath(path).setSha256(artifact.getSha256()).setSizeBytes(artifact.getSizeBytes()).build();
    }

    /** The canonical JSON of a manifest: files sorted by path, names as in the proto, no white space. */
    public static byte[] canonical(Manifest manifest) {
        List<ManifestFile> files = new ArrayList<>(manifest.getFilesList());
        files.sort(Comparator.comparing(ManifestFile::getPath));
        Manifest sorted = checked(Manifest.newBuilder().addAllFiles(files).build());
        try {
            return JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace().print(sorted)
                    .getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a manifest has no Any", e);
        }
    }

    /** {@code manifest}, if its paths are allowed, sorted, and no file lies where another needs a folder. */
    private static Manifest checked(Manifest manifest) {
        String last = "";
        Set<String> files = new HashSet<>();
        for (ManifestFile file : manifest.getFilesList()) {
            String path = ManifestPath.checked(file.getPath());
            Sha256.checked(file.getSha256());
            if (file.getSizeBytes() < 0) {
                throw KogataException.invalid("size_bytes", "'" + path + "' has a negative size: " + file.getSizeBytes() + ".");
            }
            if (path.compareTo(last) <= 0) {
                throw KogataException.invalid("path", "'" + path + "' is there twice or out of order in the manifest.");
            }
            files.add(path);
            last = path;
        }
        for (String path : files) {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                if (files.contains(path.substring(0, slash))) {
                    throw KogataException.invalid("path", "'" + path.substring(0, slash) + "' is both a file and a folder in the manifest.");
                }
            }
        }
        return manifest;
    }
}
