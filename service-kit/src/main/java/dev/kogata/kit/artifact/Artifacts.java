package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Artifact;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Names of artifacts, and the store that the configuration asks for. */
public final class Artifacts {
    /** Every artifact's URI is this and its SHA-256. */
    public static final String URI_PREFIX = "artifact:sha256/";
    /** Media type of a {@code Manifest}'s canonical JSON. */
    public static final String MANIFEST = "application/vnd.kogata.manifest+json";
    /** Media type of safetensors files. */
    public static final String SAFETENSORS = "application/vnd.safetensors";
    /** Media type of JSON documents. */
    public static final String JSON = "application/json";
    /** Media type of bytes about which nothing is known. */
    public static final String BYTES = "application/octet-stream";

    /** A file in the making that nobody has written to for so long has lost its writer. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private Artifacts() {}

    /** The artifact of these facts. */
    public static Artifact of(String sha256, long bytes, String mediaType) {
        return Artifact.newBuilder().setSha256(Sha256.checked(sha256)).setSizeBytes(bytes)
                .setUri(URI_PREFIX + sha256).setMediaType(mediaType).build();
    }

    /** An artifact from outside, if its URI and SHA-256 are well-formed and agree; {@code ARGUMENT_INVALID} otherwise. */
    public static Artifact checked(Artifact artifact, String field) {
        String sha256 = artifact.getSha256();
        if (sha256.isEmpty()) {
            throw KogataException.invalid(field, "'" + field + "' names no artifact.");
        }
        Sha256.checked(sha256);
        if (!artifact.getUri().isEmpty() && !artifact.getUri().equals(URI_PREFIX + sha256)) {
            throw KogataException.invalid(field, "'" + field + "' has the URI '" + artifact.getUri() + "', which is not that of its SHA-256.");
        }
        return artifact;
    }

    /** Opens the store at {@code config.url()}, and removes what writers left there that were killed. */
    public static ArtifactStore open(KogataConfig.Artifacts config) {
        URI url = config.url();
        ArtifactStore store = switch (String.valueOf(url.getScheme())) {
            case "file" -> new FolderArtifactStore(Path.of(url), config.verify());
            case "s3" -> S3ArtifactStore.open(url, config.s3());
            default -> throw KogataException.invalid("kogata.artifacts.url", "The artifact store '" + url + "' is of no known kind; use file:///DIR or s3://BUCKET.");
        };
        store.sweep(ABANDONED);
        return store;
    }
}
