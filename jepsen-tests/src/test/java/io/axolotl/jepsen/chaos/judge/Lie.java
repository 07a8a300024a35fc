package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** A kind of lie about a valid history, none of which a correct cluster can have told. */
public interface Lie {
    /** Every such lie about a history: a call in the place of that of its id. */
    List<Call> all(List<Call> calls);

    /** The history with one of them; nothing if there is no place for any. */
    default Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
        List<Call> lies = all(calls);
        if (lies.isEmpty()) {
            return Optional.empty();
        }
        Call lie = lies.get(random.nextInt(lies.size()));
        return Optional.of(
                calls.stream().map(call -> call.id() == lie.id() ? lie : call).toList());
    }

    static Call answered(Call was, JsonObject output) {
        return told(was, was.input(), output, Outcome.DONE, "");
    }

    static Call refused(Call was, String error) {
        return told(was, was.input(), KvCall.nothing(), Outcome.REFUSED, error);
    }

    static Call asked(Call was, JsonObject input) {
        return told(was, input, was.output(), was.outcome(), was.error());
    }

    private static Call told(Call was, JsonObject input, JsonObject output, Outcome outcome, String error) {
        return new Call(
                was.id(),
                was.client(),
                was.endpoint(),
                was.kind(),
                input,
                output,
                outcome,
                error,
                was.invokedNanos(),
                was.returnedNanos());
    }

    /** Calls that were answered and do nothing but list keys. */
    static List<KvCall> lists(List<Call> calls) {
        return KvCall.of(calls).stream()
                .filter(call -> call.isDone()
                        && call.ask().then().size() == 1
                        && call.ask().then().get(0).kind() == Action.Kind.LIST)
                .toList();
    }

    /** Those of the end, of which all is demanded. */
    static List<KvCall> finals(List<Call> calls) {
        return lists(calls).stream()
                .filter(call -> call.call().kind().equals(CounterJudge.FINAL))
                .toList();
    }

    /** What a list has shown. */
    static List<Row> rows(KvCall list) {
        return list.requireAnswer().results().get(0).rows();
    }

    static Call showing(KvCall list, UnaryOperator<List<Row>> bend) {
        Answer bent = new Answer(
                list.requireAnswer().revision(), true, List.of(new Answer.Result(0, bend.apply(rows(list)))));
        return answered(list.call(), bent.toJson());
    }

    static List<Row> without(List<Row> rows, Row one) {
        return rows.stream().filter(row -> !row.equals(one)).toList();
    }

    static List<Row> with(List<Row> rows, Row one) {
        List<Row> more = new ArrayList<>(rows);
        more.add(one);
        return more;
    }

    static List<Row> instead(List<Row> rows, Row was, Row is) {
        return rows.stream().map(row -> row.equals(was) ? is : row).toList();
    }
}
