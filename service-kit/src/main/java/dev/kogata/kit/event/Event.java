package dev.kogata.kit.event;

import com.google.protobuf.Message;

/**
 * An event to be sent: a CloudEvent 1.0 with a protobuf payload.
 *
 * @param topic Kafka topic
 * @param key Kafka key; events of one key stay in order. In Kogata the job's name
 * @param id unique within the source; who has seen it drops the next one
 * @param source URI reference of the sender, {@code //kogata.dev/SERVICE}
 * @param type {@code dev.kogata.NOUN.changed.v1}
 * @param payload what changed
 */
public record Event(String topic, String key, String id, String source, String type, Message payload) {
    /** Content type of all payloads. */
    public static final String CONTENT_TYPE = "application/protobuf";
    /** Every change of every job, for anybody. */
    public static final String JOBS = "kogata.jobs";
    /** Type of the events of {@link #JOBS}. */
    public static final String JOB_CHANGED = "dev.kogata.job.changed.v1";
    /** Asks for jobs, from anybody. */
    public static final String REQUESTS = "kogata.requests";
    /** Type of the events of {@link #REQUESTS}. */
    public static final String JOB_REQUESTED = "dev.kogata.job.requested.v1";
    /** Records that could not be used, with the reason. */
    public static final String DEAD = "kogata.dead";
    /** Type of the events of {@link #DEAD}. */
    public static final String DEAD_LETTER = "dev.kogata.dead.v1";
    /** Type of the events that ring for tasks. */
    public static final String TASK_CHANGED = "dev.kogata.task.changed.v1";

    /** Topic that rings for tasks of a type. */
    public static String tasks(String type) {
        return "kogata.tasks." + type;
    }
}
