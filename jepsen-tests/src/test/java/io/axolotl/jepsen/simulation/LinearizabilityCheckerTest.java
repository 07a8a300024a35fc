package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge is judged: planted anomalies must be seen, correct histories must pass (faults.md part 5). */
@DisplayName("I5: the linearizability search")
class LinearizabilityCheckerTest {
    private static final LinearizabilityChecker CHECKER = new LinearizabilityChecker(1_000_000);
    private final List<Operation> history = new ArrayList<>();

    private Operation op(Operation.Kind kind, String key, long expected, long from, long to, long observed) {
        Operation operation = new Operation(history.size() + 1L, 1, kind, key, null, expected, from);
        if (to != Operation.NEVER) {
            operation.done(to, 1, observed, true);
        }
        history.add(operation);
        return operation;
    }

    private Operation put(long from, long to) {
        return op(Operation.Kind.PUT, "k", 0, from, to, 0);
    }

    private Operation get(long from, long to, long observed) {
        return op(Operation.Kind.GET, "k", 0, from, to, observed);
    }

    private Operation delete(long from, long to, long deleted) {
        return op(Operation.Kind.DELETE, "k", 0, from, to, deleted);
    }

    private void accepted() {
        assertThat(CHECKER.check(history)).isInstanceOf(LinearizabilityChecker.Verdict.Linearizable.class);
    }

    private void refused() {
        assertThat(CHECKER.check(history)).isInstanceOf(LinearizabilityChecker.Verdict.Violated.class);
    }

    @Test
    void acceptsAReadOfTheLastWrite() {
        put(1, 2);
        get(3, 4, 1);
        accepted();
    }

    @Test
    void refusesAStaleRead() {
        put(1, 2);
        put(3, 4);
        get(5, 6, 1);
        refused();
    }

    @Test
    void acceptsEitherValueWhileAWriteIsUnderWay() {
        put(1, 2);
        put(3, 10);
        get(4, 5, 1);
        get(6, 7, 2);
        accepted();
    }

    @Test
    void acceptsThatWhatBeginsWhenAnotherEndsComesFirst() {
        put(1, 5);
        get(5, 6, Operation.ABSENT);
        accepted();
    }

    @Test
    void refusesAValueThatComesAndGoesWhileAWriteIsUnderWay() {
        put(1, 2);
        put(3, 10);
        get(4, 5, 2);
        get(6, 7, 1);
        refused();
    }

    @Test
    void refusesAReadFromTheFuture() {
        get(1, 2, 2);
        put(3, 4);
        refused();
    }

    @Test
    void refusesALostWrite() {
        put(1, 2);
        get(3, 4, Operation.ABSENT);
        refused();
    }

    @Test
    void acceptsThatAnUnknownWriteHappenedLate() {
        put(1, Operation.NEVER);
        get(2, 3, Operation.ABSENT);
        get(4, 5, 1);
        accepted();
    }

    @Test
    void acceptsThatAnUnknownWriteNeverHappened() {
        put(1, Operation.NEVER);
        get(2, 3, Operation.ABSENT);
        accepted();
    }

    @Test
    void refusesThatAnUnknownWriteHappenedTwice() {
        put(1, Operation.NEVER);
        get(2, 3, 1);
        put(4, 5);
        get(6, 7, 4 - 1);
        get(8, 9, 1);
        refused();
    }

    @Test
    void refusesAnEffectOfARefusedWrite() {
        Operation write = put(1, Operation.NEVER);
        write.refused(2);
        get(3, 4, 1);
        refused();
    }

    @Test
    void refusesADeleteThatFoundNothingWhereSomethingWas() {
        put(1, 2);
        delete(3, 4, Operation.ABSENT);
        refused();
    }

    @Test
    void acceptsADeleteOfAnUnknownWrite() {
        put(1, Operation.NEVER);
        delete(2, 3, 1);
        get(4, 5, Operation.ABSENT);
        accepted();
    }

    @Test
    void refusesTwoComparisonsThatWonAgainstTheSameValue() {
        put(1, 2);
        op(Operation.Kind.CAS, "k", 1, 3, 8, 0);
        op(Operation.Kind.CAS, "k", 1, 4, 9, 0);
        refused();
    }

    @Test
    void refusesAFailedComparisonThatSawTheExpectedValue() {
        put(1, 2);
        Operation cas = new Operation(2, 1, Operation.Kind.CAS, "k", null, 1, 3);
        cas.done(4, 1, 1, false);
        history.add(cas);
        refused();
    }

    @Test
    void refusesATransactionOfWhichOnlyOneKeyIsSeen() {
        Operation txn = new Operation(1, 1, Operation.Kind.CAS, "a", "b", Operation.ABSENT, 1);
        txn.done(2, 1, 0, true);
        history.add(txn);
        op(Operation.Kind.GET, "a", 0, 3, 4, 1);
        op(Operation.Kind.GET, "b", 0, 5, 6, Operation.ABSENT);
        refused();
    }

    @Test
    void keysAreJudgedApart() {
        op(Operation.Kind.PUT, "a", 0, 1, 2, 0);
        op(Operation.Kind.GET, "b", 0, 3, 4, Operation.ABSENT);
        accepted();
    }

    @Test
    void givesUpInsteadOfSearchingForEver() {
        for (int i = 0; i < 30; i++) {
            put(1 + i, 100 + i);
        }
        get(200, 201, 999);
        assertThat(new LinearizabilityChecker(1000).check(history))
                .isInstanceOf(LinearizabilityChecker.Verdict.Undecided.class);
    }

    @Test
    @DisplayName("histories of a true register pass; the same with one read bent are refused")
    void acceptsTrueHistoriesAndRefusesBentOnes() {
        int bent = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            RandomHistory made = RandomHistory.ofSeed(seed);
            assertThat(CHECKER.check(made.operations()))
                    .as("true history of seed %d", seed)
                    .isInstanceOf(LinearizabilityChecker.Verdict.Linearizable.class);
            assertThat(RevisionChecker.check(made.operations()))
                    .as("true history of seed %d", seed)
                    .isEmpty();
            if (made.bend(new SplittableRandom(seed))) {
                bent++;
                assertThat(CHECKER.check(made.operations()))
                        .as("bent history of seed %d", seed)
                        .isInstanceOf(LinearizabilityChecker.Verdict.Violated.class);
            }
        }
        assertThat(bent).isGreaterThan(1_000);
    }
}
