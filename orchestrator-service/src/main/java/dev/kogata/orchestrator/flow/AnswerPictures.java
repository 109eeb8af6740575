package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.evaluator.v1.ChangedAnswer;
import dev.kogata.evaluator.v1.Picture;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The pictures of changed answers, to stand in the report itself. Only pictures of the job's own datasets, each once, as long as
 * they are small: a report stays a file that can be mailed. Stateless.
 */
final class AnswerPictures {

    static final int LARGEST = 1 << 20;
    static final int LARGEST_TOGETHER = 6 << 20;
    /** Formats that datasets may have, by how their files begin. A name is an author's word, the first bytes are not. */
    private static final Map<String, byte[]> FORMATS = Map.of("image/png", new byte[] {(byte) 0x89, 'P', 'N', 'G'},
            "image/jpeg", new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff}, "image/gif", "GIF8".getBytes(StandardCharsets.US_ASCII),
            "image/bmp", "BM".getBytes(StandardCharsets.US_ASCII));

    private AnswerPictures() {
    }

    /** Pictures as {@code data:} addresses, by SHA-256; those that are too large are not among them. */
    static Map<String, String> of(JobContext context, List<ChangedAnswer> answers) {
        Map<String, Long> sizes = new HashMap<>();
        Stream.concat(Stream.of(context.dataset()), context.heldout().stream())
                .map(dataset -> context.manifests().read(dataset.getManifest())).map(Manifest::getFilesList).flatMap(List::stream)
                .forEach((ManifestFile file) -> sizes.put(file.getSha256(), file.getSizeBytes()));
        Map<String, String> pictures = new LinkedHashMap<>();
        long left = LARGEST_TOGETHER;
        for (String sha256 : answers.stream().flatMap(answer -> answer.getPicturesList().stream()).map(Picture::getSha256).distinct().toList()) {
            long size = sizes.getOrDefault(sha256, Long.MAX_VALUE);
            if (size <= Math.min(LARGEST, left)) {
                byte[] bytes = context.artifacts().bytes(sha256, LARGEST);
                Optional<String> format = format(bytes);
                if (format.isPresent()) {
                    pictures.put(sha256, "data:" + format.get() + ";base64," + Base64.getEncoder().encodeToString(bytes));
                    left -= size;
                }
            }
        }
        return pictures;
    }

    private static Optional<String> format(byte[] bytes) {
        return FORMATS.entrySet().stream()
                .filter(format -> bytes.length > format.getValue().length && Arrays.equals(bytes, 0, format.getValue().length, format.getValue(), 0, format.getValue().length))
                .map(Map.Entry::getKey).findFirst();
    }
}
