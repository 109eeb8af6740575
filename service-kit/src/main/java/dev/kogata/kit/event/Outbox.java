package dev.kogata.kit.event;

import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.Backoff;
import dev.kogata.kit.fault.FaultPoint;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;

/**
 * Events of one schema on their way to Kafka. An event is added in the transaction that makes it true; a thread of the
 * outbox sends it once that is committed, again and again until the broker has it. So every event is sent at least once,
 * and a missing broker delays nobody else. Thread-safe.
 */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Outbox.class);
    private static final int BATCH = 200;
    /** Where nothing rings: events left by a process that died between commit and sending. */
    private static final long IDLE_MILLIS = 2000;
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));

    private final Database database;
    private final EventSender sender;
    private final Semaphore bell = new Semaphore(0);
    /** Completed when closing. Never an interrupt: one that hits H2 at its file closes the database for everybody. */
    private final CompletableFuture<Object> closing = new CompletableFuture<>();
    private final Thread thread;

    /** An outbox in {@code database}'s schema; sends from now on. */
    public Outbox(Database database, EventSender sender) {
        this.database = database;
        this.sender = sender;
        this.thread = new Thread(this::run, "outbox-" + database.schema());
        thread.setDaemon(true);
        thread.start();
    }

    /** Adds an event to the transaction of {@code handle}. */
    public void add(Handle handle, Event event) {
        handle.createUpdate("""
                        insert into outbox (topic, record_key, id, source, type, payload, create_time)
                        values (:topic, :key, :id, :source, :type, :payload, current_timestamp)""")
                .bind("topic", event.topic()).bind("key", event.key()).bind("id", event.id())
                .bind("source", event.source()).bind("type", event.type())
                .bind("payload", event.payload().toByteArray()).execute();
        handle.afterCommit(bell::release);
    }

    /** Events that the broker does not have yet. */
    public long waiting() {
        return database.withHandle(handle -> handle.createQuery("select count(*) from outbox").mapTo(long.class).one());
    }

    @Override
    public void close() {
        closing.complete(null);
        bell.release();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        int failures = 0;
        while (!closing.isDone()) {
            try {
                rest(failures);
                while (!closing.isDone() && sendBatch() == BATCH) {
                    // A full batch: there may be more.
                }
                if (failures > 0) {
                    LOG.infof("events of %s are sent again", database.schema());
                }
                failures = 0;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (closing.isDone()) {
                    return;
                }
                if (failures++ == 0) {
                    LOG.warnf("events of %s wait, trying again: %s", database.schema(), e.getMessage());
                }
            }
        }
    }

    /** After a failure for a while, else until there is something to send. */
    private void rest(int failures) throws InterruptedException {
        if (failures == 0) {
            bell.tryAcquire(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            try {
                closing.get(PAUSES.after(failures).toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // Time to try again.
            } catch (ExecutionException e) {
                throw new IllegalStateException("closing is only ever completed with nothing", e);
            }
        }
        bell.drainPermits();
    }

    /**
     * Sends the oldest events and removes them. The rows stay locked meanwhile, so that another replica takes others;
     * a crash before the commit sends them again.
     */
    private int sendBatch() {
        return database.inTransaction(handle -> {
            List<Long> numbers = new ArrayList<>();
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            handle.createQuery("select * from outbox order by number limit :batch for update skip locked").bind("batch", BATCH)
                    .map((row, context) -> new Waiting(row.getLong("number"), row.getString("topic"), row.getString("record_key"),
                            CloudEventBuilder.v1().withId(row.getString("id")).withSource(URI.create(row.getString("source")))
                                    .withType(row.getString("type")).withTime(row.getObject("create_time", OffsetDateTime.class))
                                    .withData(Event.CONTENT_TYPE, row.getBytes("payload")).build()))
                    .list().forEach(waiting -> {
                        numbers.add(waiting.number);
                        sent.add(sender.send(waiting.topic, waiting.key, waiting.event));
                    });
            FaultPoint.reach("outbox.before-sent");
            try {
                CompletableFuture<Void> all = CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
                CompletableFuture.anyOf(all, closing).join();
                if (!all.isDone()) {
                    throw new IllegalStateException("closing");
                }
            } catch (CompletionException e) {
                throw new IllegalStateException(String.valueOf(e.getCause().getMessage()), e.getCause());
            }
            if (!numbers.isEmpty()) {
                FaultPoint.reach("outbox.after-sent");
                handle.createUpdate("delete from outbox where number in (<numbers>)").bindList("numbers", numbers).execute();
            }
            return numbers.size();
        });
    }

    private record Waiting(long number, String topic, String key, CloudEvent event) {}
}
