package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import java.util.SplittableRandom;

/** Changes of a few keys, compactions close behind them, and reads of the past before and after what was compacted. */
final class CompactionPlay implements Crowd.Play {
    private static final int KEYS = 20;
    private static final int MOST_BEHIND = 200;

    /** Reads reach as far back as compactions, and a little into the future. */
    private static final int AHEAD = 5;

    private final Keys keys = new Keys("compaction");

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        String key = keys.key("k", chance.nextInt(KEYS));
        int drawn = chance.nextInt(100);
        if (drawn < 50) {
            KeyTurns.any(lane, keys, key, chance);
        } else if (drawn < 53) {
            lane.compactBehind(chance.nextInt(MOST_BEHIND));
        } else {
            long at = lane.newestRevision() + AHEAD - chance.nextInt(MOST_BEHIND);
            if (at > lane.firstRevision()) {
                Action what = chance.nextInt(4) == 0 ? Action.list(keys.prefix()) : Action.read(key);
                var unused = lane.ask("read-at", Ask.of(what).at(at).serializable(chance.nextInt(4) == 0));
            }
        }
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }
}
