package io.axolotl.server;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.server.peer.PeerSecurity;
import io.axolotl.server.recovery.EngineOpener;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.wal.WalOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What a {@link Node} is to be. Immutable.
 *
 * @param name what this member is called, as it tells the others once it runs (CL-5)
 * @param peerUrls where the other members reach it
 * @param clientUrls where clients reach it
 * @param origin what becomes of an empty data folder
 * @param listenPeers addresses to listen on for other members in clear text
 * @param wal sizes of the log
 * @param snapshotBytesPerSecond bound on sending snapshots, to all peers together; 0 for none
 * @param security TLS between members, and where to listen with it
 */
public record NodeConfig(
        String name,
        List<String> peerUrls,
        List<String> clientUrls,
        Origin origin,
        Path dataDir,
        List<InetSocketAddress> listenPeers,
        RaftConfig raft,
        Tuning tuning,
        WalOptions wal,
        long snapshotBytesPerSecond,
        PeerSecurity security,
        Surroundings surroundings) {
    public NodeConfig {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
        listenPeers = List.copyOf(listenPeers);
        if (listenPeers.isEmpty() && security.listen().isEmpty()) {
            throw new IllegalArgumentException("a node needs an address to listen on for its peers");
        }
    }

    /** With connections between members in clear text. */
    public NodeConfig(
            String name,
            List<String> peerUrls,
            List<String> clientUrls,
            Origin origin,
            Path dataDir,
            List<InetSocketAddress> listenPeers,
            RaftConfig raft,
            Tuning tuning,
            WalOptions wal,
            long snapshotBytesPerSecond,
            Surroundings surroundings) {
        this(
                name,
                peerUrls,
                clientUrls,
                origin,
                dataDir,
                listenPeers,
                raft,
                tuning,
                wal,
                snapshotBytesPerSecond,
                PeerSecurity.NONE,
                surroundings);
    }

    /** With the standard sizes and bounds. */
    public static NodeConfig of(
            String name,
            List<String> peerUrls,
            List<String> clientUrls,
            Origin origin,
            Path dataDir,
            List<InetSocketAddress> listenPeers,
            RaftConfig raft,
            Tuning tuning,
            long snapshotBytesPerSecond,
            PeerSecurity security,
            Surroundings surroundings) {
        return new NodeConfig(
                name,
                peerUrls,
                clientUrls,
                origin,
                dataDir,
                listenPeers,
                raft,
                tuning,
                WalOptions.defaults(),
                snapshotBytesPerSecond,
                security,
                surroundings);
    }

    /**
     * The origin of a founder, told who the founders are.
     *
     * @param others what the other founders say of the cluster
     */
    public static Origin founder(
            long clusterId, NodeId self, List<MemberAttributes> founders, Supplier<List<ClusterDescription>> others) {
        return new Origin.Founder(place(clusterId, self, founders), others);
    }

    /** The place of a founder among the founders. */
    static Origin.Place place(long clusterId, NodeId self, List<MemberAttributes> founders) {
        if (founders.stream().noneMatch(founder -> founder.id() == self.value())) {
            throw new IllegalArgumentException("member " + self + " is not among the founders of its cluster");
        }
        Membership membership = Membership.ofVoters(
                founders.stream().map(founder -> new NodeId(founder.id())).toList());
        return new Origin.Place(clusterId, self, new Founding(membership, founders));
    }

    /** The same node with its log, and its reserve against a full disk, of these sizes, that listens for its peers there. */
    public NodeConfig with(WalOptions log, long reserveBytes, InetSocketAddress peers) {
        return new NodeConfig(
                name,
                peerUrls,
                clientUrls,
                origin,
                dataDir,
                List.of(peers),
                raft,
                tuning.withReserveBytes(reserveBytes),
                log,
                snapshotBytesPerSecond,
                security,
                surroundings);
    }

    /**
     * What a node stands on.
     *
     * @param monitor what {@code disk} reports its running operations to
     * @param route where to connect to for a peer that says it listens there; asked before each connection
     * @param between what peers and clients are spoken to through
     */
    public record Surroundings(
            Disk disk,
            DiskMonitor monitor,
            EngineOpener engines,
            MetricRegistry metrics,
            UnaryOperator<PeerAddress> route,
            FatalHandler fatal,
            Between between) {
        /** Everybody is spoken to directly. */
        public Surroundings(
                Disk disk,
                DiskMonitor monitor,
                EngineOpener engines,
                MetricRegistry metrics,
                UnaryOperator<PeerAddress> route,
                FatalHandler fatal) {
            this(disk, monitor, engines, metrics, route, fatal, Between.NOTHING);
        }

        /** Peers are where they say. */
        public Surroundings(
                Disk disk, DiskMonitor monitor, EngineOpener engines, MetricRegistry metrics, FatalHandler fatal) {
            this(disk, monitor, engines, metrics, UnaryOperator.identity(), fatal);
        }

        Surroundings with(FatalHandler other) {
            return new Surroundings(disk, monitor, engines, metrics, route, other, between);
        }

        /** The real disk and RocksDB. */
        public static Surroundings real(MetricRegistry metrics, Path dataDir, FatalHandler fatal) {
            DiskMonitor monitor = new DiskMonitor();
            RocksDbOptions options = RocksDbOptions.defaults(dataDir.resolve("native"));
            return new Surroundings(
                    new RealDisk(monitor), monitor, folder -> RocksDbEngine.open(folder, options), metrics, fatal);
        }
    }
}
