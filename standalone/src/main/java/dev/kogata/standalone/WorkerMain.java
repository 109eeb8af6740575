package dev.kogata.standalone;

import dev.kogata.kit.worker.WorkerProcess;

/** The worker of the embedded mesh: does the tasks of all types. All APIs of this mesh are in one process, which hands them out. */
public final class WorkerMain {
    private WorkerMain() {}

    /** Works until the process is ended. */
    public static void main(String[] arguments) throws InterruptedException {
        WorkerProcess.run(config -> config.profiler().address(), WorkerTasks::handlers, WorkerTasks::meaning);
    }
}
