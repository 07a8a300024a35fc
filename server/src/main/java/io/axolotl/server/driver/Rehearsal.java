package io.axolotl.server.driver;

import com.google.protobuf.InvalidProtocolBufferException;
import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.server.peer.MessageCodec;
import io.axolotl.server.peer.proto.RaftMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays elections, writes, reads and hand-overs among three nodes that exist in memory only. A server's first election is the first
 * time that its code runs: loading and interpreting it takes longer than the messages do, and it happens just when nobody is served.
 * Played once after a start, it is loaded, and its busiest parts are compiled.
 *
 * <p>Touches no file, no connection and nothing of the real node. Confined to the calling thread.
 */
public final class Rehearsal {
    private static final RaftConfig CONFIG = RaftConfig.defaults();
    private static final byte[] PAYLOAD = new byte[64];

    private final List<Player> players = new ArrayList<>();
    private final ArrayDeque<Delivery> network = new ArrayDeque<>();
    private long nowNanos;
    private long id;

    private record Delivery(NodeId from, NodeId to, byte[] bytes) {}

    private Rehearsal() {
        List<NodeId> ids = List.of(new NodeId(1), new NodeId(2), new NodeId(3));
        ids.forEach(self -> players.add(new Player(self, Membership.ofVoters(ids))));
    }

    /**
     * @param rounds hand-overs of leadership, with an election each
     * @return how many there were
     */
    public static int play(int rounds) {
        Rehearsal rehearsal = new Rehearsal();
        Player first = rehearsal.players.get(0);
        while (!first.node.view().isLeader()) {
            // In small steps: a leap of the clock is a pause, after which nobody campaigns.
            rehearsal.nowNanos += CONFIG.heartbeatIntervalNanos();
            rehearsal.step(first, new Input.Tick(rehearsal.nowNanos));
        }
        int changes = 0;
        for (int round = 0; round < rounds; round++) {
            changes += rehearsal.handOver(round) ? 1 : 0;
        }
        return changes;
    }

    private boolean handOver(int round) {
        Player leader = players.get(round % players.size());
        Player next = players.get((round + 1) % players.size());
        Player other = players.get((round + 2) % players.size());
        for (int i = 0; i < 4; i++) {
            step(leader, new Input.Propose(++id, PAYLOAD));
        }
        step(other, new Input.ReadIndex(++id));
        nowNanos += CONFIG.heartbeatIntervalNanos();
        players.forEach(player -> step(player, new Input.Tick(nowNanos)));
        step(leader, new Input.TransferLeadership(next.self));
        return next.node.view().isLeader();
    }

    private void step(Player player, Input input) {
        player.node.step(input);
        settle();
    }

    private void settle() {
        do {
            for (Delivery each = network.poll(); each != null; each = network.poll()) {
                deliver(each);
            }
            players.forEach(Player::settle);
        } while (!network.isEmpty());
    }

    private void deliver(Delivery each) {
        Player to = players.get((int) each.to.value() - 1);
        try {
            to.node.step(new Input.Receive(each.from, MessageCodec.decode(RaftMessage.parseFrom(each.bytes))));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a message that was just encoded cannot be read", e);
        }
    }

    /** A node whose disk keeps everything at once. */
    private final class Player implements LogReader {
        private final NodeId self;
        private final RaftNode node;
        private final List<Entry> entries = new ArrayList<>();

        Player(NodeId self, Membership membership) {
            this.self = self;
            this.node = new RaftNode(
                    self,
                    CONFIG,
                    minimumNanos -> minimumNanos,
                    HardState.INITIAL,
                    new SnapshotMetadata(EntryId.ZERO, membership),
                    this,
                    0,
                    0);
        }

        void settle() {
            while (node.hasReady()) {
                Ready ready = node.takeReady();
                for (Entry entry : ready.entriesToPersist()) {
                    while (entries.size() >= entry.index()) {
                        entries.remove(entries.size() - 1);
                    }
                    entries.add(entry);
                }
                if (ready.persistToken() != null) {
                    node.step(new Input.Persisted(ready.persistToken()));
                }
                ready.sendNow().forEach(this::send);
                ready.sendAfterPersist().forEach(this::send);
                if (!ready.committed().isEmpty()) {
                    node.step(new Input.Applied(
                            ready.committed().get(ready.committed().size() - 1).index()));
                }
            }
        }

        private void send(Envelope envelope) {
            network.add(new Delivery(
                    self, envelope.to(), MessageCodec.encode(envelope.message()).toByteArray()));
        }

        @Override
        public EntryId previous() {
            return EntryId.ZERO;
        }

        @Override
        public EntryId last() {
            return entries.isEmpty()
                    ? EntryId.ZERO
                    : entries.get(entries.size() - 1).id();
        }

        @Override
        public long term(long index) {
            return index == 0 ? 0 : entries.get((int) index - 1).term();
        }

        @Override
        public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
            return List.copyOf(entries.subList((int) fromIndex - 1, (int) toIndexExclusive - 1));
        }

        @Override
        public List<Entry> membershipEntries() {
            return List.of();
        }
    }
}
