package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judges that count are judged: counters, accounts and sets. */
@DisplayName("I4, I15: counters, accounts and sets")
class TotalsJudgeTest {
    private final MadeCalls made = new MadeCalls();

    private void judged(Judge judge, Verdict.Kind kind) {
        Verdict verdict = judge.judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(kind);
    }

    private void last(Row... rows) {
        made.done(CounterJudge.FINAL, Ask.of(Action.list("c")), 90, 91, MadeCalls.found(50, rows));
    }

    private void twoTicksAndOneInDoubt() {
        made.done(Ask.of(Action.put("c1", "a")), 1, 2, MadeCalls.wrote(2));
        made.done(Ask.of(Action.put("c1", "b")), 3, 4, MadeCalls.wrote(3));
        made.unknown(Ask.of(Action.put("c1", "c")), 5, 6);
    }

    @Test
    void aCounterBetweenAcknowledgedAndUnknownIsValid() {
        twoTicksAndOneInDoubt();
        last(new Row("c1", 2, 3, 2, "b"));
        last(new Row("c1", 2, 9, 3, "c"));
        judged(new CounterJudge(), Verdict.Kind.VALID);
    }

    @Test
    void aLostIncrementIsSeen() {
        twoTicksAndOneInDoubt();
        last(new Row("c1", 2, 2, 1, "a"));
        judged(new CounterJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aDoubledIncrementIsSeen() {
        twoTicksAndOneInDoubt();
        last(new Row("c1", 2, 9, 4, "c"));
        judged(new CounterJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aMissingCounterIsSeen() {
        twoTicksAndOneInDoubt();
        last();
        judged(new CounterJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aCounterThatCountsOtherwiseThanItsVersionIsSeen() {
        made.done(Ask.of(Action.put("c1", "1/a")).when(new Guard("c1", 0)), 1, 2, MadeCalls.wrote(2));
        made.done(Ask.of(Action.put("c1", "2/b")).when(new Guard("c1", 2)), 3, 4, MadeCalls.wrote(3));
        last(new Row("c1", 2, 3, 2, "1/b"));
        judged(new CounterJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void withoutALastReadThereIsNothingToSay() {
        twoTicksAndOneInDoubt();
        judged(new CounterJudge(), Verdict.Kind.VOID);
    }

    private void balances(Row... rows) {
        made.done("balances", Ask.of(Action.list("a")), 1, 2, MadeCalls.found(5, rows));
    }

    @Test
    void moneyThatStaysIsValid() {
        balances();
        balances(MadeCalls.row("a1", 2, "10/x"), MadeCalls.row("a2", 2, "10/y"));
        balances(new Row("a1", 2, 3, 2, "3/z"), new Row("a2", 2, 3, 2, "17/w"));
        judged(new BankJudge(2, 20), Verdict.Kind.VALID);
    }

    @Test
    void halfATransferIsSeen() {
        balances(new Row("a1", 2, 3, 2, "3/z"), MadeCalls.row("a2", 2, "10/y"));
        judged(new BankJudge(2, 20), Verdict.Kind.VIOLATED);
    }

    @Test
    void aMissingAccountIsSeen() {
        balances(MadeCalls.row("a1", 2, "20/x"));
        judged(new BankJudge(2, 20), Verdict.Kind.VIOLATED);
    }

    @Test
    void moneyThatIsNotThereIsSeen() {
        balances(MadeCalls.row("a1", 2, "-1/x"), MadeCalls.row("a2", 2, "21/y"));
        judged(new BankJudge(2, 20), Verdict.Kind.VIOLATED);
    }

    @Test
    @DisplayName("true accounts pass at every revision; a read of two revisions mixed does not")
    void acceptsTrueAccountsAndSeesMixtures() {
        int mixtures = 0;
        for (long seed = 0; seed < 50; seed++) {
            List<Call> history = MadeTotals.accounts(seed, 60);
            for (Judge judge : List.of(new BankJudge(2, 20), new ChronicleJudge(true), new StoreJudge())) {
                Verdict verdict = judge.judge(history);
                assertThat(verdict.kind()).as("seed %d: %s", seed, verdict).isEqualTo(Verdict.Kind.VALID);
            }
            List<Call> mixed = history.stream().map(TotalsJudgeTest::mixed).toList();
            if (!mixed.equals(history)) {
                mixtures++;
                assertThat(new ChronicleJudge(true).judge(mixed).kind()).isEqualTo(Verdict.Kind.VIOLATED);
            }
        }
        assertThat(mixtures).isGreaterThan(40);
    }

    /** Two accounts of one revision, of which one is as if of another: with the right sum, so that only the chronicle sees it. */
    private static Call mixed(Call call) {
        KvCall read = KvCall.of(List.of(call)).get(0);
        List<Row> rows = read.taken().stream()
                .flatMap(taken -> taken.result().rows().stream())
                .toList();
        if (rows.size() != 2 || rows.get(0).version() < 2) {
            return call;
        }
        Row old = new Row(
                "a1", rows.get(0).create(), rows.get(0).create(), 1, rows.get(0).value());
        Answer answer = new Answer(
                read.requireAnswer().revision(), true, List.of(new Answer.Result(0, List.of(old, rows.get(1)))));
        return new Call(
                call.id(),
                call.client(),
                call.endpoint(),
                call.kind(),
                call.input(),
                answer.toJson(),
                Outcome.DONE,
                "",
                call.invokedNanos(),
                call.returnedNanos());
    }

    private void extended(String value, long element, Outcome outcome) {
        Ask ask = Ask.of(Action.put("s/list", value)).when(new Guard("s/list", 0));
        JsonObject input = ask.toJson();
        input.addProperty("element", element);
        JsonObject output =
                outcome == Outcome.DONE ? MadeCalls.wrote(element + 10).toJson() : KvCall.nothing();
        made.add(1, "extend", input, output, outcome, "", 1, 2);
    }

    private void elements() {
        made.done("add", Ask.of(Action.put("s/1", "x")), 1, 2, MadeCalls.wrote(2));
        made.add(1, "add", Ask.of(Action.put("s/2", "y")).toJson(), KvCall.nothing(), Outcome.UNKNOWN, "", 1, 2);
        made.add(1, "add", Ask.of(Action.put("s/3", "z")).toJson(), KvCall.nothing(), Outcome.REFUSED, "", 1, 2);
        extended("1", 1, Outcome.DONE);
        extended("1 2", 2, Outcome.DONE);
        extended("1 2 3", 3, Outcome.UNKNOWN);
    }

    private void lastSet(Row... rows) {
        made.done(CounterJudge.FINAL, Ask.of(Action.list("s/")), 90, 91, MadeCalls.found(50, rows));
    }

    @Test
    void aSetWithAllThatWasAcknowledgedIsValid() {
        elements();
        lastSet(MadeCalls.row("s/1", 2, "x"), new Row("s/list", 11, 12, 2, "1 2"));
        lastSet(MadeCalls.row("s/1", 2, "x"), MadeCalls.row("s/2", 3, "y"), new Row("s/list", 11, 13, 3, "1 2 3"));
        judged(new SetJudge(), Verdict.Kind.VALID);
    }

    @Test
    void aLostElementIsSeen() {
        elements();
        lastSet(new Row("s/list", 11, 12, 2, "1 2"));
        judged(new SetJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aLostElementOfAListIsSeen() {
        elements();
        lastSet(MadeCalls.row("s/1", 2, "x"), MadeCalls.row("s/list", 12, "2"));
        judged(new SetJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aRefusedElementIsSeen() {
        elements();
        lastSet(MadeCalls.row("s/1", 2, "x"), MadeCalls.row("s/3", 2, "z"), new Row("s/list", 11, 12, 2, "1 2"));
        judged(new SetJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void anElementOfNobodyIsSeen() {
        elements();
        lastSet(MadeCalls.row("s/1", 2, "x"), new Row("s/list", 11, 12, 2, "1 2 77"));
        judged(new SetJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void anElementThatWasAddedTwiceIsSeen() {
        elements();
        lastSet(new Row("s/1", 2, 5, 2, "x"), new Row("s/list", 11, 12, 2, "1 2"));
        judged(new SetJudge(), Verdict.Kind.VIOLATED);
    }

    @Test
    void aBalanceThatIsNoAmountIsSeenAndNotAnError() {
        balances(MadeCalls.row("a1", 2, "nonsense"), MadeCalls.row("a2", 2, "10/y"));
        judged(new BankJudge(2, 20), Verdict.Kind.VIOLATED);
    }

    @Test
    void aBalanceThatIsNoAmountIsSeenInAReadOfOneAccountToo() {
        balances(MadeCalls.row("a1", 2, "10/x"), MadeCalls.row("a2", 2, "10/y"));
        judged(new BankJudge(2, 20), Verdict.Kind.VALID);
        made.done(Ask.of(Action.read("a1")), 3, 4, MadeCalls.found(5, MadeCalls.row("a1", 2, "")));
        judged(new BankJudge(2, 20), Verdict.Kind.VIOLATED);
    }

    @Test
    @DisplayName("I15: true histories of counters pass; with one lie in them they do not")
    void acceptsTrueCountersAndSeesLies() {
        Proof.of(new CounterJudge(), seed -> MadeTotals.counters(seed, 80), CounterLie.values());
    }

    @Test
    @DisplayName("I4: true histories of sets pass; with one lie in them they do not")
    void acceptsTrueSetsAndSeesLies() {
        Proof.of(new SetJudge(), seed -> MadeTotals.sets(seed, 80), SetLie.values());
    }

    @Test
    @DisplayName("true histories of accounts pass; with one lie in them they do not")
    void acceptsTrueAccountsAndSeesLies() {
        Proof.of(new BankJudge(2, 20), seed -> MadeTotals.accounts(seed, 60), BankLie.values());
    }
}
