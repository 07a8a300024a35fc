package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The greeting at the start of every stream, and its judgement. Without it a process at a reused address could feed
 * entries of another cluster into this one (faults N21), and a member whose disk was emptied could come back under its old
 * id and vote as if it had never promised anything (amnesia, pitfall 4). The first store that a member is met with is
 * written down durably before anything that it says is taken, and no other is accepted from then on, also not after a
 * restart (fault D19).
 *
 * <p>A vote or an acknowledgement comes on a stream that its sender has opened, so it is enough to judge who greets.
 *
 * <p>Safe for all threads.
 */
public final class Handshake {
    /** Raised whenever a member of the older version could misread what the newer one sends. */
    static final int PROTOCOL_VERSION = 1;

    private final long clusterId;
    private final NodeId self;
    private final StoreId storeId;
    private final Set<NodeId> peers;
    private final KnownStores knownStores;

    /**
     * @param peers the members that are known here, this node excluded
     * @param knownStores what they had been met with
     */
    public Handshake(long clusterId, NodeId self, StoreId storeId, Set<NodeId> peers, KnownStores knownStores) {
        this.clusterId = clusterId;
        this.self = self;
        this.storeId = storeId;
        this.peers = Set.copyOf(peers);
        this.knownStores = knownStores;
    }

    Hello greeting(NodeId to, Lane lane) {
        return Hello.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .setClusterId(clusterId)
                .setFrom(self.value())
                .setTo(to.value())
                .setStoreId(storeId.toString())
                .setLane(lane)
                .build();
    }

    /** Whether {@link #refusal} may have to wait for the disk, which no network thread should. */
    boolean mayHaveToRemember(Hello hello) {
        return hello.getFrom() != 0
                && knownStores.of(new NodeId(hello.getFrom())).isEmpty();
    }

    /**
     * Judges, after writing down the store of a member that is met for the first time.
     *
     * @return why the stream must not go on, for people to read; null if all is well
     * @throws io.axolotl.storage.disk.DiskException if the store could not be written down
     */
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
        return refusalOfStore(new NodeId(hello.getFrom()), hello.getStoreId());
    }

    private @Nullable String refusalOfStore(NodeId from, String claimed) {
        StoreId store = StoreId.parse(claimed);
        if (store == null) {
            return "node " + from + " does not tell which data folder it has: run versions that go together";
        }
        StoreId known = knownStores.of(from).orElse(null);
        if (known == null) {
            known = knownStores.remember(from, store);
        }
        if (!known.equals(store)) {
            return "node " + from + " came back with another data folder (store " + store + " instead of " + known
                    + ", as node " + self + " remembers): the votes and entries it had promised to keep are lost, so it"
                    + " must not take part under its old id. Put its data folder back, or remove member " + from
                    + " from the cluster and add it again with an empty data folder";
        }
        return null;
    }
}
