package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.judge.MadeHistory.Asked;
import io.axolotl.jepsen.chaos.judge.MadeHistory.Reply;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Compaction;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Calls on a store that forgets what it is asked to forget; a member that is asked alone has done so later than others. */
final class MadeCompactions {
    static final String GONE = "OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted";
    static final String FUTURE = "OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision";

    private static final int MOST_BEHIND = 12;
    private static final int AHEAD = 3;

    private final MadeAsks puts = new MadeAsks(2);
    /** The first revision that is kept, and those that were before it. */
    private final List<Long> kept = new ArrayList<>(List.of(0L));

    Asked next(ModelStore store, SplittableRandom random) {
        long around = Math.max(1, store.revision() + AHEAD - random.nextInt(MOST_BEHIND));
        int drawn = random.nextInt(10);
        if (drawn < 4) {
            return puts.next(store, random);
        }
        if (drawn < 5) {
            return new Asked("compact", Compaction.toJson(around), false, at -> compact(at, around));
        }
        Ask ask = Ask.of(random.nextInt(4) == 0 ? Action.list("k") : Action.read("k0"))
                .at(around)
                .serializable(random.nextInt(4) == 0);
        // Of a member that lags, by how much.
        double lag = random.nextDouble();
        return new Asked("read-at", ask.toJson(), true, at -> read(at, ask, lag));
    }

    private long first() {
        return kept.get(kept.size() - 1);
    }

    private Reply compact(ModelStore store, long revision) {
        if (revision <= first()) {
            return Reply.refused(GONE);
        }
        if (revision > store.revision()) {
            return Reply.refused(FUTURE);
        }
        kept.add(revision);
        return Reply.done(MadeCalls.parse("{'revision':" + store.revision() + "}"));
    }

    private Reply read(ModelStore store, Ask ask, double lag) {
        boolean isAlone = ask.serializable();
        long known = isAlone ? store.revision() - (long) (lag * MOST_BEHIND) : store.revision();
        long first = isAlone ? kept.get((int) ((1 - lag) * (kept.size() - 1))) : first();
        if (ask.at() > known) {
            return Reply.refused(FUTURE);
        }
        return ask.at() < first
                ? Reply.refused(GONE)
                : Reply.done(store.execute(ask).toJson());
    }
}
