package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a node must remember over a crash besides its log (Raft Figure 2): its term, whom it voted for in that term,
 * and, as a hint that saves time after a restart, the highest index it knew to be committed.
 *
 * <p>A changed term or vote must be on disk before any message that rests on it leaves (pitfall 1). {@code
 * commitIndex} may lag: it is written along, never synced for its own sake, and may be up to {@code last} entries old.
 *
 * <p>Immutable.
 *
 * @param term current term, 0 before the first election
 * @param votedFor the candidate that got our vote in {@code term}, or null
 * @param commitIndex index known to be committed when this was written
 */
public record HardState(long term, @Nullable NodeId votedFor, long commitIndex) {
    /** A node that has never taken part. */
    public static final HardState INITIAL = new HardState(0, null, 0);
}
