package dev.kogata.onnx.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The {@code genai_config.json} of a delivered bundle: what it says of the cache stays true. */
final class GenaiConfig {
    static final String NAME = "genai_config.json";
    private static final String SHARE = "past_present_share_buffer";

    private GenaiConfig() {}

    /**
     * Says that past and present are buffers of their own: a portable cache grows with every token. A file that cannot be read, or says nothing of it, stays as
     * it is.
     */
    static void withGrowingCache(Path bundle) throws IOException {
        Path file = bundle.resolve(NAME);
        ObjectMapper mapper = new ObjectMapper();
        JsonNode config = Files.isRegularFile(file) ? mapper.readTree(file.toFile()) : mapper.missingNode();
        if (config.path("search").path(SHARE).asBoolean()) {
            ((ObjectNode) config.path("search")).put(SHARE, false);
            Files.write(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(config));
        }
    }
}
