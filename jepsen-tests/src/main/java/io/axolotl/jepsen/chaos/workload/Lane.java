package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Pending;
import io.axolotl.client.RefusedException;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** One thread of control of a client: it makes one call after the other, and writes each down. Confined to one thread at a time. */
final class Lane {
    private static final long KEPT_NANOS = 15_000_000_000L;

    private final Seat seat;
    private final int number;
    private final History history;
    private final Revisions revisions;

    Lane(Seat seat, int number, History history, Revisions revisions) {
        this.seat = seat;
        this.number = number;
        this.history = history;
        this.revisions = revisions;
    }

    AxolotlClient client() {
        return seat.client();
    }

    int number() {
        return number;
    }

    int endpoint() {
        return seat.endpoint();
    }

    History history() {
        return history;
    }

    /** The newest revision that any lane of the run was told of. */
    long newestRevision() {
        return revisions.newest();
    }

    /** The revision before the run: what is below may have been forgotten before. */
    long firstRevision() {
        return revisions.first();
    }

    /** What the store answered; nothing if it was refused or is unknown. */
    Optional<Answer> ask(String kind, Ask ask) {
        return ask(kind, ask, ask.toJson());
    }

    /** @param input the question, perhaps with something of the workload's own */
    Optional<Answer> ask(String kind, Ask ask, JsonObject input) {
        Call call = call(kind, input, () -> Asking.send(client(), ask), Answer::toJson);
        return call.isDone() ? Optional.of(Answer.fromJson(call.output())) : Optional.empty();
    }

    /** Asks to forget what lies further back than so many revisions. */
    void compactBehind(long distance) {
        compact(newestRevision() - distance);
    }

    /** Asks to forget what is older than watches should need to be resumed over a fault. */
    void compactOld() {
        compact(revisions.ago(KEPT_NANOS));
    }

    private void compact(long revision) {
        if (revision <= firstRevision()) {
            return;
        }
        Call unused =
                call("compact", Compaction.toJson(revision), () -> client().kv().compact(revision), result -> {
                    JsonObject output = new JsonObject();
                    output.addProperty("revision", result.header().revision());
                    return output;
                });
    }

    /** Makes a call and writes it down. */
    <T> Call call(String kind, JsonObject input, Supplier<Pending<T>> send, Function<T, JsonObject> output) {
        return record(kind, input, () -> output.apply(send.get().await()));
    }

    /**
     * Does something that may take several calls, and writes it down as one.
     *
     * @param work its output; ends with an {@link AxolotlException} if there is none
     */
    Call record(String kind, JsonObject input, Supplier<JsonObject> work) {
        long invoked = history.now();
        JsonObject output = KvCall.nothing();
        Outcome outcome = Outcome.DONE;
        String error = "";
        try {
            output = work.get();
        } catch (AxolotlException e) {
            outcome = e instanceof RefusedException ? Outcome.REFUSED : Outcome.UNKNOWN;
            error = e.code() + ": " + e.getMessage();
        }
        if (output.has("revision")) {
            revisions.told(output.get("revision").getAsLong());
        }
        return history.add(number, seat.endpoint(), kind, input, output, outcome, error, invoked, history.now());
    }
}
