package dev.kogata.kit.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority of a test's own, and what it certifies, as PEM files in a folder. */
public final class Certificates {
    public static final String PASSWORD = "changeit";
    private static final char[] WORD = PASSWORD.toCharArray();

    private final Path folder;
    private final Path store;

    /** The authority in a folder: the one that is there, or a new one. */
    public Certificates(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("store.p12");
        if (!Files.exists(store)) {
            keytool("-genkeypair", "-alias", "ca", "-dname", "CN=authority", "-ext", "bc:c");
        }
    }

    /** File of the authority's certificate. */
    public Path authority() {
        return write("ca.pem", "CERTIFICATE", encoded(() -> open().getCertificate("ca").getEncoded()));
    }

    /** PKCS 12 file of the authority's certificate alone, for servers that ask for one; its password is {@link #PASSWORD}. */
    public Path authorityStore() {
        Path file = folder.resolve("ca.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", open().getCertificate("ca"));
            trusted.store(out, WORD);
            return file;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Certifies a name, valid for this machine's own addresses. */
    public void certify(String name) {
        keytool("-genkeypair", "-alias", name, "-signer", "ca", "-dname", "CN=" + name, "-ext", "san=dns:localhost,ip:127.0.0.1");
    }

    /** File of a name's certificate. */
    public Path certificate(String name) {
        return write(name + ".pem", "CERTIFICATE", encoded(() -> open().getCertificate(name).getEncoded()));
    }

    /** File of a name's private key. */
    public Path key(String name) {
        return write(name + ".key", "PRIVATE KEY", encoded(() -> open().getKey(name, WORD).getEncoded()));
    }

    private interface Reading {
        byte[] read() throws GeneralSecurityException, IOException;
    }

    private static byte[] encoded(Reading reading) {
        try {
            return reading.read();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private KeyStore open() throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, WORD);
        }
        return keys;
    }

    private Path write(String file, String kind, byte[] bytes) {
        String text = "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
        try {
            return Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keytool(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
