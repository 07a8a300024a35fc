package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Histories of a store that really does one thing at a time: each call takes effect at one moment between its beginning and its end,
 * some are never answered, some of those never happen, some are refused.
 */
final class MadeHistory {
    private static final class Running {
        final Asked asked;
        final long from;

        @Nullable Reply reply;

        Running(Asked asked, long from) {
            this.asked = asked;
            this.from = from;
        }
    }

    /** What a call is told at its moment: an answer, or that it is refused and has had no effect. */
    record Reply(Outcome outcome, JsonObject output, String error) {
        static Reply done(JsonObject output) {
            return new Reply(Outcome.DONE, output, "");
        }

        static Reply refused(String error) {
            return new Reply(Outcome.REFUSED, KvCall.nothing(), error);
        }
    }

    /** What a call does to the store at its moment; null if it has to wait. */
    @FunctionalInterface
    interface Effect {
        @Nullable Reply on(ModelStore store);
    }

    /**
     * What is asked, by a name.
     *
     * @param isRead whether it changes nothing: then nobody cares what became of it
     */
    record Asked(String kind, JsonObject input, boolean isRead, Effect effect) {
        Asked(String kind, Ask ask) {
            this(kind, ask, ask.toJson());
        }

        /** @param input with more in it than what is asked */
        Asked(String kind, Ask ask, JsonObject input) {
            this(
                    kind,
                    input,
                    ask.isRead(),
                    store -> Reply.done(store.execute(ask).toJson()));
        }
    }

    private final ModelStore store;
    private final MadeCalls made = new MadeCalls();
    /** Of unknown outcome; they happen when their clients have long given up. */
    private final List<Asked> late = new ArrayList<>();

    private long clock;

    private MadeHistory(ModelStore store) {
        this.store = store;
    }

    ModelStore store() {
        return store;
    }

    MadeCalls made() {
        return made;
    }

    List<Call> calls() {
        return made.calls();
    }

    /**
     * Makes one.
     *
     * @param calls how many
     * @param clients how many at once
     * @param doubt one in so many calls ends badly; 0 for none
     * @param next draws a call, knowing the store as it is
     */
    static MadeHistory of(
            long seed, int calls, int clients, int doubt, BiFunction<ModelStore, SplittableRandom, Asked> next) {
        return of(new ModelStore(true), seed, calls, clients, doubt, next);
    }

    /** As the other, on a store of the caller's. */
    static MadeHistory of(
            ModelStore store,
            long seed,
            int calls,
            int clients,
            int doubt,
            BiFunction<ModelStore, SplittableRandom, Asked> next) {
        MadeHistory history = new MadeHistory(store);
        history.make(new SplittableRandom(seed), calls, clients, doubt, next);
        return history;
    }

    private void make(
            SplittableRandom random,
            int calls,
            int clients,
            int doubt,
            BiFunction<ModelStore, SplittableRandom, Asked> next) {
        Running[] running = new Running[clients];
        while (made.calls().size() < calls) {
            pass();
            if (!late.isEmpty() && random.nextInt(4) == 0) {
                happenLate();
            }
            int client = random.nextInt(clients);
            Running call = running[client];
            if (call == null) {
                Asked asked = next.apply(store, random);
                long from = clock;
                boolean isInDoubt = doubt > 0 && random.nextInt(doubt) == 0;
                if (!isInDoubt) {
                    running[client] = new Running(asked, from);
                    continue;
                }
                boolean happens = random.nextBoolean();
                boolean isRefused = !happens && random.nextBoolean();
                if (happens) {
                    late.add(asked);
                }
                pass();
                made.add(
                        client,
                        asked.kind,
                        asked.input,
                        KvCall.nothing(),
                        isRefused || asked.isRead ? Outcome.REFUSED : Outcome.UNKNOWN,
                        "UNAVAILABLE",
                        from,
                        clock);
            } else if (call.reply == null) {
                call.reply = call.asked.effect.on(store);
            } else {
                add(client, call.asked, call.reply, call.from);
                running[client] = null;
            }
        }
        for (int client = 0; client < clients; client++) {
            Running call = running[client];
            if (call != null) {
                Asked asked = call.asked;
                Outcome outcome = asked.isRead ? Outcome.REFUSED : Outcome.UNKNOWN;
                made.add(client, asked.kind, asked.input, KvCall.nothing(), outcome, "the end", call.from, clock);
            }
        }
    }

    /** A call of somebody else, when all others have ended. Of what may happen late one does before. */
    MadeHistory then(Asked asked) {
        pass();
        if (!late.isEmpty()) {
            happenLate();
        }
        Reply reply = Objects.requireNonNull(asked.effect.on(store), "it waits for ever");
        long from = clock;
        pass();
        add(made.calls().size(), asked, reply, from);
        return this;
    }

    private void pass() {
        clock++;
        store.passTo(clock);
    }

    private void happenLate() {
        // Whoever would have to wait then has no effect.
        Reply unused = late.remove(0).effect.on(store);
    }

    private void add(int client, Asked asked, Reply reply, long from) {
        made.add(client, asked.kind, asked.input, reply.output, reply.outcome, reply.error, from, clock);
    }
}
