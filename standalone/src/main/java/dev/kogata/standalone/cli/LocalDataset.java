package dev.kogata.standalone.cli;

import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.dataset.DatasetSplit;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.standalone.PlainWords;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A file of conversations on this machine, read whole and checked as the services check it. */
record LocalDataset(Path file, Dataset dataset) {

    static LocalDataset read(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(absolute)) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "There is no data file " + file + ": give a file of JSON lines.");
        }
        try {
            return new LocalDataset(absolute, Dataset.read(absolute.getParent(), absolute, DatasetLimits.DEFAULT));
        } catch (IOException unreadable) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "The data file " + file + " cannot be read: " + PlainWords.of(unreadable) + ".");
        }
    }

    /** Refuses data that is too small for the sets of a job, or overlaps with what is held out. */
    void requireEnough(Optional<LocalDataset> heldout) {
        DatasetSplit.of(dataset, heldout.map(LocalDataset::dataset), 0, new DatasetSplit.Limits(0, 0, 0));
    }

    /** The file and its pictures, relative to the file's folder. */
    Set<String> paths() {
        Set<String> paths = pictures();
        paths.add(file.getFileName().toString());
        return paths;
    }

    /** Packs the file and its pictures into one tar: thousands of small uploads would take longer than their bytes. */
    void pack(Path tar) throws IOException {
        try (var archive = new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(tar)), "UTF-8")) {
            archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            add(archive, file, file.getFileName().toString());
            for (String picture : pictures()) {
                add(archive, file.resolveSibling(picture), picture);
            }
        }
    }

    /** Each file once, however it is spelled in the data. */
    private Set<String> pictures() {
        Set<String> pictures = new TreeSet<>();
        dataset.conversations().forEach(conversation ->
                conversation.pictures().stream().map(Part.Picture::path).forEach(path -> pictures.add(Path.of(path).normalize().toString())));
        return pictures;
    }

    private static void add(TarArchiveOutputStream archive, Path file, String name) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(Files.size(file));
        archive.putArchiveEntry(entry);
        Files.copy(file, archive);
        archive.closeArchiveEntry();
    }
}
