package dev.kogata.orchestrator.job;

/** A caller's text as it may stand in a sentence or a log: in quotes, short, and without control characters. */
final class Quoted {

    private static final int LONGEST = 80;

    private Quoted() {
    }

    static String of(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(LONGEST)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.append(text.codePointCount(0, text.length()) > LONGEST ? "...\"" : "\"").toString();
    }
}
