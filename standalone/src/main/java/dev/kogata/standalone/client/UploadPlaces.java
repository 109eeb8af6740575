package dev.kogata.standalone.client;

import io.tus.java.client.TusURLStore;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where unfinished uploads are at the gateway, in a file: a command that was interrupted goes on with them when it is given again.
 * Addresses are kept without the server's, which may listen on another port then. Losing the file costs sending bytes again.
 */
final class UploadPlaces implements TusURLStore {
    private final Path file;
    private final URI server;

    UploadPlaces(Path file, URI server) {
        this.file = file;
        this.server = server;
    }

    @Override
    public synchronized void set(String fingerprint, URL url) {
        Properties places = read();
        places.setProperty(fingerprint, url.getPath());
        write(places);
    }

    @Override
    public synchronized URL get(String fingerprint) {
        String path = read().getProperty(fingerprint);
        try {
            return path == null ? null : URI.create(server + path).toURL();
        } catch (MalformedURLException | IllegalArgumentException damaged) {
            return null;
        }
    }

    @Override
    public synchronized void remove(String fingerprint) {
        Properties places = read();
        if (places.remove(fingerprint) != null) {
            write(places);
        }
    }

    private Properties read() {
        Properties places = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            places.load(in);
        } catch (IOException | IllegalArgumentException none) {
            places.clear();
        }
        return places;
    }

    private void write(Properties places) {
        try {
            Files.createDirectories(file.getParent());
            try (Writer out = Files.newBufferedWriter(file)) {
                places.store(out, null);
            }
        } catch (IOException full) {
            // The upload itself does not need it.
        }
    }
}
