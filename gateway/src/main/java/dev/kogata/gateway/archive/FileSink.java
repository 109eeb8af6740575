package dev.kogata.gateway.archive;

import java.io.IOException;
import java.io.InputStream;

/** Takes the files of an archive one after the other. */
@FunctionalInterface
public interface FileSink {
    /**
     * Takes one file.
     *
     * @param bytes read to their end before this returns; a fault of the archive comes out of it as a KogataException,
     *     so that an IOException always is one of the sink
     */
    void accept(EntryPath path, InputStream bytes) throws IOException;
}
