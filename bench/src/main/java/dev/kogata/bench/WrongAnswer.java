package dev.kogata.bench;

/** What was timed did not compute what it should have; its time means nothing. */
final class WrongAnswer extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private WrongAnswer(String message) {
        super(message);
    }

    static void unless(boolean right, String claim) {
        if (!right) {
            throw new WrongAnswer("it does not hold that " + claim);
        }
    }
}
