package dev.kogata.onnx.dataset;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A dataset's pictures, untrusted: nothing outside the dataset's folder is opened, and a picture's size is read from its
 * header, and refused, before its pixels are.
 */
final class Pictures {
    private final Path folder;
    private final Path base;
    private final DatasetLimits limits;
    private final Map<String, String> checked = new HashMap<>();

    /**
     * @param folder the dataset
     * @param base the folder that paths are relative to, in it
     */
    Pictures(Path folder, Path base, DatasetLimits limits) throws IOException {
        this.folder = folder.toRealPath();
        this.base = base.toRealPath();
        this.limits = limits;
    }

    /** Decodes the picture, to be sure that it can be, and returns its hash; each file once. */
    Part.Picture check(int line, String path) throws IOException {
        String sha256 = checked.get(path);
        if (sha256 == null) {
            byte[] bytes = bytes(line, path);
            decode(line, path, bytes);
            sha256 = Conversation.sha256(bytes);
            checked.put(path, sha256);
        }
        return new Part.Picture(path, sha256);
    }

    BufferedImage read(int line, String path) throws IOException {
        return decode(line, path, bytes(line, path));
    }

    private byte[] bytes(int line, String path) throws IOException {
        Path file = locate(line, path);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(limits.pictureBytes() + 1);
            if (bytes.length > limits.pictureBytes()) {
                throw Refusal.image(line, path, "is larger than %d bytes".formatted(limits.pictureBytes()));
            }
            return bytes;
        }
    }

    private Path locate(int line, String path) throws IOException {
        if (path.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            throw Refusal.image(line, path, "is an address; give a path relative to the dataset's file, and the picture with it");
        }
        Path file;
        try {
            file = base.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw Refusal.image(line, path, "is no valid path");
        }
        if (path.isEmpty() || path.startsWith("/") || path.contains("\\") || !file.startsWith(folder)) {
            throw Refusal.image(line, path, "is not a path inside the dataset's folder");
        }
        if (!Files.exists(file)) {
            throw Refusal.image(line, path, "is not part of the dataset");
        }
        // A link that leads out is found by where it leads; a pipe or device would block the reader.
        if (!file.toRealPath().startsWith(folder) || !Files.isRegularFile(file.toRealPath(), LinkOption.NOFOLLOW_LINKS)) {
            throw Refusal.image(line, path, "is not a file inside the dataset's folder");
        }
        return file;
    }

    private BufferedImage decode(int line, String path, byte[] bytes) {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw Refusal.image(line, path, "is no PNG, JPEG, GIF or BMP image");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > limits.picturePixels()) {
                    throw Refusal.image(line, path, "has %d pixels; at most %d are read".formatted(pixels, limits.picturePixels()));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException | IllegalStateException | NullPointerException e) {
            // ImageIO's readers throw all of these on damaged files.
            throw Refusal.image(line, path, "cannot be decoded: it is damaged, or of a kind that is not supported");
        }
    }
}
