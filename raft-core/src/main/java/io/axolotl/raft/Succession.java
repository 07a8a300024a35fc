package io.axolotl.raft;

import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.replication.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Whom a leader should hand over to by its own decision, if to anybody: because its disk has become slow, or because another
 * voter would rather lead. Not before it has led for a while and not again soon after a try, so that leadership does not
 * wander.
 *
 * <p>Confined to the driver thread.
 */
final class Succession {
    /** A leader that does not write must not stay; one that only is not the favourite can wait. In election timeouts. */
    private static final int CALM_IF_SLOW = 2;

    private static final int CALM_IF_RELUCTANT = 10;

    /** A voter that is more entries behind would keep proposals waiting for it. */
    private static final long CAUGHT_UP_ENTRIES = 1_000;

    private long calmSinceNanos;

    /** @param heir a voter that is fit to lead */
    record Choice(NodeId heir, String reason) {}

    Succession(long nowNanos) {
        calmSinceNanos = nowNanos;
    }

    /** Whom to hand over to now, or null. Counts as a try. */
    @Nullable Choice choose(Replicator replicator, NodeState state) {
        boolean isSlow = state.disk().isSlow(state.nowNanos());
        long calmNanos =
                (isSlow ? CALM_IF_SLOW : CALM_IF_RELUCTANT) * state.config().electionTimeoutNanos();
        int own = isSlow ? Availability.UNFIT : state.config().availability().reluctance();
        if (own == 0 || state.nowNanos() - calmSinceNanos < calmNanos) {
            return null;
        }
        RaftLog log = state.log();
        // Whoever holds durably what our disk is still busy with has a disk that is better now.
        long leastMatch = isSlow ? log.durableIndex() + 1 : log.lastIndex() - CAUGHT_UP_ENTRIES;
        NodeId heir = best(replicator, state, own, leastMatch);
        if (heir == null) {
            return null;
        }
        calmSinceNanos = state.nowNanos();
        return new Choice(
                heir,
                isSlow
                        ? "the disk here has become slow: " + state.disk().describe()
                        : "it has a higher priority than this node");
    }

    /** The fittest voter less reluctant than {@code reluctance} that holds all through {@code leastMatch}, or null. */
    static @Nullable NodeId best(Replicator replicator, NodeState state, int reluctance, long leastMatch) {
        NodeId best = null;
        int least = reluctance;
        long furthest = -1;
        for (NodeId voter : state.membership().voters()) {
            Progress progress = replicator.of(voter);
            if (progress == null || !progress.isRecentlyActive() || progress.matchIndex() < leastMatch) {
                continue;
            }
            boolean isBetter = progress.reluctance() < least
                    || (best != null && progress.reluctance() == least && progress.matchIndex() > furthest);
            if (isBetter) {
                best = voter;
                least = progress.reluctance();
                furthest = progress.matchIndex();
            }
        }
        return best;
    }
}
