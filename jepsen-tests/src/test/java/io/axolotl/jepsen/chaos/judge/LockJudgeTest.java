package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of locks is judged. */
@DisplayName("I10: locks and elections")
class LockJudgeTest {
    private final MadeCalls made = new MadeCalls();

    /** On a lease that is never certain to live. */
    private void acquired(long token, long from, long to) {
        acquired(token, from, to, 0);
    }

    private void acquired(long token, long from, long to, long ttlSeconds) {
        String output =
                "{'token':" + token + ",'key':'l/" + token + "','granted':" + from + ",'ttl':" + ttlSeconds + "}";
        made.json((int) token, "acquire", "{'lock':'l'}", output, from, to);
    }

    private void released(long token, long at) {
        made.json((int) token, "release", "{'lock':'l','token':" + token + "}", "{}", at, at);
    }

    private static Ask write(long token, String id) {
        return Ask.of(Action.put(LockJudge.fenced("l"), token + "/" + id)).when(new Guard("l/" + token, token));
    }

    private void wrote(long token, String id, long revision, long from, long to) {
        made.done("fenced", write(token, id), from, to, MadeCalls.wrote(revision));
    }

    private Verdict judged(Verdict.Kind kind) {
        Verdict verdict = new LockJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(kind);
        return verdict;
    }

    @Test
    void holdersInTurnAreValid() {
        acquired(2, 1, 2);
        wrote(2, "a", 3, 3, 4);
        released(2, 5);
        acquired(4, 1, 7);
        wrote(4, "b", 5, 8, 9);
        released(4, 10);
        assertThat(judged(Verdict.Kind.VALID).summary()).contains("held 2 times", "at once 0 times");
    }

    @Test
    void anOverlapWithoutAFenceIsCountedAndNotFailed() {
        acquired(2, 1, 2);
        acquired(4, 1, 5);
        // The first slept, and its write is refused.
        made.done("fenced", write(2, "a"), 6, 7, new Answer(4, false, List.of()));
        wrote(4, "b", 5, 8, 9);
        released(2, 20);
        released(4, 10);
        assertThat(judged(Verdict.Kind.VALID).summary()).contains("at once 1 time");
    }

    @Test
    void aWriteOfAnEarlierHolderAfterALaterOnesIsSeen() {
        acquired(2, 1, 2);
        acquired(4, 1, 5);
        wrote(4, "b", 5, 6, 9);
        wrote(2, "a", 6, 4, 9);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aWriteOfAnEarlierHolderAfterALaterOneWasToldIsSeen() {
        acquired(2, 1, 2);
        acquired(4, 1, 5);
        wrote(2, "a", 5, 6, 7);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void twoHoldersWhileTheLeaseOfTheFirstCertainlyLivesAreSeen() {
        acquired(2, 1, 2, 1);
        acquired(4, 1, 5);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void twoHoldersWhileTheLeaseOfTheFirstWasRenewedAreSeen() {
        long second = 1_000_000_000L;
        acquired(2, 1, 2, 1);
        made.json(2, "renew", "{'lock':'l','token':2}", "{'ttl':1}", second / 2, second / 2 + 1);
        acquired(4, 1, second + 1);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void whoHasBegunToLetGoOrWhoseLeaseMayHaveRunOutHoldsNoMore() {
        long second = 1_000_000_000L;
        acquired(2, 1, 2, 1);
        released(2, 3);
        acquired(4, 1, 5, 1);
        acquired(6, 1, second + 2);
        assertThat(judged(Verdict.Kind.VALID).summary()).contains("held 3 times");
    }

    @Test
    void twoHoldersWithOneTokenAreSeen() {
        acquired(2, 1, 2);
        acquired(2, 1, 3);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aLaterHolderWithASmallerTokenIsSeen() {
        acquired(4, 1, 2);
        acquired(2, 3, 4);
        judged(Verdict.Kind.VIOLATED);
    }

    @Test
    @DisplayName("a value that no holder can have written is a finding, wherever it comes from")
    void aStrangeValueIsSeen() {
        for (String strange : List.of("nobody's", "", "/a", "99999999999999999999/a")) {
            MadeCalls history = new MadeCalls();
            history.json(2, "acquire", "{'lock':'l'}", "{'token':2,'key':'l/2','granted':1,'ttl':0}", 1, 2);
            history.done(
                    Ask.of(Action.read(LockJudge.fenced("l"))),
                    5,
                    6,
                    MadeCalls.found(3, MadeCalls.row(LockJudge.fenced("l"), 3, strange)));
            assertThat(new LockJudge().judge(history.calls()).evidence())
                    .as(strange)
                    .anyMatch(line -> line.contains("no holder wrote"));
        }
    }

    @Test
    @DisplayName("I10: true histories of clients at once pass; with one lie in them they do not")
    void acceptsTrueHistoriesAndSeesLies() {
        Proof.of(new LockJudge(), seed -> MadeLocks.calls(seed, 120), LockLie.values());
        Proof.of(new LockJudge(), seed -> MadeLocks.calls(seed, 120), Mutation.REFUSED_BUT_SEEN);
    }

    @Test
    void aGuardedWriteThatWasRefusedAndIsThereIsSeen() {
        acquired(2, 1, 2);
        made.refused(write(2, "a"), "planted", 3, 4);
        made.done(
                Ask.of(Action.read(LockJudge.fenced("l"))),
                5,
                6,
                MadeCalls.found(3, MadeCalls.row(LockJudge.fenced("l"), 3, "2/a")));
        judged(Verdict.Kind.VIOLATED);
    }
}
