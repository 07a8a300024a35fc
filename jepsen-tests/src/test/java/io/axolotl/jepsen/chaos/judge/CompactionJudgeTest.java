package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of compactions is judged. */
@DisplayName("compaction")
class CompactionJudgeTest {
    private static final String GONE = MadeCompactions.GONE;
    private static final String FUTURE = MadeCompactions.FUTURE;

    private final MadeCalls made = new MadeCalls();

    private void compacted(long revision, Outcome outcome, long from, long to) {
        made.add(1, "compact", Compaction.toJson(revision), KvCall.nothing(), outcome, "", from, to);
    }

    private static Ask readAt(long revision) {
        return Ask.of(Action.read("k")).at(revision);
    }

    private void judged(Verdict.Kind kind) {
        Verdict verdict = new CompactionJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(kind);
    }

    @Test
    void whatIsGoneIsRefusedAndWhatIsNotIsAnswered() {
        compacted(10, Outcome.DONE, 1, 5);
        made.done(readAt(9), 2, 3, MadeCalls.found(20));
        made.refused(readAt(9), GONE, 2, 3);
        made.refused(readAt(9), GONE, 6, 7);
        made.done(readAt(10), 6, 7, MadeCalls.found(20));
        made.refused(readAt(21), FUTURE, 6, 7);
        judged(Verdict.Kind.VALID);
    }

    @Test
    void anAnswerFromWhatIsGoneIsSeen() {
        compacted(10, Outcome.DONE, 1, 5);
        made.done(readAt(9), 6, 7, MadeCalls.found(20));
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aMemberThatLagsMayStillAnswerForItself() {
        compacted(10, Outcome.DONE, 1, 5);
        made.done(readAt(9).serializable(true), 6, 7, MadeCalls.found(20));
        judged(Verdict.Kind.VALID);
    }

    @Test
    void aRefusalOfWhatNobodyCompactedIsSeen() {
        compacted(9, Outcome.DONE, 1, 5);
        made.refused(readAt(9), GONE, 6, 7);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void anUnknownCompactionMayHaveHappened() {
        compacted(10, Outcome.UNKNOWN, 1, 5);
        made.refused(readAt(9), GONE, 6, 7);
        made.done(readAt(9), 8, 9, MadeCalls.found(20));
        judged(Verdict.Kind.VALID);
    }

    @Test
    void aFutureThatIsPastIsSeen() {
        made.done(Ask.of(Action.put("k", "a")), 1, 2, MadeCalls.wrote(20));
        made.refused(readAt(20), FUTURE, 6, 7);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aCompactionBelowOneIsSeen() {
        made.done(readAt(30), 1, 2, MadeCalls.found(40));
        compacted(10, Outcome.DONE, 1, 5);
        compacted(8, Outcome.DONE, 6, 7);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aCompactionOfSomebodyElseThatIsWrittenDownExplainsARefusal() {
        compacted(5, Outcome.DONE, 1, 2);
        made.add(
                1_000_000,
                "compact",
                Compaction.toJson(10),
                MadeCalls.parse("{'revision':30}"),
                Outcome.DONE,
                "",
                3,
                4);
        made.refused(readAt(9), GONE, 6, 7);
        judged(Verdict.Kind.VALID);
    }

    @Test
    @DisplayName("true histories of clients at once pass; with one lie in them they do not")
    void acceptsTrueHistoriesAndSeesLies() {
        Proof.of(
                new CompactionJudge(),
                seed -> MadeHistory.of(seed, 80, 5, 9, new MadeCompactions()::next)
                        .calls(),
                CompactionLie.values());
    }
}
