package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Elements that are added: each as a key of its own, or to the value of one key by compare-and-set. */
final class SetPlay implements Crowd.Play {
    /** So many elements have a prefix, or a key, of their own: what is read at once stays small. */
    private static final int BUCKET = 200;

    private final Keys keys = new Keys("set");
    private final AtomicLong added = new AtomicLong();
    private final AtomicLong extended = new AtomicLong();

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        int drawn = chance.nextInt(100);
        if (drawn < 70) {
            long element = added.getAndIncrement();
            var unused = lane.ask("add", Ask.of(Action.put(bucket(element) + element, keys.value())));
        } else if (drawn < 85) {
            extend(lane);
        } else {
            boolean isSerializable = chance.nextInt(4) == 0;
            var unused = lane.ask(
                    "list",
                    Ask.of(Action.list(bucket(Math.max(0, added.get() - 1)))).serializable(isSerializable));
        }
    }

    private String bucket(long element) {
        return keys.key("add/", element / BUCKET) + "/";
    }

    private void extend(Lane lane) {
        long element = extended.getAndIncrement();
        String key = keys.key("list/", element / BUCKET);
        Optional<Answer> read = lane.ask("read", Ask.of(Action.read(key)));
        if (read.isEmpty()) {
            return;
        }
        Optional<Row> row = read.get().results().get(0).rows().stream().findFirst();
        String value = row.map(found -> found.value() + " ").orElse("") + element;
        Ask ask = Ask.of(Action.put(key, value))
                .when(new Guard(key, row.map(Row::mod).orElse(0L)));
        JsonObject input = ask.toJson();
        input.addProperty("element", element);
        var unused = lane.ask("extend", ask, input);
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        for (long element = 0; element < added.get(); element += BUCKET) {
            KeyTurns.listAtTheEnd(lane, crowd, bucket(element));
        }
        for (long element = 0; element < extended.get(); element += BUCKET) {
            KeyTurns.listAtTheEnd(lane, crowd, keys.key("list/", element / BUCKET));
        }
    }
}
