package dev.kogata.orchestrator.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A script that asks a bundle something, in Python with stock ONNX Runtime. It is run, as it is, on every layout and cache format that it is shown for. Stateless.
 */
public final class ServingScript {
    private static final String SCRIPT = "serve.py";
    /** A file's name is its author's; into a script that people run goes none that could be more than a name. */
    private static final String PLAIN = "[A-Za-z0-9._/-]+";

    private ServingScript() {
    }

    /** Whether a file's name can stand in the script. */
    public static boolean canName(String file) {
        return file.matches(PLAIN);
    }

    /**
     * The script.
     *
     * @param embedding the file of the token embeddings, relative to the bundle; empty where the decoder takes token ids
     * @param decoder the file of the decoder
     * @param headSize channels of a head of the cache, which a graph may leave open
     */
    public static String of(Optional<String> embedding, String decoder, int headSize) {
        String files = Stream.concat(embedding.stream(), Stream.of(decoder)).map(ServingScript::quoted).collect(Collectors.joining(", ", "", ","));
        try (InputStream in = ServingScript.class.getResourceAsStream(SCRIPT)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("HEAD", Integer.toString(headSize)).replace("FILES", files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String quoted(String file) {
        if (!canName(file)) {
            throw new IllegalArgumentException("no plain name: " + file);
        }
        return '"' + file + '"';
    }
}
