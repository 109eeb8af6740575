package dev.kogata.kit.worker;

import com.google.protobuf.StringValue;
import dev.kogata.kit.error.KogataException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A worker as services have it, configured by system properties. What it is to do says how it goes. */
final class OneTaskWorker {
    private OneTaskWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        WorkerProcess.run(config -> config.profiler().address(), () -> Map.of("profile", (request, context) -> {
            String what = request.unpack(StringValue.class).getValue();
            switch (what) {
                case "refuse" -> throw KogataException.invalid("what", "No.");
                case "fail" -> throw new IllegalStateException("by accident");
                case "hang" -> new CountDownLatch(1).await();
                default -> { }
            }
            return StringValue.of(what);
        }), error -> Optional.empty());
    }
}
