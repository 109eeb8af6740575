package dev.kogata.kit.worker;

import dev.kogata.kit.config.ConfigReader;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.JsonFormatter;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * Logs of a process that has Quarkus' log manager but is no Quarkus application: on standard output, a line a record for people, or, with
 * {@code quarkus.log.console.json.enabled} as in the services, a JSON document with the job and its tenant in {@code mdc}.
 */
final class WorkerLog {
    private static final String MANAGER = "java.util.logging.manager";

    private WorkerLog() {}

    /** Says on standard output that the process is ready: a line that begins so, or a document with that message. */
    static void ready(String message) {
        if (ConfigReader.jsonLogs()) {
            Logger.getLogger(WorkerProcess.class.getName()).info(message);
        } else {
            System.out.println(message);
        }
    }

    /** To be called before anything logs. */
    static void start() {
        // Whoever named another one on the command line wants that.
        System.getProperties().putIfAbsent(MANAGER, "org.jboss.logmanager.LogManager");
        Logger.getLogger("").setLevel(Level.INFO);
        // An absent broker is normal for a while, and said by those who need it.
        Logger.getLogger("org.apache.kafka").setLevel(Level.SEVERE);
        Formatter format = ConfigReader.jsonLogs() ? new JsonFormatter() : new PatternFormatter("%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5p [%c{1.}] %s%e%n");
        var console = new ConsoleHandler(ConsoleHandler.Target.SYSTEM_OUT, format);
        // Until this is set, what is logged is kept back.
        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {console});
    }
}
