package dev.kogata.gateway.result;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Sends streams without a thread and with a fixed amount of memory per client, as the framework itself does for files.
 * Its output streams do neither: twenty slow clients filled 160 MB of buffers there. And its reactive streams end an answer
 * properly after an error, where it has to break off.
 */
@Provider
public class StreamedBytesWriter implements ServerMessageBodyWriter<StreamedBytes> {
    @Override
    public boolean isWriteable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return type == StreamedBytes.class;
    }

    @Override
    public boolean isWriteable(Class<?> type, Type generic, ResteasyReactiveResourceInfo target, MediaType mediaType) {
        return type == StreamedBytes.class;
    }

    @Override
    public void writeResponse(StreamedBytes body, Type generic, ServerRequestContext context) {
        ResteasyReactiveRequestContext request = (ResteasyReactiveRequestContext) context;
        ServerHttpResponse response = context.serverResponse();
        // The framework adds the answer's headers when the first byte goes out; that is too late for this one.
        String length = request.getResponse().get().getHeaderString("Content-Length");
        if (length == null) {
            response.setChunked(true);
        } else {
            response.setResponseHeader("Content-Length", length);
        }
        request.suspend();
        new StreamPump(body.bytes(), response, Infrastructure.getDefaultWorkerPool(), request::resume).next();
    }

    @Override
    public void writeTo(StreamedBytes body, Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType,
        MultivaluedMap<String, Object> headers, OutputStream out) throws IOException {
        try (InputStream in = body.bytes()) {
            in.transferTo(out);
        }
    }
}
