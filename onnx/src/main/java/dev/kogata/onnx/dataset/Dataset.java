package dev.kogata.onnx.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.core.RefusedInput;
import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder with one file of JSON lines and the pictures it names, read whole and checked: every line, every picture.
 * Immutable; pictures are decoded again when asked for, as long as the folder stands.
 */
public final class Dataset {
    private static final int DEPTH = 8;
    private final Pictures pictures;
    private final String file;
    private final List<Conversation> conversations;
    private final String thing;

    private Dataset(Pictures pictures, String file, List<Conversation> conversations) {
        this(pictures, file, conversations, "conversation");
    }

    private Dataset(Pictures pictures, String file, List<Conversation> conversations, String thing) {
        this.thing = thing;
        this.pictures = pictures;
        this.file = file;
        this.conversations = List.copyOf(conversations);
    }

    /**
     * Reads the folder's one {@code .jsonl} file.
     *
     * @throws RefusedInput DATASET_LINE_INVALID, IMAGE_UNREADABLE, DATASET_TOO_SMALL, DATASET_TOO_LARGE, ARGUMENT_INVALID
     */
    public static Dataset read(Path folder, DatasetLimits limits) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.find(folder, DEPTH, (path, attributes) -> attributes.isRegularFile() && path.toString().endsWith(".jsonl"))) {
            files = found.sorted().toList();
        }
        if (files.size() != 1) {
            throw new RefusedInput("ARGUMENT_INVALID", files.isEmpty()
                    ? "The dataset holds no .jsonl file; it needs one, with a conversation in each line."
                    : "The dataset holds %d .jsonl files, among them %s and %s; it needs exactly one.".formatted(files.size(),
                            Refusal.shown(relative(folder, files.get(0))), Refusal.shown(relative(folder, files.get(1)))));
        }
        return read(folder, files.get(0), limits);
    }

    /**
     * Reads one of the folder's files, whatever others there are.
     *
     * @param file in the folder; pictures' paths are relative to where it lies
     */
    public static Dataset read(Path folder, Path file, DatasetLimits limits) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new RefusedInput("NOT_FOUND", "There is no dataset file %s.".formatted(Refusal.shown(relative(folder, file))));
        }
        Pictures pictures = new Pictures(folder, file.toAbsolutePath().getParent(), limits);
        ConversationReader reader = new ConversationReader(pictures, limits);
        List<Conversation> conversations = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            LineReader lines = new LineReader(in, limits.lineBytes());
            for (JsonNode row = lines.next(); row != null; row = lines.next()) {
                if (conversations.size() == limits.conversations()) {
                    throw Refusal.tooLarge("conversations", limits.conversations(), "The dataset has more than %d conversations.".formatted(limits.conversations()));
                }
                conversations.add(reader.read(lines.line(), row));
            }
        }
        if (conversations.isEmpty()) {
            throw Refusal.tooSmall("The dataset is empty: it needs a conversation in each line.");
        }
        return new Dataset(pictures, relative(folder, file), conversations);
    }

    private static String relative(Path folder, Path file) {
        return folder.toAbsolutePath().relativize(file.toAbsolutePath()).toString().replace('\\', '/');
    }

    /** The JSON lines file, relative to the folder. */
    public String file() {
        return file;
    }

    /** In the file's order; at least one. */
    public List<Conversation> conversations() {
        return conversations;
    }

    /** The same with its first conversations only, at most so many. */
    public Dataset first(int most) {
        return new Dataset(pictures, file, conversations.subList(0, Math.min(most, conversations.size())));
    }

    /**
     * The same as its pictures alone: every different one, by its bytes, as a conversation that holds nothing else, in the order in which they
     * first come.
     */
    public Dataset byPicture() {
        Map<String, Conversation> pictures = new LinkedHashMap<>();
        for (Conversation conversation : conversations) {
            for (Part.Picture picture : conversation.pictures()) {
                pictures.putIfAbsent(picture.sha256(), new Conversation(picture.path(), conversation.line(), List.of(new Message(Role.USER, List.of(picture))), List.of(), picture.sha256()));
            }
        }
        return new Dataset(this.pictures, file, List.copyOf(pictures.values()), "picture");
    }

    /** What one of its conversations is, in a word for messages: {@code conversation}, or {@code picture}. */
    String thing() {
        return thing;
    }

    /** Decodes a picture of a conversation of this dataset. */
    public BufferedImage picture(Conversation conversation, Part.Picture picture) throws IOException {
        return pictures.read(conversation.line(), picture.path());
    }

    public int turns() {
        return conversations.stream().mapToInt(Conversation::turns).sum();
    }

    /** Number of conversations with at least one picture. */
    public int withImages() {
        return (int) conversations.stream().filter(conversation -> !conversation.pictures().isEmpty()).count();
    }

    /** All tags that occur. */
    public SortedSet<String> tags() {
        SortedSet<String> tags = new TreeSet<>();
        conversations.forEach(conversation -> tags.addAll(conversation.tags()));
        tags.remove("");
        return tags;
    }
}
