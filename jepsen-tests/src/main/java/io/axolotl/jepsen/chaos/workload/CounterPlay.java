package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.NumberedValue;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * Counting in two ways: each lane puts a key of its own without any condition and is told what was there before, so that a put that
 * is executed twice, or not at all, shows in the next; and all together increment a few shared keys, by comparing with what they have read.
 */
final class CounterPlay implements Crowd.Play {
    private static final int SHARED = 5;

    private final Keys keys = new Keys("counter");

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        if (chance.nextBoolean()) {
            var unused = lane.ask("tick", Ask.of(Action.swap(keys.key("own-", lane.number()), keys.value())));
            return;
        }
        String key = keys.key("shared-", chance.nextInt(SHARED));
        Optional<Answer> read = lane.ask("read", Ask.of(Action.read(key)));
        if (read.isEmpty()) {
            return;
        }
        Optional<Row> row = read.get().results().get(0).rows().stream().findFirst();
        OptionalLong number =
                row.map(found -> NumberedValue.numberOf(found.value())).orElse(OptionalLong.of(0));
        if (number.isEmpty()) {
            // What is no number the judges find in the answer.
            return;
        }
        var unused = lane.ask(
                "increment",
                Ask.of(Action.put(key, (number.getAsLong() + 1) + "/" + keys.value()))
                        .when(new Guard(key, row.map(Row::mod).orElse(0L))));
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }
}
