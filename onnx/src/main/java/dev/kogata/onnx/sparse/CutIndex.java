package dev.kogata.onnx.sparse;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code sparse.json}: where the weights of {@code sparse.safetensors} belong.
 *
 * @param format always {@link #FORMAT}
 * @param files the files that are stored without some weights' bytes; all others are as in the bundle
 */
record CutIndex(String format, List<CutFile> files) {
    static final String NAME = "sparse.json";
    static final String FORMAT = "kogata-sparse-1";
    private static final long MAXIMUM_BYTES = 64 << 20;
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();

    void write(Path folder) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(folder.resolve(NAME).toFile(), this);
    }

    static CutIndex read(Path folder) throws IOException {
        Path file = BundlePath.existing(folder, NAME);
        if (Files.size(file) > MAXIMUM_BYTES) {
            throw new IOException(NAME + " is larger than %d bytes".formatted(MAXIMUM_BYTES));
        }
        CutIndex index;
        try {
            index = JSON.readValue(file.toFile(), CutIndex.class);
        } catch (JacksonException e) {
            throw new IOException(NAME + " is not what Kogata writes");
        }
        if (!FORMAT.equals(index.format)) {
            throw new IOException(NAME + " is of another format than " + FORMAT);
        }
        return index;
    }
}
