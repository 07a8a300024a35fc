package io.axolotl.jepsen.chaos.kv;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.RefusedException;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
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

    /**
     * Asks for one and writes it down, whatever comes of it: judges must know of every compaction, whoever has asked for it, or they
     * would accuse a store that refuses what is gone.
     *
     * @param number of the client's thread of control
     * @param endpoint the member that the client is pinned to, or -1
     */
    public static Call ask(AxolotlClient client, long revision, History history, int number, int endpoint) {
        long invoked = history.now();
        JsonObject output = KvCall.nothing();
        Outcome outcome = Outcome.DONE;
        String error = "";
        try {
            output.addProperty(
                    "revision", client.kv().compact(revision).await().header().revision());
        } catch (AxolotlException e) {
            outcome = e instanceof RefusedException ? Outcome.REFUSED : Outcome.UNKNOWN;
            error = e.code() + ": " + e.getMessage();
        }
        return history.add(
                number, endpoint, "compact", toJson(revision), output, outcome, error, invoked, history.now());
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
