package io.axolotl.server;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.recovery.EngineOpener;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.wal.WalOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Node} is to be. Immutable.
 *
 * @param self this member as it tells the others of itself once it runs (CL-5)
 * @param founders the members of a new cluster, this one among them; the same on every one of them. Used when the data
 *     folder is empty
 * @param mayFound whether an empty data folder is made that of a founder; otherwise it is refused, since a member that
 *     lost its data must not come back under its old id (pitfall 4)
 * @param listenPeers addresses to listen on for other members
 * @param peerAddresses where each other member listens
 * @param wal sizes of the log
 * @param snapshotBytesPerSecond bound on sending snapshots, to all peers together; 0 for none
 */
public record NodeConfig(
        long clusterId,
        MemberAttributes self,
        List<MemberAttributes> founders,
        boolean mayFound,
        Path dataDir,
        List<InetSocketAddress> listenPeers,
        Map<NodeId, InetSocketAddress> peerAddresses,
        RaftConfig raft,
        Tuning tuning,
        WalOptions wal,
        long snapshotBytesPerSecond,
        Surroundings surroundings) {
    public NodeConfig {
        founders = List.copyOf(founders);
        listenPeers = List.copyOf(listenPeers);
        peerAddresses = Map.copyOf(peerAddresses);
        if (listenPeers.isEmpty()) {
            throw new IllegalArgumentException("a node needs an address to listen on for its peers");
        }
        long selfId = self.id();
        if (founders.stream().noneMatch(founder -> founder.id() == selfId)) {
            throw new IllegalArgumentException(
                    "member " + Long.toHexString(selfId) + " is not among the founders of its cluster");
        }
    }

    public NodeId selfId() {
        return new NodeId(self.id());
    }

    /** With the standard sizes and bounds. */
    public static NodeConfig of(
            long clusterId,
            MemberAttributes self,
            List<MemberAttributes> founders,
            boolean mayFound,
            Path dataDir,
            List<InetSocketAddress> listenPeers,
            Map<NodeId, InetSocketAddress> peerAddresses,
            RaftConfig raft,
            Tuning tuning,
            long snapshotBytesPerSecond,
            Surroundings surroundings) {
        return new NodeConfig(
                clusterId,
                self,
                founders,
                mayFound,
                dataDir,
                listenPeers,
                peerAddresses,
                raft,
                tuning,
                WalOptions.defaults(),
                snapshotBytesPerSecond,
                surroundings);
    }

    /** The membership of a cluster that is being founded. */
    public Membership foundingMembership() {
        return Membership.ofVoters(
                founders.stream().map(founder -> new NodeId(founder.id())).toList());
    }

    /**
     * What a node stands on.
     *
     * @param monitor what {@code disk} reports its running operations to
     */
    public record Surroundings(
            Disk disk, DiskMonitor monitor, EngineOpener engines, MetricRegistry metrics, FatalHandler fatal) {
        /** The real disk, RocksDB, and the end of the process when something is beyond repair. */
        public static Surroundings real(MetricRegistry metrics, Path dataDir) {
            DiskMonitor monitor = new DiskMonitor();
            RocksDbOptions options = RocksDbOptions.defaults(dataDir.resolve("native"));
            return new Surroundings(
                    new RealDisk(monitor),
                    monitor,
                    folder -> RocksDbEngine.open(folder, options),
                    metrics,
                    FatalHandler.haltingProcess());
        }
    }
}
