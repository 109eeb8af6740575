package dev.kogata.gateway.grpc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;

/**
 * Which uploads may have a message on its way. A message is in memory from the moment it is asked for until it is written, so that
 * what all uploads together take is bounded by turns, however many clients there are; they go round in the order in which they ask.
 * A client whose message is not there after a while no longer keeps another from its turn, as long as not too many are slow at once: their messages, too,
 * will be in memory when they come. Thread-safe.
 */
final class MessageTurns {
    private final int atOnce;
    private final long slowNanos;
    private final int slowAtOnce;
    private final Set<Turn> running = new LinkedHashSet<>();
    private final Set<Turn> slowOnes = new HashSet<>();
    private final Queue<Turn> waiting = new ArrayDeque<>();

    /**
     * Turns that nobody has.
     *
     * @param atOnce messages of clients that are not slow
     * @param slowAtOnce messages of slow clients
     * @param slow how long a message may take to come, until its client is called slow
     */
    MessageTurns(int atOnce, int slowAtOnce, Duration slow) {
        this.atOnce = atOnce;
        this.slowAtOnce = slowAtOnce;
        this.slowNanos = slow.toNanos();
    }

    /** One message's turn: asked for, then running, then over. */
    final class Turn {
        private final Runnable begin;
        private long began;
        private boolean arrived;
        private boolean over;

        private Turn(Runnable begin) {
            this.begin = begin;
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
    }

    /** A turn to ask for; {@code begin} is called when it comes, by whoever makes way for it: it must take no lock. */
    Turn turn(Runnable begin) {
        return new Turn(begin);
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
        for (Turn next = next(); next != null; next = next()) {
            // Not while the lock is held: it asks the network for a message.
            next.begin.run();
        }
    }

    private synchronized Turn next() {
        if (waiting.isEmpty()) {
            return null;
        }
        long now = System.nanoTime();
        for (Iterator<Turn> turns = running.iterator(); running.size() >= atOnce && slowOnes.size() < slowAtOnce && turns.hasNext();) {
            Turn turn = turns.next();
            if (turn.isSlow(now)) {
                turns.remove();
                slowOnes.add(turn);
            }
        }
        if (running.size() >= atOnce) {
            return null;
        }
        Turn turn = waiting.remove();
        turn.began = now;
        running.add(turn);
        return turn;
    }
}
