package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LinearizableReadsTest {
    private static final NodeId SELF = new NodeId(1);
    private static final long MILLI = 1_000_000L;
    private static final long TIMEOUT = 7_000 * MILLI;
    private static final long FIRST_ID = 500;

    private final TimeoutCause cause =
            new TimeoutCause(SELF, Membership.ofVoters(Set.of(SELF)), new FakeTransport(), 1_000 * MILLI);

    /** Indexes that confirmed reads were handed on with; they are answered when the test says that it is applied. */
    private final List<Long> handedOn = new ArrayList<>();

    private final List<LinearizableReads.Waiting> waitingForApply = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();

    /** The origin of the clock is nobody's business, and may lie in the future. */
    private final long start = -1_000_000 * MILLI;

    private final LinearizableReads reads = new LinearizableReads(
            (index, waiting) -> {
                handedOn.add(index);
                waitingForApply.addAll(waiting);
            },
            cause,
            FIRST_ID,
            TIMEOUT,
            start,
            new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));

    private void ask(String name) {
        reads.ask(failure -> answers.add(name + (failure == null ? " ok" : " " + failure)));
    }

    private void step(long atMillis) {
        reads.step(start + atMillis * MILLI, asked::add);
    }

    private void confirm(long id, long index) {
        reads.states(List.of(new ReadState.Confirmed(id, index)), start, start);
    }

    @Test
    @DisplayName("design B: one round confirms all reads that wait")
    void readsShareARound() {
        ask("a");
        ask("b");
        step(0);
        assertThat(asked).containsExactly(FIRST_ID);
        confirm(FIRST_ID, 42);
        assertThat(handedOn).containsExactly(42L);
        assertThat(answers).as("pitfall 30: not before the index is applied").isEmpty();
        waitingForApply.forEach(waiting -> waiting.answer(null));
        assertThat(answers).containsExactly("a ok", "b ok");
    }

    @Test
    @DisplayName("pitfall 32: a lease that has ended when the reads were gathered serves none; they are asked again")
    void anEndedLeaseServesNothing() {
        ask("a");
        step(0);
        reads.states(List.of(new ReadState.Leased(FIRST_ID, 42, start + 10 * MILLI)), start, start + 10 * MILLI);
        assertThat(handedOn).isEmpty();
        step(10);
        assertThat(asked).as("at once, under a fresh id").containsExactly(FIRST_ID, FIRST_ID + 1);
        reads.states(List.of(new ReadState.Leased(FIRST_ID + 1, 43, start + 20 * MILLI)), start, start + 19 * MILLI);
        assertThat(handedOn).containsExactly(43L);
    }

    @Test
    @DisplayName("pitfall 28: what arrives during a round does not join it, but gets one of its own")
    void laterReadsGetTheirOwnRound() {
        ask("a");
        step(0);
        ask("b");
        step(0);
        assertThat(asked).as("not at once while one is under way").hasSize(1);
        confirm(FIRST_ID, 42);
        step(0);
        assertThat(asked).containsExactly(FIRST_ID, FIRST_ID + 1);
    }

    @Test
    void aSlowNetworkOverlapsRounds() {
        ask("a");
        step(0);
        ask("b");
        step(2);
        assertThat(asked).containsExactly(FIRST_ID, FIRST_ID + 1);
    }

    @Test
    @DisplayName("pitfall 28: a round without answer is asked again under a fresh id")
    void silentRoundIsAskedAgain() {
        ask("a");
        step(0);
        step(501);
        assertThat(asked).containsExactly(FIRST_ID, FIRST_ID + 1);
        confirm(FIRST_ID + 1, 42);
        confirm(FIRST_ID, 41);
        assertThat(handedOn).containsExactly(42L);
    }

    @Test
    void refusedReadsWaitForALeader() {
        ask("a");
        step(0);
        reads.states(List.of(new ReadState.Refused(FIRST_ID)), start, start);
        step(1);
        assertThat(asked).hasSize(1);
        reads.leaderKnown(start + 2 * MILLI);
        step(2);
        assertThat(asked).containsExactly(FIRST_ID, FIRST_ID + 1);
        confirm(FIRST_ID + 1, 7);
        assertThat(handedOn).containsExactly(7L);
    }

    @Test
    @DisplayName("C.1: no read index in time is a timeout, not \"no leader\"")
    void withoutALeaderReadsTimeOut() {
        ask("a");
        step(0);
        reads.states(List.of(new ReadState.Refused(FIRST_ID)), start, start);
        step(6_000);
        assertThat(answers).isEmpty();
        step(7_100);
        assertThat(answers).containsExactly("a " + Failure.TIMEOUT);
    }

    @Test
    @DisplayName("confirmed, but the state does not get there: the read still ends, and only once")
    void readsThatWaitForApplyFailInTime() {
        cause.leaderIs(SELF, start - 100_000 * MILLI);
        ask("a");
        step(0);
        confirm(FIRST_ID, 42);
        step(7_100);
        waitingForApply.forEach(waiting -> waiting.answer(null));
        assertThat(answers).containsExactly("a " + Failure.TIMEOUT);
    }

    @Test
    @DisplayName("a round that nobody waits for any more is not asked again")
    void roundsOfExpiredReadsAreForgotten() {
        ask("a");
        step(0);
        step(7_100);
        assertThat(answers).hasSize(1);
        asked.clear();
        step(8_000);
        step(9_000);
        assertThat(asked).isEmpty();
    }

    @Test
    @DisplayName("behind as many rounds as may be under way a read still ends in time, exactly once")
    void readsBehindParkedRoundsFailInTime() {
        for (int i = 0; i < 300; i++) {
            ask("parked" + i);
            step(2L * i);
        }
        ask("late");
        step(600);
        step(600 + 7_000);
        assertThat(answers).hasSize(301).doesNotHaveDuplicates();
        ask("after");
        step(7_602);
        confirm(asked.get(asked.size() - 1), 42);
        assertThat(handedOn).as("new rounds go on").containsExactly(42L);
    }

    @Test
    @DisplayName("pitfall 62: reads that wait are bounded, wherever they wait")
    void waitingReadsAreBounded() {
        ask("first");
        step(0);
        for (int i = 0; i < 200_000; i++) {
            reads.ask(failure -> {});
            if (i % 1_000 == 0) {
                step(0);
            }
        }
        step(0);
        ask("one too many");
        assertThat(answers).containsExactly("one too many " + Failure.TOO_MANY_REQUESTS);
    }

    @Test
    void stoppingAnswersEverybody() {
        ask("a");
        step(0);
        ask("b");
        reads.settle();
        ask("c");
        assertThat(answers).containsExactly("a STOPPED", "b STOPPED", "c STOPPED");
    }
}
