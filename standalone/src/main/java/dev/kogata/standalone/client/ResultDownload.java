package dev.kogata.standalone.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/** Downloads the files of a job into an empty folder, each checked against its SHA-256. */
public final class ResultDownload {
    private static final int ATTEMPTS = 3;

    private final Gateway gateway;
    private final String job;

    /** Downloads the result of {@code jobs/ID}. */
    public ResultDownload(Gateway gateway, String job) {
        this.gateway = gateway;
        this.job = job;
    }

    /** Writes every file of the result. */
    public void into(Path folder) {
        for (JsonNode file : gateway.result(job).path("files")) {
            String path = file.path("path").asText();
            Path target = inside(folder, path);
            for (int attempt = 1; !download(path, file.path("sha256").asText(), target); attempt++) {
                if (attempt == ATTEMPTS) {
                    throw new GatewayFailure(GatewayFailure.Kind.UNAVAILABLE, "CHECKSUM_MISMATCH",
                            "The file " + path + " did not arrive as " + job + " announced it, " + ATTEMPTS + " times.", Map.of());
                }
                Gateway.pause(Duration.ofSeconds(1));
            }
        }
    }

    /** False where the connection was cut or the bytes are not those announced. */
    private boolean download(String path, String sha256, Path target) {
        MessageDigest digest = sha256();
        try {
            Files.createDirectories(target.getParent());
        } catch (IOException unwritable) {
            throw unwritable(target, unwritable);
        }
        try (OutputStream file = new DigestOutputStream(Files.newOutputStream(target), digest)) {
            try (InputStream bytes = gateway.resultFile(job, path)) {
                return copy(bytes, file) && HexFormat.of().formatHex(digest.digest()).equals(sha256);
            }
        } catch (IOException unwritable) {
            throw unwritable(target, unwritable);
        }
    }

    /** Copies to the end; false where reading failed. A failure to write is thrown: asking again would not help. */
    private static boolean copy(InputStream bytes, OutputStream file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        while (true) {
            int read;
            try {
                read = bytes.read(buffer);
            } catch (IOException cut) {
                return false;
            }
            if (read < 0) {
                return true;
            }
            file.write(buffer, 0, read);
        }
    }

    /** A server is not trusted to stay inside the folder. */
    private Path inside(Path folder, String path) {
        try {
            Path target = folder.resolve(path).normalize();
            if (target.startsWith(folder.normalize()) && !target.equals(folder.normalize())) {
                return target;
            }
        } catch (InvalidPathException unusable) {
            // Refused below.
        }
        throw new GatewayFailure(GatewayFailure.Kind.UNAVAILABLE, "VERIFICATION_FAILED",
                gateway.address() + " offers a file outside the result folder: nothing was kept.", Map.of());
    }

    private static GatewayFailure unwritable(Path target, IOException cause) {
        return new GatewayFailure(GatewayFailure.Kind.REFUSED, PlainWords.reason(cause),
                "The file " + target + " cannot be written: " + PlainWords.of(cause) + ".", Map.of());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
