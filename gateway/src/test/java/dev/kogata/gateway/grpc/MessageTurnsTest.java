package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTurnsTest {
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final Duration STALLED = Duration.ofSeconds(10);

    private final List<String> begun = new ArrayList<>();
    private final List<String> gaveUp = new ArrayList<>();
    private long nanos;

    @Test
    void letsOnlySoManyMessagesBeOnTheirWayAndTheOthersInTheirOrder() {
        MessageTurns turns = turns(2, 2);
        MessageTurns.Turn a = ask(turns, "a");
        MessageTurns.Turn b = ask(turns, "b");
        ask(turns, "c");
        ask(turns, "d");
        a.arrived();
        assertThat(begun).as("a is here, and not written").containsExactly("a", "b");
        b.over();
        assertThat(begun).containsExactly("a", "b", "c");
        a.over();
        a.over();
        assertThat(begun).as("over twice is over once").containsExactly("a", "b", "c", "d");
    }

    @Test
    void aClientWhoseMessageDoesNotComeKeepsNobodyWaitingForLong() {
        MessageTurns turns = turns(1, 2);
        MessageTurns.Turn slow = ask(turns, "slow");
        ask(turns, "quick");
        turns.look();
        assertThat(begun).containsExactly("slow");
        later(1.5);
        turns.look();
        assertThat(begun).containsExactly("slow", "quick");
        slow.over();
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void aMessageThatHasComeKeepsItsTurnUntilItIsWritten() {
        MessageTurns turns = turns(1, 2);
        ask(turns, "here").arrived();
        ask(turns, "next");
        later(1000);
        turns.look();
        assertThat(begun).as("its bytes are in memory").containsExactly("here");
    }

    @Test
    void notTooManyMayBeSlow() {
        MessageTurns turns = turns(1, 2);
        MessageTurns.Turn first = askAndWait(turns, "first");
        askAndWait(turns, "second");
        askAndWait(turns, "third");
        askAndWait(turns, "fourth");
        assertThat(begun).as("two slow ones and one more").containsExactly("first", "second", "third");
        assertThat(gaveUp).as("none has stalled yet").isEmpty();
        first.over();
        assertThat(begun).contains("fourth");
    }

    @Test
    void whereTooManyAreSlowTheOneThatStalledForLongestGivesUp() {
        MessageTurns turns = turns(1, 2);
        askAndWait(turns, "first");
        MessageTurns.Turn second = askAndWait(turns, "second");
        askAndWait(turns, "third");
        ask(turns, "fourth");
        later(20);
        turns.look();
        assertThat(gaveUp).containsExactly("first");
        assertThat(begun).endsWith("fourth");
        second.arrived();
        ask(turns, "fifth");
        later(2000);
        turns.look();
        assertThat(gaveUp).as("the second's message is in memory, and will be written").containsExactly("first", "third");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void nobodyGivesUpWhereNobodyWaits() {
        MessageTurns turns = turns(1, 1);
        askAndWait(turns, "slow");
        askAndWait(turns, "slow, too");
        later(1000);
        turns.look();
        assertThat(gaveUp).isEmpty();
        ask(turns, "another");
        assertThat(gaveUp).containsExactly("slow");
    }

    @Test
    void nobodyGivesUpBecauseEverybodyIsSlowOnABusyMachine() {
        MessageTurns turns = turns(1, 1);
        for (int i = 0; i < 100; i++) {
            MessageTurns.Turn usual = ask(turns, "usual");
            later(5);
            usual.arrived();
            usual.over();
        }
        askAndWait(turns, "a");
        askAndWait(turns, "b");
        ask(turns, "c");
        later(60);
        turns.look();
        assertThat(gaveUp).as("twelve times as long as is usual").isEmpty();
        later(60);
        turns.look();
        assertThat(gaveUp).as("twenty-four times").containsExactly("a");
    }

    @Test
    void whoLeavesBeforeItsTurnIsPassedOver() {
        MessageTurns turns = turns(1, 2);
        MessageTurns.Turn first = ask(turns, "first");
        MessageTurns.Turn gone = ask(turns, "gone");
        ask(turns, "last");
        gone.over();
        first.over();
        assertThat(begun).containsExactly("first", "last");
    }

    private MessageTurns turns(int atOnce, int slowAtOnce) {
        return new MessageTurns(atOnce, slowAtOnce, SLOW, STALLED, () -> nanos);
    }

    private MessageTurns.Turn ask(MessageTurns turns, String who) {
        MessageTurns.Turn turn = turns.turn(() -> begun.add(who), () -> gaveUp.add(who));
        turn.ask();
        return turn;
    }

    /** Long enough to be slow. */
    private MessageTurns.Turn askAndWait(MessageTurns turns, String who) {
        MessageTurns.Turn turn = ask(turns, who);
        later(1.5);
        turns.look();
        return turn;
    }

    private void later(double seconds) {
        nanos += (long) (seconds * 1e9);
    }
}
