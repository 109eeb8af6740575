package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kogata key}: makes an API key. The key is shown once; the gateway gets its hash only. */
@Command(
        name = "key",
        description = "Makes an API key for a tenant. Shows the key, and the line for the gateway's file of keys; keeps neither.",
        footer = {
            "",
            "The gateway reads the file that KOGATA_GATEWAY_IDENTITY_API_KEYS names; callers send the key from KOGATA_API_KEY.",
            "",
            "Example:",
            "  kogata key acme ci",
        })
final class KeyCommand implements Callable<Integer> {
    private static final int RANDOM_BYTES = 24;

    @Mixin
    private Output output;

    @Parameters(index = "0", paramLabel = "TENANT", description = "Whose models and jobs the key opens.")
    private String tenant;

    @Parameters(index = "1", paramLabel = "NAME", description = "Who uses the key, as the log of changes will say.")
    private String name;

    @Override
    public Integer call() {
        if (!tenant.matches("[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,127}") || !name.matches("[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,127}")) {
            throw CommandFailure.usage("ARGUMENT_INVALID", "Tenant and name are at most 128 letters, digits and . _ @ : / + -, without spaces.");
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String key = "kogata_" + HexFormat.of().formatHex(random);
        String line = tenant + " " + name + " " + sha256(key);
        ObjectNode document = Output.JSON.createObjectNode().put("key", key).put("line", line);
        output.document(document);
        output.line("key (shown this once)             " + key);
        output.line("line for the gateway's key file   " + line);
        return ExitCode.DONE;
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
