package dev.kogata.gateway.grpc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Which uploads may have a message on its way. A message is in memory from the moment it is asked for until it is written, so that
 * what all uploads together take is bounded by turns, however many clients there are; they go round in the order in which they ask.
 * A client whose message is not there after a while no longer keeps another from its turn. Since slow ones' messages, too, will be in memory when
 * they come, only so many may be slow at once. Where more are, and others wait, the one that was waited for longest has to give up, if it has stalled: its
 * message takes many times as long as messages take here now, so that nobody gives up merely because the machine is busy. It goes on later where
 * it was, as after a lost connection. Thread-safe.
 */
final class MessageTurns {
    /** So many times the usual time a message takes to come is too long. */
    private static final int STALLED = 20;
    /** The usual time is that of about so many last messages. */
    private static final int REMEMBERED = 16;

    private final int atOnce;
    private final LongSupplier clock;
    private final long slowNanos;
    private final long stalledNanos;
    private long usualNanos;
    private final int slowAtOnce;
    private final Set<Turn> running = new LinkedHashSet<>();
    private final Set<Turn> slowOnes = new LinkedHashSet<>();
    private final Queue<Turn> waiting = new ArrayDeque<>();

    /**
     * Turns that nobody has.
     *
     * @param atOnce messages of clients that are not slow
     * @param slowAtOnce messages of slow clients
     * @param slow how long a message may take to come, until its client is called slow
     * @param stalled how long it takes at least, until its client has to give up where others wait
     * @param clock nanoseconds, only ever forward
     */
    MessageTurns(int atOnce, int slowAtOnce, Duration slow, Duration stalled, LongSupplier clock) {
        this.stalledNanos = stalled.toNanos();
        this.clock = clock;
        this.atOnce = atOnce;
        this.slowAtOnce = slowAtOnce;
        this.slowNanos = slow.toNanos();
    }

    /** One message's turn: asked for, then running, then over. */
    final class Turn {
        private final Runnable begin;
        private final Runnable giveUp;
        private long began;
        private boolean arrived;
        private boolean over;

        private Turn(Runnable begin, Runnable giveUp) {
            this.begin = begin;
            this.giveUp = giveUp;
        }

        /** Asks for the turn, unless it is over already: it begins when it comes, maybe at once and on this thread. */
        void ask() {
            synchronized (MessageTurns.this) {
                if (!over) {
                    waiting.add(this);
                }
            }
            grant();
        }

        /** The message is here whole. */
        void arrived() {
            synchronized (MessageTurns.this) {
                arrived = true;
                usualNanos += (clock.getAsLong() - began - usualNanos) / REMEMBERED;
            }
        }

        /** The message is written, or will never come. May be said twice. */
        void over() {
            synchronized (MessageTurns.this) {
                over = true;
                waiting.remove(this);
                running.remove(this);
                slowOnes.remove(this);
            }
            grant();
        }

        private boolean isSlow(long now) {
            return !arrived && now - began > slowNanos;
        }

        private boolean hasStalled(long now) {
            return !arrived && now - began > Math.max(stalledNanos, STALLED * usualNanos);
        }
    }

    /**
     * A turn to ask for.
     *
     * @param begin called when it comes, by whoever makes way for it: it must take no lock
     * @param giveUp called where its message has not come for too long while others wait; the turn is over then
     */
    Turn turn(Runnable begin, Runnable giveUp) {
        return new Turn(begin, giveUp);
    }

    /** Lets others go on that wait for slow clients only. Called now and then. */
    void look() {
        grant();
    }

    /** Turns that wait. */
    synchronized int waiting() {
        return waiting.size();
    }

    private void grant() {
        List<Runnable> due = due();
        while (!due.isEmpty()) {
            // Not while the lock is held: they ask the network for messages, and end calls.
            due.forEach(Runnable::run);
            due = due();
        }
    }

    /** What is to be done next: somebody's turn begins, or somebody gives up for it. */
    private synchronized List<Runnable> due() {
        List<Runnable> due = new ArrayList<>();
        if (waiting.isEmpty()) {
            return due;
        }
        long now = clock.getAsLong();
        for (Iterator<Turn> turns = running.iterator(); running.size() >= atOnce && turns.hasNext();) {
            Turn turn = turns.next();
            if (turn.isSlow(now) && hasRoomForOneMoreSlow(now, due)) {
                turns.remove();
                slowOnes.add(turn);
            }
        }
        if (running.size() < atOnce) {
            Turn turn = waiting.remove();
            turn.began = now;
            running.add(turn);
            due.add(turn.begin);
        }
        return due;
    }

    private boolean hasRoomForOneMoreSlow(long now, List<Runnable> due) {
        if (slowOnes.size() < slowAtOnce) {
            return true;
        }
        // Oldest first. One whose message has come is about to be written and makes room by itself.
        for (Iterator<Turn> slow = slowOnes.iterator(); slow.hasNext();) {
            Turn oldest = slow.next();
            if (oldest.hasStalled(now)) {
                slow.remove();
                oldest.over = true;
                due.add(oldest.giveUp);
                return true;
            }
        }
        return false;
    }
}
