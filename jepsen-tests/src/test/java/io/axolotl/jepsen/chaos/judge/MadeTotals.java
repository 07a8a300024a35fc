package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.MadeHistory.Asked;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** True histories of what is counted at the end: counters, sets and accounts. Last reads follow where their judges want them. */
final class MadeTotals {
    private static final int CLIENTS = 5;
    private static final int DOUBT = 9;
    private static final int COUNTERS = 4;
    private static final int LAST_READS = 3;

    private long ids;

    private MadeTotals() {}

    static List<Call> counters(long seed, int count) {
        return ended(seed, count, new MadeTotals()::count, "c");
    }

    static List<Call> sets(long seed, int count) {
        return ended(seed, count, new MadeTotals()::extend, "s/");
    }

    /** Two, with 20 together. */
    static List<Call> accounts(long seed, int count) {
        return MadeHistory.of(seed, count, CLIENTS, DOUBT, new MadeTotals()::transfer)
                .calls();
    }

    private static List<Call> ended(
            long seed, int count, BiFunction<ModelStore, SplittableRandom, Asked> next, String prefix) {
        MadeHistory history = MadeHistory.of(seed, count, CLIENTS, DOUBT, next);
        for (int i = 0; i < LAST_READS; i++) {
            history.then(new Asked(CounterJudge.FINAL, Ask.of(Action.list(prefix))));
        }
        return history.calls();
    }

    private static @Nullable Row row(ModelStore store, String key) {
        return store.at(store.revision()).get(key);
    }

    /** A key that is put without any condition, or a number that is incremented by compare-and-set. */
    private Asked count(ModelStore store, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            return new Asked("tick", Ask.of(Action.swap("c-own-" + random.nextInt(COUNTERS), "x" + ids++)));
        }
        String key = "c-shared-" + random.nextInt(COUNTERS);
        Row row = row(store, key);
        long number = row == null ? 0 : amount(row);
        return new Asked(
                "increment",
                Ask.of(Action.put(key, (number + 1) + "/" + ids++)).when(new Guard(key, row == null ? 0 : row.mod())));
    }

    /** Elements that are keys, and elements of a list. */
    private Asked extend(ModelStore store, SplittableRandom random) {
        long element = ids++;
        int drawn = random.nextInt(10);
        if (drawn == 0) {
            return new Asked("list", Ask.of(Action.list("s/")));
        }
        if (drawn < 5) {
            return new Asked("add", Ask.of(Action.put("s/add/" + element, "x" + element)));
        }
        String key = "s/list/" + random.nextInt(2);
        Row row = row(store, key);
        Ask ask = Ask.of(Action.put(key, (row == null ? "" : row.value() + " ") + element))
                .when(new Guard(key, row == null ? 0 : row.mod()));
        JsonObject input = ask.toJson();
        input.addProperty("element", element);
        return new Asked("extend", ask, input);
    }

    private Asked transfer(ModelStore store, SplittableRandom random) {
        Row a = row(store, "a1");
        Row b = row(store, "a2");
        if (a == null || b == null) {
            return new Asked(
                    "open",
                    Ask.of(Action.put("a1", "10/" + ids++), Action.put("a2", "10/" + ids++))
                            .when(new Guard("a1", 0)));
        }
        if (random.nextBoolean()) {
            return new Asked("balances", Ask.of(Action.list("a")).at(random.nextBoolean() ? 0 : store.revision()));
        }
        long from = amount(a);
        long to = amount(b);
        long amount = from == 0 ? -to : 1 + random.nextLong(from);
        return new Asked(
                "transfer",
                Ask.of(Action.put("a1", (from - amount) + "/" + ids++), Action.put("a2", (to + amount) + "/" + ids++))
                        .when(new Guard("a1", a.mod()), new Guard("a2", b.mod())));
    }

    private static long amount(Row row) {
        return Long.parseLong(row.value().substring(0, row.value().indexOf('/')));
    }
}
