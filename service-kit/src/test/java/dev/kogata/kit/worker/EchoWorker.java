package dev.kogata.kit.worker;

import com.google.protobuf.StringValue;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** A worker's process whose tasks answer what they were asked, and log it. */
final class EchoWorker {
    private EchoWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        WorkerProcess.run(config -> config.profiler().address(), () -> Map.of("profile", (request, context) -> {
            String text = request.unpack(StringValue.class).getValue();
            Logger.getLogger(EchoWorker.class).infof("asked \"%s\"", text);
            return StringValue.of(text);
        }), error -> Optional.empty());
    }
}
