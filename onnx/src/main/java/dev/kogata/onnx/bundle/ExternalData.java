package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where a tensor's bytes lie outside its ONNX file. Only regular files below the bundle are accepted, reached without any
 * symbolic link, whatever the model's author wrote as location.
 *
 * @param file the data file
 * @param location as written in the model, relative to the ONNX file's folder
 * @param offset first byte
 * @param length number of bytes
 */
public record ExternalData(Path file, String location, long offset, long length) {
    private static final Set<String> KEYS = Set.of("location", "offset", "length", "checksum");

    static ExternalData of(TensorProto tensor, String model, Path folder, Path root, long expectedBytes) {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            // ONNX Runtime refuses others, and takes prepacked blobs on trust.
            if (!KEYS.contains(entry.getKey())) {
                throw Refusals.broken(model, "external data has the unknown key %s".formatted(Refusals.shown(entry.getKey())));
            }
            entries.put(entry.getKey(), entry.getValue());
        }
        String location = entries.getOrDefault("location", "");
        Path file = inside(model, location, folder, root);
        long offset = number(model, entries.getOrDefault("offset", "0"));
        long length = number(model, entries.getOrDefault("length", Long.toString(expectedBytes)));
        if (length != expectedBytes) {
            throw Refusals.broken(model, "tensor %s has %d bytes of values but refers to %d bytes".formatted(Refusals.shown(tensor.getName()), expectedBytes, length));
        }
        long size = sizeOf(model, location, file);
        if (offset > size || length > size - offset) {
            throw Refusals.dataMissing(model, location, "has %d bytes where %d + %d are referred to".formatted(size, offset, length));
        }
        return new ExternalData(file, location, offset, length);
    }

    private static Path inside(String model, String location, Path folder, Path root) {
        if (location.isEmpty()) {
            throw Refusals.broken(model, "a tensor with external data names no location");
        }
        // A backslash or a colon is a separator, drive or stream on some systems, and nothing that an exporter writes on others.
        if (location.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':' || c == 127) || location.startsWith("/") || location.startsWith("*")) {
            throw Refusals.dataOutside(model, location, "is no plain relative name");
        }
        Path path = folder;
        for (String part : location.split("/")) {
            if (part.equals("..")) {
                throw Refusals.dataOutside(model, location, "leaves the folder");
            }
            path = path.resolve(part);
            if (Files.isSymbolicLink(path)) {
                throw Refusals.dataOutside(model, location, "is a symbolic link or lies behind one");
            }
        }
        path = path.normalize();
        if (!path.startsWith(root)) {
            throw Refusals.dataOutside(model, location, "leaves the bundle");
        }
        return path;
    }

    private static long sizeOf(String model, String location, Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Refusals.dataMissing(model, location, "is not there");
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Refusals.dataOutside(model, location, "is no regular file");
        }
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw Refusals.dataMissing(model, location, "cannot be read");
        }
    }

    private static long number(String model, String text) {
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below, like a negative number
        }
        throw Refusals.broken(model, "external data at offset or length \"%s\"".formatted(Refusals.shown(text)));
    }
}
