package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Calls as the workloads draw them, for histories that are made. Values are unique. */
final class MadeAsks {
    private final int keys;
    private final AtomicLong values = new AtomicLong();

    MadeAsks(int keys) {
        this.keys = keys;
    }

    private String value() {
        return "v" + values.incrementAndGet();
    }

    MadeHistory.Asked next(ModelStore store, SplittableRandom random) {
        String key = "k" + random.nextInt(keys);
        String other = "k" + random.nextInt(keys);
        Row seen = store.at(store.revision()).get(key);
        long guess = seen == null || random.nextInt(4) == 0 ? 0 : seen.mod();
        return switch (random.nextInt(12)) {
            case 0, 1 -> new MadeHistory.Asked("put", Ask.of(Action.put(key, value())));
            case 2 -> new MadeHistory.Asked("swap", Ask.of(Action.swap(key, value())));
            case 3, 4 ->
                new MadeHistory.Asked(
                        "cas",
                        Ask.of(Action.put(key, value()))
                                .when(new Guard(key, guess))
                                .otherwise(Action.read(key)));
            case 5 -> new MadeHistory.Asked("delete", Ask.of(Action.delete(key)));
            case 6 -> new MadeHistory.Asked("list", Ask.of(Action.list("k")));
            case 7 ->
                key.equals(other)
                        ? new MadeHistory.Asked("read", Ask.of(Action.read(key)))
                        : new MadeHistory.Asked("both", Ask.of(Action.put(key, value()), Action.put(other, value())));
            default -> new MadeHistory.Asked("read", Ask.of(Action.read(key)));
        };
    }
}
