package io.axolotl.raft;

import io.axolotl.raft.log.RaftLog;

/** When a leader may call an entry committed: Raft §5.4.2. Pure. */
final class CommitRule {
    private CommitRule() {}

    /**
     * Whether counting durable copies commits {@code agreedIndex}. Only an entry of the leader's own term is committed by
     * count; what earlier terms left is committed with it, never by itself: a majority may hold an old entry that the
     * next leader still overwrites (Figure 8, pitfall 7).
     *
     * @param agreedIndex the largest index that is durable at a quorum
     */
    static boolean commits(long agreedIndex, long ownTerm, RaftLog log) {
        return agreedIndex > log.commitIndex() && log.term(agreedIndex) == ownTerm;
    }
}
