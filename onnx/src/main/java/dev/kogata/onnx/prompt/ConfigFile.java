package dev.kogata.onnx.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.kogata.core.RefusedInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** The small configuration files beside a bundle's graphs; untrusted, so of bounded size and never through a link. */
final class ConfigFile {
    private static final long MAXIMUM_BYTES = 256 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private ConfigFile() {
    }

    /**
     * The file's text, where there is one.
     *
     * @param reason of the refusal where it is too large
     */
    static Optional<String> text(Path bundle, String name, String reason) throws IOException {
        Path file = bundle.resolve(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (Files.size(file) > MAXIMUM_BYTES) {
            throw new RefusedInput(reason, "The bundle's %s is larger than %d bytes.".formatted(name, MAXIMUM_BYTES));
        }
        return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    /** The file's JSON; a missing node where there is no such file. */
    static JsonNode json(Path bundle, String name, String reason) throws IOException {
        Optional<String> text = text(bundle, name, reason);
        if (text.isEmpty()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text.get());
        } catch (IOException e) {
            throw new RefusedInput(reason, "The bundle's " + name + " is not JSON.");
        }
    }
}
