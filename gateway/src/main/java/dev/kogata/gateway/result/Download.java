package dev.kogata.gateway.result;

import java.io.InputStream;

/** Bytes that somebody may download, whole or in part: they are the same for as long as their tag is. Immutable. */
public interface Download {
    /** How many bytes. */
    long size();

    /** Tells these bytes from all others; without quotes. */
    String tag();

    /** Media type of an answer with them. */
    String mediaType();

    /** All of them; the stream fails where they are not what they should be. */
    InputStream open();

    /** Some of them; the stream fails where they are not all there. */
    InputStream open(long first, long length);
}
