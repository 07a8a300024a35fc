package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import java.util.SplittableRandom;

/** Changes of keys, several of them in one revision too, compactions behind them, and a listener on each seat. */
final class WatchPlay implements Crowd.Play {
    private static final int KEYS = 30;

    private final Keys keys = new Keys("watch");
    private final Listeners listeners = new Listeners(keys, keys.prefix(), keys.key("k", 0));

    @Override
    public void begin(Crowd crowd) {
        listeners.begin(crowd);
    }

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        // Some keys change more often than others.
        int key = Math.min(chance.nextInt(KEYS), chance.nextInt(KEYS));
        int drawn = chance.nextInt(100);
        if (drawn < 15) {
            String other = keys.key("k", (key + 1) % KEYS);
            Action second = chance.nextInt(3) == 0 ? Action.delete(other) : Action.put(other, keys.value());
            var unused = lane.ask("both", Ask.of(Action.put(keys.key("k", key), keys.value()), second));
        } else if (drawn < 17) {
            listeners.disturb(chance);
        } else {
            KeyTurns.any(lane, keys, keys.key("k", key), chance);
        }
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        listeners.finish(lane, crowd);
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }

    @Override
    public void close() {
        listeners.close();
    }
}
