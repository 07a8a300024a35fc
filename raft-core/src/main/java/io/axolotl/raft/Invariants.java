package io.axolotl.raft;

import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What must hold after every step and every {@link Ready}, compared with how it was before (Raft Figure 3, as far as one
 * node can see it; I1, I2 and I6 of the catalogue of faults). A broken invariant means that going on could lose or change
 * what was promised: the node stops.
 *
 * <p>What holds after one of them holds before the next: the state is the core's own and nothing runs in between.
 *
 * <p>Always on; a handful of comparisons. Confined to the driver thread.
 */
final class Invariants {
    private long term;
    private @Nullable NodeId votedFor;
    private long commitIndex;
    private long appliedIndex;
    private long leaderLastIndex;

    /** @throws AssertionError if an invariant is broken */
    void check(NodeState state, Role role) {
        RaftLog log = state.log();
        ApplyWindow applying = state.applying();
        require(state.term() >= term, "the term never falls", state);
        require(
                state.term() > term || votedFor == null || votedFor.equals(state.votedFor()),
                "the vote of a term never changes",
                state);
        require(log.commitIndex() >= commitIndex, "the commit index never falls", state);
        require(applying.appliedIndex() >= appliedIndex, "the applied index never falls", state);

        require(applying.appliedIndex() <= applying.givenIndex(), "only what was given out is applied", state);
        require(
                applying.givenIndex() <= Math.min(log.commitIndex(), log.durableIndex()),
                "only what is committed and durable here is given out",
                state);
        require(log.commitIndex() <= log.lastIndex(), "only what is in the log is committed", state);
        require(log.durableIndex() <= log.lastIndex(), "only what is in the log is durable", state);
        require(
                log.previous().index() <= state.snapshot().last().index(),
                "the log begins no later than just behind the snapshot",
                state);
        require(log.last().term() <= state.term(), "no entry is of a later term", state);
        require(state.durable().term() <= state.term(), "no later term is on disk", state);

        boolean isLeader = role.name() == TraceEvent.RoleName.LEADER;
        require(isLeader == state.isSelf(state.leader()), "only a leader knows itself as the leader", state);
        if (isLeader) {
            require(log.last().term() == state.term(), "a leader's log ends in its own term", state);
            require(state.term() > term || log.lastIndex() >= leaderLastIndex, "a leader never cuts its log", state);
            require(state.durable().remembers(state.term(), state.self()), "a leader's own vote is on disk", state);
        }
        term = state.term();
        votedFor = state.votedFor();
        commitIndex = log.commitIndex();
        appliedIndex = applying.appliedIndex();
        leaderLastIndex = isLeader ? log.lastIndex() : 0;
    }

    private static void require(boolean holds, String what, NodeState state) {
        if (!holds) {
            throw new AssertionError("broken invariant: " + what + "; " + describe(state));
        }
    }

    private static String describe(NodeState state) {
        RaftLog log = state.log();
        return "node " + state.self() + ", term " + state.term() + ", vote " + state.votedFor() + ", leader "
                + state.leader() + ", log from " + log.previous() + " to " + log.last() + ", durable "
                + log.durableIndex() + ", commit " + log.commitIndex() + ", given out "
                + state.applying().givenIndex() + ", applied "
                + state.applying().appliedIndex();
    }
}
