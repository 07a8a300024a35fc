package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The greeting at the start of every stream, and its judgement. Without it a process at a reused address could feed
 * entries of another cluster into this one (faults N21), and a member whose disk was emptied could come back under its old
 * id and vote as if it had never promised anything (amnesia, pitfall 4).
 *
 * <p>Safe for all threads.
 */
public final class Handshake {
    /** Raised whenever a member of the older version could misread what the newer one sends. */
    static final int PROTOCOL_VERSION = 1;

    private final long clusterId;
    private final NodeId self;
    private final String storeId;
    private final Set<NodeId> peers;
    private final Map<NodeId, String> knownStores = new ConcurrentHashMap<>();

    /** @param peers the members that are known here, this node excluded */
    public Handshake(long clusterId, NodeId self, String storeId, Set<NodeId> peers) {
        this.clusterId = clusterId;
        this.self = self;
        this.storeId = storeId;
        this.peers = Set.copyOf(peers);
    }

    Hello greeting(NodeId to, Lane lane) {
        return Hello.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .setClusterId(clusterId)
                .setFrom(self.value())
                .setTo(to.value())
                .setStoreId(storeId)
                .setLane(lane)
                .build();
    }

    /** @return why the stream must not go on, for people to read; null if all is well */
    @Nullable String refusal(Hello hello) {
        String from = Long.toHexString(hello.getFrom());
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            return "peer " + from + " speaks peer protocol version " + hello.getProtocolVersion() + ", this node "
                    + self + " speaks version " + PROTOCOL_VERSION + ": run versions that go together";
        }
        if (hello.getClusterId() != clusterId) {
            return "peer " + from + " belongs to cluster " + Long.toHexString(hello.getClusterId()) + ", this node "
                    + self + " to cluster " + Long.toHexString(clusterId)
                    + ": check --initial-cluster and --initial-cluster-token of both, and who lives at this address";
        }
        if (hello.getTo() != self.value()) {
            return "peer " + from + " looks for node " + Long.toHexString(hello.getTo()) + ", but this is node " + self
                    + ": its --initial-cluster gives a wrong address";
        }
        if (hello.getFrom() == 0 || !peers.contains(new NodeId(hello.getFrom()))) {
            return "node " + from + " is no member of cluster " + Long.toHexString(clusterId) + " as node " + self
                    + " knows it";
        }
        String known = knownStores.putIfAbsent(new NodeId(hello.getFrom()), hello.getStoreId());
        if (known != null && !known.equals(hello.getStoreId())) {
            return "node " + from + " came back with another data folder (store " + hello.getStoreId() + " instead of "
                    + known + "): what it had promised is lost, so it must not take part under its old id; restore its "
                    + "data folder, or remove the member and add it anew";
        }
        return null;
    }
}
