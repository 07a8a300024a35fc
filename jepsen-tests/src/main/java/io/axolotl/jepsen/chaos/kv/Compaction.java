package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import java.util.List;

/**
 * A call that asked to forget what is below a revision: {@code {"compact": 17}}. Immutable.
 *
 * @param revision the first that is kept
 */
public record Compaction(Call call, long revision) {
    /** In the text of the error of who asks for what is gone. */
    public static final String COMPACTED = "compacted";

    public static JsonObject toJson(long revision) {
        JsonObject json = new JsonObject();
        json.addProperty("compact", revision);
        return json;
    }

    /** All of a history, in its order. */
    public static List<Compaction> of(List<Call> calls) {
        return calls.stream()
                .filter(call -> call.input().has("compact"))
                .map(call -> new Compaction(call, call.input().get("compact").getAsLong()))
                .toList();
    }

    /** Whether what is below its revision may be gone because of it: also if it was refused since it was gone already. */
    public boolean mayHaveHappened() {
        return call.outcome() != Outcome.REFUSED || call.error().contains(COMPACTED);
    }
}
