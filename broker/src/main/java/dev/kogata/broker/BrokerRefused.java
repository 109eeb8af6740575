package dev.kogata.broker;

/** The broker cannot start because of something outside it; the message begins with the reason. */
public final class BrokerRefused extends RuntimeException {
    BrokerRefused(String message) {
        super(message);
    }
}
