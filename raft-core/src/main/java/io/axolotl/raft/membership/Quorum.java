package io.axolotl.raft.membership;

import java.util.Arrays;
import java.util.NavigableSet;
import java.util.function.ToLongFunction;

/**
 * A majority of one set of voters.
 *
 * <p>Immutable.
 */
public final class Quorum {
    private final NodeId[] voters;

    public Quorum(NavigableSet<NodeId> voters) {
        this.voters = voters.toArray(new NodeId[0]);
    }

    /**
     * The largest value that a majority has reached, where {@code reached} tells for each voter how far it has come. No
     * voters hold nothing back: without any the answer is {@link Long#MAX_VALUE}, as the empty half of a membership that
     * is not joint needs it.
     */
    public long agreed(ToLongFunction<NodeId> reached) {
        int count = voters.length;
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        long[] ascending = new long[count];
        for (int i = 0; i < count; i++) {
            ascending[i] = reached.applyAsLong(voters[i]);
        }
        Arrays.sort(ascending);
        // Of 5 voters the third from the top is reached by 3; of 4 voters the third from the top as well.
        return ascending[(count - 1) / 2];
    }
}
