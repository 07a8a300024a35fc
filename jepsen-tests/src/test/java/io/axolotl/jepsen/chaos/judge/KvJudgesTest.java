package io.axolotl.jepsen.chaos.judge;

import static io.axolotl.jepsen.chaos.judge.MadeCalls.found;
import static io.axolotl.jepsen.chaos.judge.MadeCalls.row;
import static io.axolotl.jepsen.chaos.judge.MadeCalls.wrote;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.Row;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judges of calls on keys are judged: planted lies must be seen, what a true store said must pass (faults.md part 5). */
@DisplayName("I4, I5, I15: judges of keys")
class KvJudgesTest {
    private static final List<Judge> ALL =
            List.of(new KeysJudge(), new StoreJudge(), new ChronicleJudge(true), new RevisionsJudge());

    private static final int HISTORIES = Integer.getInteger("axolotl.judge.histories", 40);
    private static final int CALLS = 60;
    private static final int LONG = 100_000;

    private final MadeCalls made = new MadeCalls();

    private static Ask put(String value) {
        return Ask.of(Action.put("k", value));
    }

    private static Ask read() {
        return Ask.of(Action.read("k"));
    }

    private void violates(Judge... judges) {
        for (Judge judge : judges) {
            assertThat(made.judgedBy(judge)).as("%s of %s", judge, made.calls()).isEqualTo(Verdict.Kind.VIOLATED);
        }
    }

    private void isValid() {
        for (Judge judge : ALL) {
            Verdict verdict = judge.judge(made.calls());
            assertThat(verdict.kind()).as("%s of %s", verdict, made.calls()).isEqualTo(Verdict.Kind.VALID);
        }
    }

    private static Row second(String value) {
        return new Row("k", 2, 3, 2, value);
    }

    @Test
    void aReadOfTheLastWriteIsValid() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(put("b"), 3, 4, wrote(3));
        made.done(read(), 5, 6, found(3, second("b")));
        isValid();
    }

    @Test
    void aStaleReadIsSeenByItsRevisionAndWithoutIt() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(put("b"), 3, 4, wrote(3));
        made.done(read(), 5, 6, found(2, row("k", 2, "a")));
        violates(new KeysJudge(), new StoreJudge(), new RevisionsJudge());
    }

    @Test
    void theCounterExampleIsTheCallsThatMatter() {
        for (int i = 0; i < 40; i++) {
            made.done(put("early" + i), 10L * i, 10L * i + 5, wrote(i + 2L));
            made.done(read(), 10L * i + 6, 10L * i + 7, found(i + 2L, new Row("k", 2, i + 2L, i + 1L, "early" + i)));
        }
        made.done(put("a"), 1_001, 1_002, wrote(100));
        made.done(put("b"), 1_003, 1_004, wrote(101));
        made.done(read(), 1_005, 1_006, found(100, new Row("k", 2, 100, 41, "a")));
        Verdict verdict = new KeysJudge().judge(made.calls());
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VIOLATED);
        assertThat(verdict.evidence().get(0)).contains("3 calls on k (of 83)");
        assertThat(String.join("\n", verdict.evidence()))
                .contains("\"a\"", "\"b\"")
                .doesNotContain("early");
    }

    @Test
    void aLostWriteIsSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(read(), 3, 4, found(2));
        violates(new KeysJudge(), new StoreJudge(), new ChronicleJudge(true));
    }

    @Test
    void aWriteOfUnknownOutcomeMayHappenLateOrNever() {
        made.unknown(put("a"), 1, 2);
        made.unknown(put("never"), 1, 2);
        made.done(read(), 3, 4, found(1));
        made.done(read(), 5, 6, found(2, row("k", 2, "a")));
        isValid();
    }

    @Test
    void aWriteOfUnknownOutcomeHappensOnce() {
        made.unknown(put("a"), 1, 2);
        made.done(read(), 3, 4, found(2, row("k", 2, "a")));
        made.done(put("b"), 5, 6, wrote(3));
        made.done(read(), 7, 8, found(4, new Row("k", 2, 4, 3, "a")));
        violates(new KeysJudge(), new ChronicleJudge(true));
    }

    @Test
    void manyWritesOfUnknownOutcomeDoNotHoldTheSearchUp() {
        for (int i = 0; i < 200; i++) {
            made.unknown(put("lost" + i), 1 + i, 2 + i);
        }
        made.done(put("a"), 300, 301, wrote(10));
        made.done(read(), 302, 303, found(12, new Row("k", 5, 10, 4, "a")));
        isValid();
    }

    @Test
    void anEffectOfARefusedWriteIsSeen() {
        made.refused(put("a"), "no leader", 1, 2);
        made.done(read(), 3, 4, found(2, row("k", 2, "a")));
        violates(new KeysJudge(), new StoreJudge(), new ChronicleJudge(true));
    }

    @Test
    void twoComparisonsThatWonAgainstTheSameRevisionAreSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(put("b").when(new Guard("k", 2)), 3, 8, wrote(3));
        made.done(put("c").when(new Guard("k", 2)), 4, 9, wrote(4));
        violates(new KeysJudge(), new StoreJudge(), new ChronicleJudge(true));
    }

    @Test
    void aComparisonThatFailedWhereItHoldsIsSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        Ask cas = put("b").when(new Guard("k", 2)).otherwise(Action.read("k"));
        made.done(cas, 3, 4, new Answer(2, false, found(2, row("k", 2, "a")).results()));
        violates(new KeysJudge(), new StoreJudge());
    }

    @Test
    void aComparisonWithAbsenceThatFailedWhereNothingWasIsSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        made.unknown(Ask.of(Action.delete("k")), 3, 4);
        Ask cas = put("b").when(new Guard("k", 0)).otherwise(Action.read("k"));
        made.done(cas, 5, 6, new Answer(3, false, found(3).results()));
        violates(new KeysJudge(), new StoreJudge());
    }

    @Test
    void aDeletionThatTellsOfWhatItHasNotDeletedIsSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(Ask.of(Action.delete("k")), 3, 4, found(2, row("k", 2, "a")));
        violates(new KeysJudge(), new StoreJudge());
    }

    @Test
    @DisplayName("a key that a put of unknown outcome made has its revision from between the puts that are known")
    void aKeyIsAsOldAsThePutThatMadeIt() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(
                Ask.of(Action.delete("k")),
                3,
                4,
                new Answer(5, true, List.of(new Answer.Result(1, List.of(row("k", 2, "a"))))));
        made.unknown(put("lost"), 5, 6);
        made.done(put("b"), 7, 8, wrote(8));
        made.done(put("c"), 9, 10, wrote(12));
        made.done(read(), 11, 12, found(12, new Row("k", 7, 12, 3, "c")));
        isValid();
    }

    @Test
    void aKeyThatIsOlderOrYoungerThanThePutThatMadeItIsSeen() {
        for (long create : new long[] {4, 9}) {
            MadeCalls calls = new MadeCalls();
            calls.done(put("a"), 1, 2, wrote(2));
            calls.done(
                    Ask.of(Action.delete("k")),
                    3,
                    4,
                    new Answer(5, true, List.of(new Answer.Result(1, List.of(row("k", 2, "a"))))));
            calls.unknown(put("lost"), 5, 6);
            calls.done(put("b"), 7, 8, wrote(8));
            calls.done(put("c"), 9, 10, wrote(12));
            calls.done(read(), 11, 12, found(12, new Row("k", create, 12, 3, "c")));
            assertThat(calls.judgedBy(new KeysJudge()))
                    .as("created at %d", create)
                    .isEqualTo(Verdict.Kind.VIOLATED);
        }
    }

    @Test
    void whatBeginsAtTheMomentAtWhichAnotherEndsIsConcurrentWithIt() {
        made.done(put("a"), 1, 5, wrote(2));
        made.done(read(), 5, 6, found(1));
        isValid();
    }

    @Test
    void aWriteOfUnknownOutcomeThatBeganWhenItsReaderEndedMayHaveBeenSeen() {
        made.done(read(), 1, 5, found(2, row("k", 2, "a")));
        made.unknown(put("a"), 5, 6);
        isValid();
    }

    @Test
    void aTornTransactionIsSeen() {
        Ask both = Ask.of(Action.put("k", "a"), Action.put("l", "b"));
        made.done(
                both,
                1,
                2,
                new Answer(
                        2,
                        true,
                        List.of(wrote(2).results().get(0), wrote(2).results().get(0))));
        made.done(Ask.of(Action.list("")), 1, 3, found(2, row("k", 2, "a")));
        violates(new StoreJudge(), new ChronicleJudge(true));
    }

    @Test
    void twoReadsOfOneRevisionThatDifferAreSeenWhicheverMemberAnswered() {
        made.done(put("a"), 1, 9, wrote(2));
        made.done(read().serializable(true), 3, 4, found(2, row("k", 2, "a")));
        made.done(read().serializable(true), 3, 4, found(2, row("k", 2, "b")));
        violates(new ChronicleJudge(true));
    }

    @Test
    void aSerializableReadMayBeOldButNotMixed() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(put("b"), 3, 4, wrote(3));
        made.done(read().serializable(true), 5, 6, found(2, row("k", 2, "a")));
        isValid();
        made.done(read().serializable(true), 7, 8, found(3, row("k", 2, "a")));
        violates(new ChronicleJudge(true));
    }

    @Test
    void aReadOfThePastIsThePast() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(put("b"), 3, 4, wrote(3));
        made.done(read().at(2), 5, 6, found(3, row("k", 2, "a")));
        isValid();
        made.done(read().at(2), 7, 8, found(3, second("b")));
        violates(new ChronicleJudge(true));
    }

    @Test
    void twoWritesOfOneRevisionAreSeen() {
        made.done(put("a"), 1, 2, wrote(2));
        made.done(Ask.of(Action.put("l", "b")), 1, 2, wrote(2));
        violates(new RevisionsJudge());
    }

    @Test
    void givesUpInsteadOfSearchingForEver() {
        for (int i = 0; i < 30; i++) {
            made.unknown(put("a" + i).when(new Guard("k", 0)), 1, 2);
            made.unknown(Ask.of(Action.delete("k")), 1, 2);
        }
        made.done(read(), 3, 4, found(100, row("k", 77, "nobody's")));
        assertThat(made.judgedBy(new KeysJudge(100))).isEqualTo(Verdict.Kind.UNDECIDED);
    }

    @Test
    void theWholeStoreIsJudgedAsFarAsTheSearchGets() {
        for (int i = 0; i < 100; i++) {
            made.done(put("early" + i), 10L * i, 10L * i + 5, wrote(i + 2L));
        }
        for (int i = 0; i < 30; i++) {
            made.unknown(put("a" + i).when(new Guard("k", 0)), 1_001, 1_002);
            made.unknown(Ask.of(Action.delete("k")), 1_001, 1_002);
        }
        made.done(read(), 1_003, 1_004, found(200, row("k", 177, "nobody's")));
        Verdict verdict = new StoreJudge(20_000, 1_000).judge(made.calls());
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.UNDECIDED);
        assertThat(verdict.summary())
                .containsPattern("gave up after 1000 steps; the first \\d+ of 161 calls have an order");
    }

    @Test
    void aPartThatIsViolatedIsEnoughWhereTheSearchGivesUp() {
        made.done(put("early"), 1, 2, wrote(2));
        made.done(read(), 3, 4, found(2));
        for (int i = 0; i < 60; i++) {
            made.done(Ask.of(Action.put("l", "v" + i)), 5 + 2L * i, 6 + 2L * i, wrote(3L + i));
        }
        for (int i = 0; i < 30; i++) {
            made.unknown(put("a" + i).when(new Guard("k", 0)), 1_001, 1_002);
            made.unknown(Ask.of(Action.delete("k")), 1_001, 1_002);
        }
        made.done(read(), 1_003, 1_004, found(200, row("k", 177, "nobody's")));
        assertThat(made.judgedBy(new StoreJudge(20_000, 1_000))).isEqualTo(Verdict.Kind.VIOLATED);
    }

    @Test
    void nothingIsNotValid() {
        for (Judge judge : ALL) {
            assertThat(judge.judge(List.of()).kind()).isEqualTo(Verdict.Kind.VOID);
        }
    }

    @Test
    @DisplayName(
            "histories of a true store pass; with one lie in them at least 99 of 100 are seen, by the search of keys alone too")
    void acceptsTrueHistoriesAndSeesLies() {
        Map<Mutation, int[]> lies = new EnumMap<>(Mutation.class);
        for (long seed = 0; seed < HISTORIES; seed++) {
            MadeAsks asks = new MadeAsks(3);
            List<Call> calls = MadeHistory.of(seed, CALLS, 5, 9, asks::next).calls();
            for (Judge judge : ALL) {
                Verdict verdict = judge.judge(calls);
                assertThat(verdict.kind())
                        .as("true history of seed %d: %s", seed, verdict)
                        .isEqualTo(Verdict.Kind.VALID);
            }
            for (Mutation mutation : Mutation.values()) {
                Optional<List<Call>> bent = mutation.of(calls, new SplittableRandom(seed));
                if (bent.isPresent()) {
                    int[] counts = lies.computeIfAbsent(mutation, any -> new int[3]);
                    counts[0]++;
                    counts[1] += new KeysJudge().judge(bent.get()).isViolated() ? 1 : 0;
                    counts[2] += ALL.stream()
                                    .anyMatch(judge -> judge.judge(bent.get()).isViolated())
                            ? 1
                            : 0;
                }
            }
        }
        assertThat(lies).hasSize(Mutation.values().length);
        lies.forEach((mutation, counts) -> {
            assertThat(counts[0]).as("lies of %s", mutation).isGreaterThan(HISTORIES / 2);
            assertThat(counts[1]).as("%s seen by the search", mutation).isGreaterThanOrEqualTo(counts[0] * 99 / 100);
            assertThat(counts[2]).as("%s seen", mutation).isGreaterThanOrEqualTo(counts[0] * 99 / 100);
        });
    }

    @Test
    @DisplayName("a history of 100,000 calls is searched in seconds of processor time")
    void aLongHistoryIsSearchedSoon() {
        MadeAsks asks = new MadeAsks(LONG / 300);
        List<Call> history = MadeHistory.of(
                        new ModelStore(false), 1, LONG, 30, 100, (store, random) -> withoutLists(asks, store, random))
                .calls();
        Duration start = processorTime();
        Verdict verdict = new KeysJudge().judge(history);
        Duration spent = processorTime().minus(start);
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(Verdict.Kind.VALID);
        assertThat(history).hasSizeGreaterThanOrEqualTo(LONG);
        // About two seconds, half of them the compiler's; who shares the processor has its caches too.
        assertThat(spent).as("processor time for %d calls", LONG).isLessThan(Duration.ofSeconds(30));
    }

    /** Of all threads: what the compiler and the collector do for the search counts, too. */
    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    private static MadeHistory.Asked withoutLists(MadeAsks asks, ModelStore store, SplittableRandom random) {
        MadeHistory.Asked asked = asks.next(store, random);
        return asked.kind().equals("list") ? withoutLists(asks, store, random) : asked;
    }
}
