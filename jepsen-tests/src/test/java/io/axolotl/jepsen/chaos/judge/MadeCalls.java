package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;

/** A history that is written down by hand or by a model. Times are plain numbers; each call is a client of its own unless it says. */
final class MadeCalls {
    private final List<Call> calls = new ArrayList<>();

    List<Call> calls() {
        return calls;
    }

    Call add(
            int client,
            String kind,
            JsonObject input,
            JsonObject output,
            Outcome outcome,
            String error,
            long from,
            long to) {
        Call call = new Call(calls.size(), client, -1, kind, input, output, outcome, error, from, to);
        calls.add(call);
        return call;
    }

    Call done(String kind, Ask ask, long from, long to, Answer answer) {
        return add(calls.size(), kind, ask.toJson(), answer.toJson(), Outcome.DONE, "", from, to);
    }

    Call done(Ask ask, long from, long to, Answer answer) {
        return done("call", ask, from, to, answer);
    }

    Call unknown(Ask ask, long from, long to) {
        return add(
                calls.size(), "call", ask.toJson(), KvCall.nothing(), Outcome.UNKNOWN, "DEADLINE_EXCEEDED", from, to);
    }

    Call refused(Ask ask, String error, long from, long to) {
        return add(calls.size(), "call", ask.toJson(), KvCall.nothing(), Outcome.REFUSED, error, from, to);
    }

    /** @param input and output as JSON, with single quotes */
    Call json(int client, String kind, String input, String output, long from, long to) {
        return add(client, kind, parse(input), parse(output), Outcome.DONE, "", from, to);
    }

    static JsonObject parse(String json) {
        return JsonParser.parseString(json.replace('\'', '"')).getAsJsonObject();
    }

    /** What one action answered that found these. */
    static Answer found(long revision, Row... rows) {
        return new Answer(revision, true, List.of(new Answer.Result(0, List.of(rows))));
    }

    static Answer wrote(long revision) {
        return found(revision);
    }

    /** The first put of a key. */
    static Row row(String key, long mod, String value) {
        return new Row(key, mod, mod, 1, value);
    }

    Verdict.Kind judgedBy(Judge judge) {
        return judge.judge(calls).kind();
    }
}
