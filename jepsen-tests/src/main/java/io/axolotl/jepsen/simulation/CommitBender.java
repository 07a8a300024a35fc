package io.axolotl.jepsen.simulation;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.AppendEntries;
import io.axolotl.raft.message.Message.AppendEntriesResponse;
import io.axolotl.raft.message.Message.CommitNotice;
import io.axolotl.raft.message.Message.Heartbeat;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Plants {@link PlantedBug#COMMIT_OLD_TERM} without touching the core: counts acknowledgements as a leader that has
 * forgotten Raft §5.4.2 would, and writes its verdict into the commit indexes that leave.
 *
 * <p>Confined to the simulation's thread.
 */
final class CommitBender {
    private final Membership membership;
    private final NodeId self;
    private final LogReader log;
    private final Map<NodeId, Long> matches = new TreeMap<>();
    private long term;

    CommitBender(Membership membership, NodeId self, LogReader log) {
        this.membership = membership;
        this.self = self;
        this.log = log;
    }

    void received(NodeId from, Message message, long ownTerm) {
        if (ownTerm != term) {
            matches.clear();
            term = ownTerm;
        }
        if (message instanceof AppendEntriesResponse response && response.isAccepted() && response.term() == term) {
            matches.merge(from, response.index(), Math::max);
        }
    }

    Envelope bend(Envelope envelope, NodeView view) {
        if (!view.isLeader() || view.term() != term) {
            return envelope;
        }
        long[] durable = new long[membership.voters().size()];
        int at = 0;
        for (NodeId voter : membership.voters()) {
            durable[at++] = voter.equals(self) ? view.durableIndex() : matches.getOrDefault(voter, 0L);
        }
        Arrays.sort(durable);
        long agreed = durable[(durable.length - 1) / 2];
        boolean isOfOldTerm =
                agreed > log.previous().index() && agreed <= log.last().index() && log.term(agreed) < term;
        if (!isOfOldTerm) {
            return envelope;
        }
        if (envelope.message() instanceof Heartbeat heartbeat) {
            long told = Math.min(agreed, matches.getOrDefault(envelope.to(), 0L));
            return new Envelope(
                    envelope.to(),
                    new Heartbeat(heartbeat.term(), Math.max(heartbeat.commitIndex(), told), heartbeat.readRound()));
        }
        if (envelope.message() instanceof CommitNotice notice) {
            long told = Math.min(agreed, matches.getOrDefault(envelope.to(), 0L));
            return new Envelope(envelope.to(), new CommitNotice(notice.term(), Math.max(notice.commitIndex(), told)));
        }
        if (envelope.message() instanceof AppendEntries append) {
            return new Envelope(
                    envelope.to(),
                    new AppendEntries(
                            append.term(),
                            append.previous(),
                            append.entries(),
                            Math.max(append.commitIndex(), agreed),
                            append.readRound(),
                            append.epoch()));
        }
        return envelope;
    }
}
