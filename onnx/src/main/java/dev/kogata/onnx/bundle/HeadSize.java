package dev.kogata.onnx.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Head size of a decoder whose graph leaves it symbolic, from the bundle's configuration files. */
final class HeadSize {
    private static final long MAXIMUM_BYTES = 16L << 20;

    private HeadSize() {}

    static Optional<Integer> of(Path root) {
        return json(root.resolve("genai_config.json")).map(j -> j.path("model").path("decoder").path("head_size").asInt())
                .or(() -> json(root.resolve("config.json")).map(HeadSize::fromConfig)).filter(size -> size > 0 && size <= 65_536);
    }

    private static int fromConfig(JsonNode config) {
        for (JsonNode part : List.of(config.path("text_config"), config)) {
            int heads = part.path("num_attention_heads").asInt();
            int size = part.path("head_dim").asInt(heads > 0 ? part.path("hidden_size").asInt() / heads : 0);
            if (size > 0) {
                return size;
            }
        }
        return 0;
    }

    private static Optional<JsonNode> json(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAXIMUM_BYTES
                    ? Optional.of(new ObjectMapper().readTree(file.toFile())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // whoever needs the number says that it is missing
        }
    }
}
