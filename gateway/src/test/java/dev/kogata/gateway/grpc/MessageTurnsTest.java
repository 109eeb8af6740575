package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTurnsTest {
    private final List<String> begun = new ArrayList<>();
    private final List<String> gaveUp = new ArrayList<>();

    @Test
    void letsOnlySoManyMessagesBeOnTheirWayAndTheOthersInTheirOrder() {
        MessageTurns turns = new MessageTurns(2, 2, Duration.ofHours(1));
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
        MessageTurns turns = new MessageTurns(1, 2, Duration.ZERO);
        MessageTurns.Turn slow = ask(turns, "slow");
        ask(turns, "quick");
        turns.look();
        assertThat(begun).containsExactly("slow", "quick");
        slow.over();
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void aMessageThatHasComeKeepsItsTurnUntilItIsWritten() {
        MessageTurns turns = new MessageTurns(1, 2, Duration.ZERO);
        ask(turns, "here").arrived();
        ask(turns, "next");
        turns.look();
        assertThat(begun).as("its bytes are in memory").containsExactly("here");
    }

    @Test
    void whereTooManyAreSlowTheOneWaitedForLongestGivesUp() {
        MessageTurns turns = new MessageTurns(1, 2, Duration.ZERO);
        ask(turns, "first");
        ask(turns, "second");
        MessageTurns.Turn third = ask(turns, "third");
        ask(turns, "fourth");
        ask(turns, "fifth");
        turns.look();
        assertThat(begun).containsExactly("first", "second", "third", "fourth", "fifth");
        assertThat(gaveUp).as("two slow ones and one more are left").containsExactly("first", "second");
        third.arrived();
        ask(turns, "sixth");
        turns.look();
        assertThat(gaveUp).as("the third's message is in memory, and will be written").containsExactly("first", "second", "fourth");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void nobodyGivesUpWhereNobodyWaits() {
        MessageTurns turns = new MessageTurns(1, 1, Duration.ZERO);
        ask(turns, "slow");
        ask(turns, "slow, too");
        turns.look();
        assertThat(gaveUp).as("there is room for both").isEmpty();
        ask(turns, "another");
        turns.look();
        assertThat(gaveUp).containsExactly("slow");
    }

    @Test
    void whoLeavesBeforeItsTurnIsPassedOver() {
        MessageTurns turns = new MessageTurns(1, 2, Duration.ofHours(1));
        MessageTurns.Turn first = ask(turns, "first");
        MessageTurns.Turn gone = ask(turns, "gone");
        ask(turns, "last");
        gone.over();
        first.over();
        assertThat(begun).containsExactly("first", "last");
    }

    private MessageTurns.Turn ask(MessageTurns turns, String who) {
        MessageTurns.Turn turn = turns.turn(() -> begun.add(who), () -> gaveUp.add(who));
        turn.ask();
        return turn;
    }
}
