package dev.kogata.standalone.client;

import dev.kogata.standalone.PlainWords;
import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusExecutor;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Uploads files by the tus protocol. What was cut off goes on at the byte it had reached.
 */
public final class Uploader {
    /** One request carries this much, so that a lost connection costs no more. */
    private static final int REQUEST_BYTES = 64 << 20;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int[] PAUSES_MILLIS = {200, 1000, 3000, 10_000};

    private final Gateway gateway;
    private final TusClient tus = new TusClient();

    /**
     * Uploads to the gateway.
     *
     * @param places file that remembers unfinished uploads from one command to the next
     */
    public Uploader(Gateway gateway, Path places) {
        this.gateway = gateway;
        try {
            tus.setUploadCreationURL(URI.create(gateway.address() + "/v1/uploads").toURL());
        } catch (MalformedURLException impossible) {
            throw new IllegalArgumentException(impossible);
        }
        tus.setHeaders(gateway.identity());
        tus.enableResuming(new UploadPlaces(places, gateway.address()));
    }

    /**
     * Uploads a file.
     *
     * @param path its relative path in the model or dataset, with {@code /} between its parts
     * @return the upload's name, {@code uploads/ID}
     */
    public String upload(Path file, String path) {
        Attempt attempt = new Attempt(file, path);
        attempt.setDelays(PAUSES_MILLIS);
        try {
            if (!attempt.makeAttempts()) {
                throw GatewayFailure.unavailable("The upload of " + path + " was interrupted.");
            }
        } catch (ProtocolException refused) {
            throw refusal(refused, path);
        } catch (FileNotFoundException gone) {
            throw new GatewayFailure(GatewayFailure.Kind.REFUSED, "ARGUMENT_INVALID",
                    "The file " + file + " cannot be read: " + PlainWords.of(gone) + ".", Map.of());
        } catch (IOException lost) {
            throw gateway.unreachable();
        }
        return attempt.name;
    }

    /** The client library keeps only the status of a refusal. */
    private GatewayFailure refusal(ProtocolException refused, String path) {
        try {
            int status = refused.getCausingConnection() == null ? 0 : refused.getCausingConnection().getResponseCode();
            String reason = switch (status) {
                case 413 -> "LIMIT_EXCEEDED";
                case 507 -> "DISK_FULL";
                case 401, 403 -> "UNAUTHENTICATED";
                default -> status / 100 == 4 ? "ARGUMENT_INVALID" : "UNAVAILABLE";
            };
            var kind = status / 100 == 4 ? GatewayFailure.Kind.REFUSED : GatewayFailure.Kind.UNAVAILABLE;
            String why = switch (reason) {
                case "LIMIT_EXCEEDED" -> "it is larger than the installation allows";
                case "DISK_FULL" -> "its store has no space left";
                case "UNAUTHENTICATED" -> "the request is not allowed";
                default -> "status " + status;
            };
            return new GatewayFailure(kind, reason, gateway.address() + " did not take the file " + path + ": " + why + ".", Map.of());
        } catch (IOException lost) {
            return gateway.unreachable();
        }
    }

    private final class Attempt extends TusExecutor {
        private final Path file;
        private final String path;
        private String name;

        Attempt(Path file, String path) {
            this.file = file;
            this.path = path;
        }

        @Override
        protected void makeAttempt() throws ProtocolException, IOException {
            TusUpload upload = new TusUpload(file.toFile());
            upload.setMetadata(Map.of("filename", path));
            upload.setFingerprint(file.toAbsolutePath() + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + " " + path);
            TusUploader uploader = tus.resumeOrCreateUpload(upload);
            uploader.setChunkSize(CHUNK_BYTES);
            uploader.setRequestPayloadSize(REQUEST_BYTES);
            int sent;
            do {
                sent = uploader.uploadChunk();
            } while (sent >= 0);
            uploader.finish();
            String address = uploader.getUploadURL().getPath();
            name = "uploads/" + address.substring(address.lastIndexOf('/') + 1);
        }
    }
}
