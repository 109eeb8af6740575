package dev.kogata.gateway.result;

import java.io.InputStream;

/**
 * An answer's body that comes from a stream, chunked unless the answer has a Content-Length. Whoever sends it closes it.
 *
 * @param bytes the stream
 */
record StreamedBytes(InputStream bytes) {}
