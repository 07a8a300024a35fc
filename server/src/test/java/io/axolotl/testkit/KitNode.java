package io.axolotl.testkit;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.NodeView;
import io.axolotl.server.NodeConfig;
import io.axolotl.server.Server;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.wal.WalOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node over all its starts: its folder, its troubles, the relays that lead to it, and its server while it runs. Safe for all
 * threads.
 */
final class KitNode {
    private static final Logger log = LoggerFactory.getLogger(KitNode.class);
    private static final WalOptions SMALL_LOG = new WalOptions(1 << 20, 1 << 16, 2);

    /** A quarter of it is left when the last entry is taken: more than the largest request. */
    private static final long RESERVE_BYTES = 8L << 20;

    private static final long CACHE_BYTES = 8L << 20;
    private static final long MEMTABLE_BYTES = 4L << 20;

    private final int number;
    private final List<String> commandLine;
    private final Path libraryFolder;
    private final Relay clients;
    private final List<Relay> fromPeers;
    private final List<Relay> toPeers;
    private final UnaryOperator<PeerAddress> route;
    private final DiskTroubles troubles = new DiskTroubles();
    private volatile @Nullable Running running;
    private volatile @Nullable String death;

    /** One run. */
    private record Running(Server server, DiskTroubles.Life life) {}

    /**
     * @param clients leads clients to it
     * @param fromPeers lead the others to it
     * @param toPeers lead it to the others
     * @param route its own way to the others
     */
    KitNode(
            int number,
            List<String> commandLine,
            Path libraryFolder,
            Relay clients,
            List<Relay> fromPeers,
            List<Relay> toPeers,
            UnaryOperator<PeerAddress> route) {
        this.number = number;
        this.commandLine = commandLine;
        this.libraryFolder = libraryFolder;
        this.clients = clients;
        this.fromPeers = fromPeers;
        this.toPeers = toPeers;
        this.route = route;
    }

    DiskTroubles troubles() {
        return troubles;
    }

    /** Recovers and listens. Does nothing if it runs. */
    synchronized void start() {
        if (running != null) {
            return;
        }
        death = null;
        DiskTroubles.Life life = new DiskTroubles.Life();
        DiskMonitor monitor = new DiskMonitor();
        RocksDbOptions options = new RocksDbOptions(CACHE_BYTES, MEMTABLE_BYTES, libraryFolder);
        ServerConfig config = ((ServerConfigReader.Request.Start)
                        new ServerConfigReader("test kit").read(commandLine, Map.of()))
                .config();
        Server server = Server.start(
                config,
                new NodeConfig.Surroundings(
                        new TroubledDisk(new RealDisk(monitor), troubles, life),
                        monitor,
                        folder -> RocksDbEngine.open(folder, options),
                        new MetricRegistry(),
                        route,
                        (what, cause) -> endedItself(life, what, cause)),
                node -> node.with(
                        SMALL_LOG, RESERVE_BYTES, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        running = new Running(server, life);
        fromPeers.forEach(relay -> relay.leadTo(server.node().peerAddresses().get(0)));
        clients.leadTo((InetSocketAddress) server.clientAddresses().get(0));
        log.info("node {} runs, for clients at {}", number, clients.address());
    }

    /** What ends a process ends the node, on a thread of its own: the one that reports it must be able to end. */
    private void endedItself(DiskTroubles.Life life, String what, @Nullable Throwable cause) {
        if (!life.isOver()) {
            log.error("node {} ends itself: {}", number, what, cause);
            new Thread(() -> kill(life, what), "axolotl-testkit-end-of-" + number).start();
        }
    }

    private synchronized void kill(DiskTroubles.Life life, String why) {
        Running now = running;
        if (now != null && now.life == life) {
            death = why;
            kill(now);
        }
    }

    synchronized void kill() {
        Running now = running;
        if (now != null) {
            kill(now);
        }
    }

    /** First nobody hears of it any more, then the disk takes no more; what goes on after that has no effect. */
    private void kill(Running now) {
        running = null;
        clients.leadNowhere();
        fromPeers.forEach(Relay::leadNowhere);
        troubles.end(now.life);
        toPeers.forEach(Relay::breakOff);
        try {
            now.server.abort();
        } catch (DiskException e) {
            log.debug("node {} was ended while it still wanted something of its disk", number, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** In good order. Does nothing if it does not run. */
    synchronized void stop() {
        Running now = running;
        if (now == null) {
            return;
        }
        running = null;
        try {
            now.server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            troubles.end(now.life);
            clients.leadNowhere();
            fromPeers.forEach(Relay::leadNowhere);
        }
    }

    void breakConnections() {
        clients.breakOff();
    }

    boolean isRunning() {
        return running != null;
    }

    /** Why it has ended by itself since it was started last. */
    Optional<String> death() {
        return Optional.ofNullable(death);
    }

    /** What it believes; nothing while it does not run. */
    Optional<NodeView> view() {
        Running now = running;
        return now == null ? Optional.empty() : Optional.of(now.server.node().view());
    }

    /** Waits until it serves everything, or has ended. @return false if that has not come about in time */
    boolean awaitReady(long nanos) {
        Running now = running;
        try {
            return now != null && now.server.awaitReady(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
