package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call on keys. Immutable.
 *
 * @param answer null unless the call is done
 */
public record KvCall(Call call, Ask ask, @Nullable Answer answer) {
    /** An action that was done, with what came of it. */
    public record Taken(Action action, Answer.Result result) {}

    /**
     * All calls on keys of a history, in its order.
     *
     * @throws IllegalArgumentException if a call is not of this form; the message shows it
     */
    public static List<KvCall> of(List<Call> calls) {
        List<KvCall> found = new ArrayList<>();
        for (Call call : calls) {
            if (Ask.isAsk(call.input())) {
                found.add(of(call));
            }
        }
        return found;
    }

    private static KvCall of(Call call) {
        try {
            KvCall parsed =
                    new KvCall(call, Ask.fromJson(call.input()), call.isDone() ? Answer.fromJson(call.output()) : null);
            if (parsed.answer != null
                    && parsed.answer.results().size() != parsed.branch().size()) {
                throw new IllegalArgumentException(
                        "it has " + parsed.answer.results().size() + " results");
            }
            return parsed;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("cannot read the call " + call + ": " + e.getMessage(), e);
        }
    }

    public boolean isDone() {
        return answer != null;
    }

    /** Whether it certainly had no effect. */
    public boolean isRefused() {
        return call.outcome() == Outcome.REFUSED;
    }

    /** Which list of actions was done, or would be if all guards hold. */
    private List<Action> branch() {
        return answer == null || answer.succeeded() ? ask.then() : ask.otherwise();
    }

    /** Of a call that is done. */
    public Answer requireAnswer() {
        if (answer == null) {
            throw new IllegalStateException(call + " has no answer");
        }
        return answer;
    }

    /** What was done; nothing of it unless the call is done. */
    public List<Taken> taken() {
        if (answer == null) {
            return List.of();
        }
        List<Taken> all = new ArrayList<>();
        List<Action> branch = branch();
        for (int i = 0; i < branch.size(); i++) {
            all.add(new Taken(branch.get(i), answer.results().get(i)));
        }
        return all;
    }

    /** What it wrote if it is done, or would write if it was executed and its guards held. */
    public List<Action> puts() {
        return branch().stream().filter(action -> action.kind().isPut()).toList();
    }

    /** Whether it is known to have changed the store. */
    public boolean isEffectiveWrite() {
        return taken().stream()
                .anyMatch(
                        taken -> taken.action().kind().isPut() || taken.result().deleted() > 0);
    }

    /** The put of this key that is done or would be. */
    public Optional<Action> putOf(String key) {
        return puts().stream().filter(action -> action.key().equals(key)).findFirst();
    }

    /** What a call that is not done has as its output. */
    public static JsonObject nothing() {
        return new JsonObject();
    }

    @Override
    public String toString() {
        return call.toString();
    }
}
