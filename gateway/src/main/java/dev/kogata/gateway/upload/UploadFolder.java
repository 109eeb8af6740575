package dev.kogata.gateway.upload;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.tenant.Tenant;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Uploads as files in one folder, so that they outlive the process: {@code ID.json} what it was created with,
 * {@code ID.bytes} what has come, {@code ID.unchecked} while bytes come in whose checksum is not known yet: the length to
 * go back to. {@code ID.used} takes the place of them all once a model or dataset was made of it, and names that. Every
 * small file is written apart, forced to disk and renamed. Thread-safe as long as each upload has one writer.
 */
final class UploadFolder {
    private final Path folder;
    private final JsonMapper json = new JsonMapper();

    UploadFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    void create(UploadInfo info) throws IOException {
        Files.write(bytes(info.id()), new byte[0], StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        write(info.id() + ".json", json.writeValueAsBytes(info));
    }

    Optional<UploadInfo> info(String id) throws IOException {
        try {
            return Optional.of(json.readValue(Files.readAllBytes(folder.resolve(id + ".json")), UploadInfo.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Length of the bytes that count. */
    long offset(String id) throws IOException {
        Optional<Long> checked = checkedLength(id);
        return checked.isPresent() ? checked.get() : Files.size(bytes(id));
    }

    /** Drops bytes that an interrupted, checksummed write left; returns the length then. */
    long recover(String id) throws IOException {
        Optional<Long> checked = checkedLength(id);
        if (checked.isPresent()) {
            truncate(id, checked.get());
            endUnchecked(id);
        }
        return Files.size(bytes(id));
    }

    void beginUnchecked(String id, long length) throws IOException {
        write(id + ".unchecked", Long.toString(length).getBytes());
    }

    void endUnchecked(String id) throws IOException {
        Files.deleteIfExists(folder.resolve(id + ".unchecked"));
    }

    private Optional<Long> checkedLength(String id) throws IOException {
        try {
            return Optional.of(Long.valueOf(Files.readString(folder.resolve(id + ".unchecked"))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void truncate(String id, long length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(bytes(id).toFile(), "rw")) {
            file.setLength(length);
            file.getFD().sync();
        }
    }

    /** Adds to the end. Not a channel: an interrupt that hands the turn to the next writer must not close it half-way. */
    FileOutputStream append(String id) throws FileNotFoundException {
        return new FileOutputStream(bytes(id).toFile(), true);
    }

    Path bytes(String id) {
        return folder.resolve(id + ".bytes");
    }

    Instant lastChange(String id) throws IOException {
        return Files.getLastModifiedTime(bytes(id)).toInstant();
    }

    long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** Deletes the information first: bytes without it are found by {@link #strays}, the other way round nothing would match. */
    void delete(String id) throws IOException {
        Files.deleteIfExists(folder.resolve(id + ".json"));
        endUnchecked(id);
        Files.deleteIfExists(bytes(id));
    }

    void markUsed(String id, String resource, String tenant) throws IOException {
        write(id + ".used", (resource + "\n" + tenant).getBytes(StandardCharsets.UTF_8));
        delete(id);
    }

    /** The resource that a tenant made of an upload. */
    Optional<String> usedBy(String id, String tenant) throws IOException {
        try {
            String[] lines = Files.readString(folder.resolve(id + ".used")).split("\n");
            return (lines.length < 2 ? Tenant.DEFAULT : lines[1]).equals(tenant) ? Optional.of(lines[0]) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Ids of all uploads that can be written or used. */
    List<String> ids() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json"))
                .map(name -> name.substring(0, name.length() - ".json".length())).toList();
        }
    }

    /** Files older than the given time that belong to no upload: marks of used ones, and what a crash left. */
    List<Path> strays(Instant before) throws IOException {
        List<Path> strays = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                String id = name.substring(0, Math.max(0, name.indexOf('.')));
                if (Files.isRegularFile(file) && !Files.exists(folder.resolve(id + ".json")) && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    strays.add(file);
                }
            }
        }
        return strays;
    }

    private void write(String name, byte[] content) throws IOException {
        Path temporary = folder.resolve(name + ".new");
        Path target = folder.resolve(name);
        try {
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                out.write(content);
                out.getFD().sync();
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw StorageError.of(e);
        }
        // Without this the new name may be gone after a power cut, although the bytes are there.
        try (FileChannel directory = FileChannel.open(folder)) {
            directory.force(true);
        }
    }
}
