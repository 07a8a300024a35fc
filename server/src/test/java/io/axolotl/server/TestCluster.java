package io.axolotl.server;

import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.peer.ClusterInquiry;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.server.peer.PeerAddresses;
import io.axolotl.server.peer.PeerSecurity;
import io.axolotl.server.recovery.EngineOpener;
import io.axolotl.server.recovery.JoinPlan;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.wal.WalOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whole nodes in one process, over loopback connections, real files and RocksDB. A node whose process would have ended
 * is aborted, and what ended it, with every cause, is kept in {@link #deaths}.
 */
final class TestCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long MILLI = 1_000_000L;

    private final Path folder;
    private final Tuning tuning;
    private final List<NodeId> founderIds;

    /** By the number in the name, which is the id of a founder. */
    private final Map<NodeId, InetSocketAddress> addresses = new TreeMap<>();

    private final Map<NodeId, Node> running = new TreeMap<>();
    final ConcurrentLinkedQueue<String> deaths = new ConcurrentLinkedQueue<>();

    TestCluster(Path folder, int size, Tuning tuning) {
        this.folder = folder;
        this.tuning = tuning;
        for (int i = 1; i <= size; i++) {
            addresses.put(new NodeId(i), freeAddress());
        }
        this.founderIds = List.copyOf(addresses.keySet());
    }

    static InetSocketAddress freeAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPorts.free());
    }

    static RaftConfig raft() {
        return RaftConfig.defaults().withTimeouts(40 * MILLI, 400 * MILLI);
    }

    /** The configuration of one founder; the parts that tests change are parameters. */
    NodeConfig config(NodeId id, long clusterId, Disk disk, @Nullable EngineOpener engines) {
        return founder(id, clusterId, disk, engines, List::of);
    }

    /** The configuration of a founder that asks the others before it founds the cluster, as a server does. */
    NodeConfig askingFounder(NodeId id) {
        List<PeerAddress> others = founderIds.stream()
                .filter(each -> !each.equals(id))
                .map(each -> PeerAddress.inClear(addressOf(each)))
                .toList();
        return founder(
                id,
                77,
                new RealDisk(new DiskMonitor()),
                null,
                () -> ClusterInquiry.askFounders(
                        others,
                        PeerSecurity.NONE,
                        ProcessThreads.factory("found", (what, cause) -> died(id, what, cause))));
    }

    private NodeConfig founder(
            NodeId id,
            long clusterId,
            Disk disk,
            @Nullable EngineOpener engines,
            Supplier<List<ClusterDescription>> others) {
        List<MemberAttributes> founders = new ArrayList<>();
        for (NodeId each : founderIds) {
            founders.add(new MemberAttributes(each.value(), "", List.of(urlOf(each)), List.of(), false));
        }
        return config(
                id, NodeConfig.founder(clusterId, id, founders, others), folder.resolve("node" + id), disk, engines);
    }

    /** The configuration of a node that joins, on an address of its own, in {@code folder/nodeNAME}. */
    NodeConfig joiner(long name) {
        NodeId id = new NodeId(name);
        addresses.computeIfAbsent(id, x -> freeAddress());
        List<String> urls = addresses.keySet().stream()
                .filter(each -> each.equals(id) || running.values().stream().anyMatch(node -> isAt(node, each)))
                .map(this::urlOf)
                .toList();
        List<PeerAddress> others = urls.stream()
                .filter(url -> !url.equals(urlOf(id)))
                .map(url -> PeerAddresses.firstOf(List.of(url)))
                .toList();
        Origin origin = new Origin.Joiner(() -> JoinPlan.place(
                urlOf(id),
                urls,
                ClusterInquiry.ask(
                        others,
                        PeerSecurity.NONE,
                        ProcessThreads.factory("join", (what, cause) -> died(id, what, cause)))));
        return config(id, origin, folder.resolve("node" + id), new RealDisk(new DiskMonitor()), null);
    }

    /** From now on the member of this name listens elsewhere. */
    void move(long name) {
        addresses.put(new NodeId(name), freeAddress());
    }

    /** The configuration of a member that has been one before, and must not ask anybody for its place. */
    NodeConfig existing(long name, String dataFolder) {
        Origin origin = new Origin.Joiner(() -> {
            throw new AssertionError("a member that has a folder asked for its place");
        });
        return config(new NodeId(name), origin, folder.resolve(dataFolder), new RealDisk(new DiskMonitor()), null);
    }

    private boolean isAt(Node node, NodeId name) {
        return node.peerAddresses().get(0).getPort() == addressOf(name).getPort();
    }

    NodeConfig config(NodeId name, Origin origin, Path dataDir, Disk disk, @Nullable EngineOpener engines) {
        RocksDbOptions options = new RocksDbOptions(8 << 20, 4 << 20, folder.resolve("native"));
        EngineOpener opener = engines == null ? path -> RocksDbEngine.open(path, options) : engines;
        return new NodeConfig(
                "n" + name,
                List.of(urlOf(name)),
                List.of("http://127.0.0.1:1" + name),
                origin,
                dataDir,
                List.of(addressOf(name)),
                raft(),
                tuning,
                new WalOptions(1 << 20, 1 << 16, 2),
                1L << 30,
                new NodeConfig.Surroundings(
                        disk,
                        new DiskMonitor(),
                        opener,
                        new MetricRegistry(),
                        (what, cause) -> died(name, what, cause)));
    }

    private void died(NodeId id, String what, @Nullable Throwable cause) {
        StringBuilder reason = new StringBuilder(id + ": " + what);
        for (Throwable each = cause; each != null; each = each.getCause()) {
            reason.append(": ").append(each);
        }
        deaths.add(reason.toString());
        Node node = running.get(id);
        if (node != null) {
            // On a thread of its own: the one that reports must be able to end.
            new Thread(node::abort, "death-of-" + id).start();
        }
    }

    private InetSocketAddress addressOf(NodeId id) {
        InetSocketAddress address = addresses.get(id);
        if (address == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return address;
    }

    String urlOf(NodeId id) {
        return "http://127.0.0.1:" + addressOf(id).getPort();
    }

    Node start(long id) {
        return start(config(new NodeId(id), 77, new RealDisk(new DiskMonitor()), null));
    }

    Node start(NodeConfig config) {
        Node node = Node.start(config);
        running.put(node.self(), node);
        return node;
    }

    TestCluster startAll() {
        for (NodeId id : founderIds) {
            start(id.value());
        }
        return this;
    }

    Node node(long id) {
        Node node = running.get(new NodeId(id));
        if (node == null) {
            throw new IllegalStateException("node " + id + " does not run");
        }
        return node;
    }

    List<Node> nodes() {
        return List.copyOf(running.values());
    }

    void abort(Node node) {
        running.remove(node.self());
        node.abort();
    }

    /** Lets go of a node that has died by itself, once it has. */
    void forget(Node node) {
        running.remove(node.self());
        await().atMost(PATIENCE).until(node::hasEnded);
    }

    void stop(Node node) {
        running.remove(node.self());
        node.stop();
    }

    /** Waits until all that run agree on one leader, and returns it. */
    Node leader() {
        // Asked for before most calls, and mostly known at once.
        return agreedLeader()
                .orElseGet(() -> await().atMost(PATIENCE)
                        .until(this::agreedLeader, Optional::isPresent)
                        .orElseThrow());
    }

    private Optional<Node> agreedLeader() {
        Set<NodeId> leaders = new HashSet<>();
        for (Node node : running.values()) {
            NodeId leader = node.view().leader();
            if (leader == null) {
                return Optional.empty();
            }
            leaders.add(leader);
        }
        return leaders.size() == 1
                ? running.values().stream()
                        .filter(node ->
                                leaders.contains(node.self()) && node.view().isLeader())
                        .findFirst()
                : Optional.empty();
    }

    Node follower() {
        Node leader = leader();
        return running.values().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElseThrow();
    }

    static CompletableFuture<ProposalResult> put(Node node, String key, String value) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(new Command.Put(utf8(key), utf8(value), 0, false, false, false), answer::complete);
        return answer;
    }

    /** Puts, and waits until it is done. */
    static void mustPut(Node node, String key, String value) {
        ProposalResult result = get(put(node, key, value));
        if (!(result instanceof ProposalResult.Done)) {
            throw new AssertionError("put of " + key + " ended as " + result);
        }
    }

    /** A linearizable read. */
    static @Nullable String read(Node node, String key) {
        CompletableFuture<Optional<Object>> ready = new CompletableFuture<>();
        node.readBarrier(failure -> ready.complete(Optional.ofNullable(failure)));
        Optional<Object> failure = get(ready);
        if (failure.isPresent()) {
            throw new AssertionError("the read was refused: " + failure.get());
        }
        return readLocally(node, key);
    }

    static @Nullable String readLocally(Node node, String key) {
        RangeAnswer answer = node.store().range(RangeQuery.ofKey(utf8(key)));
        if (answer instanceof RangeAnswer.Found found && !found.kvs().isEmpty()) {
            return new String(found.kvs().get(0).value(), StandardCharsets.UTF_8);
        }
        return null;
    }

    /** Waits until all that run hold the same state. */
    void awaitEqualStates() {
        await().atMost(PATIENCE).until(() -> {
            Set<Digest> digests = new HashSet<>();
            for (Node node : running.values()) {
                digests.add(node.store().digest());
            }
            return digests.size() == 1;
        });
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer: " + e, e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        List.copyOf(running.values()).forEach(this::abort);
    }
}
