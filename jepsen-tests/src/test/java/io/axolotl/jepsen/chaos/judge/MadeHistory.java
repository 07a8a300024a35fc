package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Histories of a store that really does one thing at a time: each call takes effect at one moment between its beginning and its end,
 * some are never answered, some of those never happen, some are refused.
 */
final class MadeHistory {
    private static final class Running {
        final Ask ask;
        final String kind;
        final JsonObject input;
        final long from;
        final boolean happens;

        @Nullable Answer answer;

        Running(String kind, Ask ask, JsonObject input, long from, boolean happens) {
            this.kind = kind;
            this.ask = ask;
            this.input = input;
            this.from = from;
            this.happens = happens;
        }
    }

    /** What is asked, by a name. */
    record Asked(String kind, Ask ask) {}

    private final ModelStore store;
    private final MadeCalls made = new MadeCalls();

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
        // Of unknown outcome; they happen when their clients have long given up.
        List<Ask> late = new ArrayList<>();
        long clock = 0;
        while (made.calls().size() < calls) {
            clock++;
            if (!late.isEmpty() && random.nextInt(4) == 0) {
                Answer unused = store.execute(late.remove(0));
            }
            int client = random.nextInt(clients);
            Running call = running[client];
            if (call == null) {
                Asked asked = next.apply(store, random);
                boolean isInDoubt = doubt > 0 && random.nextInt(doubt) == 0;
                running[client] = new Running(
                        asked.kind, asked.ask, asked.ask.toJson(), clock, !isInDoubt || random.nextBoolean());
                if (isInDoubt) {
                    Running doubtful = running[client];
                    boolean isRefused = !doubtful.happens && random.nextBoolean();
                    if (doubtful.happens) {
                        late.add(doubtful.ask);
                    }
                    clock++;
                    boolean isRead = doubtful.ask.isRead();
                    made.add(
                            client,
                            asked.kind,
                            doubtful.input,
                            KvCall.nothing(),
                            isRefused || isRead ? Outcome.REFUSED : Outcome.UNKNOWN,
                            "UNAVAILABLE",
                            doubtful.from,
                            clock);
                    running[client] = null;
                }
            } else if (call.answer == null) {
                call.answer = store.execute(call.ask);
            } else {
                made.add(client, call.kind, call.input, call.answer.toJson(), Outcome.DONE, "", call.from, clock);
                running[client] = null;
            }
        }
        for (int client = 0; client < clients; client++) {
            Running call = running[client];
            if (call != null) {
                Outcome outcome = call.ask.isRead() ? Outcome.REFUSED : Outcome.UNKNOWN;
                made.add(client, call.kind, call.input, KvCall.nothing(), outcome, "the end", call.from, clock);
            }
        }
    }
}
