package dev.kogata.gateway.result;

import dev.kogata.kit.error.Incident;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;

/**
 * Moves one stream into one answer, piece by piece: the next piece is read when the client has taken the one before. Two
 * pieces are in memory at most, and while the client is slow no thread waits.
 *
 * <p>One piece is always kept back: the store checks the bytes when they end, and where they are damaged the answer has
 * to break off rather than look whole.
 */
final class StreamPump {
    private static final Logger LOG = Logger.getLogger(StreamPump.class);
    private static final int BYTES = 256 * 1024;

    private final InputStream in;
    private final ServerHttpResponse response;
    private final Executor workers;
    private final Runnable done;
    private byte[] kept;

    StreamPump(InputStream in, ServerHttpResponse response, Executor workers, Runnable done) {
        this.in = in;
        this.response = response;
        this.workers = workers;
        this.done = done;
    }

    /** Reads the next piece on a worker, and sends the one that was kept back. */
    void next() {
        workers.execute(() -> {
            try {
                byte[] ready = kept == null ? in.readNBytes(BYTES) : kept;
                kept = ready.length < BYTES ? new byte[0] : in.readNBytes(BYTES);
                send(ready);
            } catch (IOException | RuntimeException e) {
                // Too late for a problem document: the log has the incident, the client a connection that broke.
                Incident.of(e);
                response.reset();
                end();
            }
        });
    }

    private void send(byte[] piece) {
        if (piece.length == 0) {
            response.end();
            end();
            return;
        }
        response.write(piece, failure -> {
            if (failure == null) {
                next();
            } else {
                LOG.debug("The client is gone");
                end();
            }
        });
    }

    private void end() {
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("A file that was being sent could not be closed", e);
        }
        done.run();
    }
}
