package io.axolotl.jepsen.membership;

import io.axolotl.jepsen.process.ServerProcess;
import java.util.ArrayList;
import java.util.List;

/** The ways in which operators change a cluster of three. All end with three voters. */
public enum Route {
    /** A learner is added and promoted, then the leader is removed (M6, M10). */
    GROW_AND_REMOVE_THE_LEADER("learner, promotion, removal of the leader") {
        @Override
        public void go(Walk walk) {
            walk.promote(walk.addLearner());
            walk.remove(walk.leader());
        }
    },
    /** Every member makes room for a new one; the old ones keep running, unless they end by themselves (M7, M15). */
    REPLACE_ALL("all three replaced one by one") {
        @Override
        public void go(Walk walk) {
            for (ServerProcess old : walk.voters()) {
                walk.promote(walk.addLearner());
                walk.remove(old);
            }
        }
    },
    /** From three to five and back, first the leader going (M6, M15). */
    THREE_FIVE_THREE("3 to 5 to 3") {
        @Override
        public void go(Walk walk) {
            walk.addVoter();
            walk.addVoter();
            walk.remove(walk.leader());
            List<ServerProcess> left = new ArrayList<>(walk.voters());
            left.remove(walk.leader());
            walk.remove(left.get(0));
        }
    };

    /** In words. */
    public final String title;

    Route(String title) {
        this.title = title;
    }

    /** Goes the whole way. */
    public abstract void go(Walk walk);
}
