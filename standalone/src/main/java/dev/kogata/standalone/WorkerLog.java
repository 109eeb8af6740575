package dev.kogata.standalone;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/** Readable one-line logs on standard output, in a process that has Quarkus' log manager but is no Quarkus application. */
final class WorkerLog {
    private WorkerLog() {}

    static void start() {
        Logger.getLogger("").setLevel(Level.INFO);
        // An absent broker is normal for a while, and said by those who need it.
        Logger.getLogger("org.apache.kafka").setLevel(Level.SEVERE);
        var console = new ConsoleHandler(ConsoleHandler.Target.SYSTEM_OUT, new PatternFormatter("%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5p [%c{1.}] %s%e%n"));
        // Until this is set, what is logged is kept back.
        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {console});
    }
}
