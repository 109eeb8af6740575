package dev.kogata.kit.event;

import io.cloudevents.CloudEvent;
import java.time.Duration;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.Handle;

/** Remembers which events have had their effect, in the transaction of the effect: delivered often, done once. */
public final class Inbox {
    private Inbox() {}

    /** True the first time that an event comes in; a second transaction with the same event waits for the first one. */
    public static boolean accept(Handle handle, CloudEvent event) {
        return handle.createUpdate("""
                        insert into inbox (source, id, create_time) values (:source, :id, current_timestamp)
                        on conflict do nothing""")
                .bind("source", event.getSource().toString()).bind("id", event.getId()).execute() == 1;
    }

    /** Forgets events older than {@code age}; returns how many. */
    public static int purge(Handle handle, Duration age) {
        OffsetDateTime now = handle.createQuery("select current_timestamp").mapTo(OffsetDateTime.class).one();
        return handle.createUpdate("delete from inbox where create_time < :limit").bind("limit", now.minus(age)).execute();
    }
}
