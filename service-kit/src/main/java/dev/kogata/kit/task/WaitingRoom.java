package dev.kogata.kit.task;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Where callers wait for something without holding a thread each. Guests sit at keys; when a key rings, its guests
 * are tried in order of arrival until one cannot be served: then the others cannot either. One thread does it all.
 */
final class WaitingRoom implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WaitingRoom.class);

    /** Somebody who waits. */
    interface Guest {
        /** Serves the guest if that is possible now; true where it is done, or gone. */
        boolean serve();

        /** The time is over, or the room closes. */
        void dismiss();
    }

    private final Map<String, Queue<Seat>> tables = new HashMap<>();
    private final ScheduledExecutorService thread;

    WaitingRoom(String name) {
        thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
            Thread it = new Thread(runnable, name);
            it.setDaemon(true);
            return it;
        });
    }

    /** Lets a guest wait at all of {@code keys}; it is tried at once. */
    void enter(List<String> keys, Duration wait, Guest guest) {
        thread.execute(() -> {
            Seat seat = new Seat(keys, guest);
            keys.forEach(key -> tables.computeIfAbsent(key, it -> new ArrayDeque<>()).add(seat));
            if (seat.tryServe()) {
                leave(seat);
            } else {
                thread.schedule(() -> {
                    if (seat.dismiss()) {
                        leave(seat);
                    }
                }, wait.toMillis(), TimeUnit.MILLISECONDS);
            }
        });
    }

    /** Something may have changed at {@code key}. */
    void ring(String key) {
        if (!thread.isShutdown()) {
            thread.execute(() -> serve(key));
        }
    }

    /** Something may have changed at any key that begins with {@code prefix}. */
    void ringAll(String prefix) {
        if (!thread.isShutdown()) {
            thread.execute(() -> Set.copyOf(tables.keySet()).stream().filter(key -> key.startsWith(prefix)).forEach(this::serve));
        }
    }

    @Override
    public void close() {
        thread.execute(() -> {
            tables.values().stream().flatMap(Queue::stream).forEach(Seat::dismiss);
            thread.shutdownNow();
        });
    }

    private void serve(String key) {
        Queue<Seat> table = tables.get(key);
        if (table == null) {
            return;
        }
        for (Seat seat : List.copyOf(table)) {
            if (!seat.tryServe()) {
                return;
            }
            leave(seat);
        }
    }

    private void leave(Seat seat) {
        for (String key : seat.keys) {
            tables.computeIfPresent(key, (it, table) -> {
                table.remove(seat);
                return table.isEmpty() ? null : table;
            });
        }
    }

    /** Used by the room's thread only. */
    private static final class Seat {
        private final List<String> keys;
        private final Guest guest;
        private boolean done;

        Seat(List<String> keys, Guest guest) {
            this.keys = keys;
            this.guest = guest;
        }

        boolean tryServe() {
            try {
                done = done || guest.serve();
            } catch (RuntimeException e) {
                LOG.warnf("a waiting caller cannot be served: %s", e.getMessage());
                return false;
            }
            return done;
        }

        /** True where the guest was still waiting. */
        boolean dismiss() {
            if (done) {
                return false;
            }
            done = true;
            guest.dismiss();
            return true;
        }
    }
}
