package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.get;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.put;
import static io.axolotl.server.TestCluster.read;
import static io.axolotl.server.TestCluster.readLocally;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three whole nodes over loopback, real files and RocksDB: what only shows when all threads and processes' edges meet. */
class NodeClusterTest {
    @TempDir
    Path folder;

    @Test
    @DisplayName(
            "N20, design D5 and D7: any member takes writes and linearizable reads, whoever leads: its clients need not reach that one")
    void everyMemberTakesWritesAndReads() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            for (Node writer : cluster.nodes()) {
                String key = "by-" + writer.self();
                mustPut(writer, key, "v" + writer.self());
                for (Node reader : cluster.nodes()) {
                    assertThat(read(reader, key)).isEqualTo("v" + writer.self());
                }
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("CL-5: members tell their names and client URLs through the log")
    void membersPublishThemselves() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node any = cluster.leader();
            await().atMost(PATIENCE)
                    .until(() -> any.store().members().stream()
                            .allMatch(member -> member.name().equals("n" + member.id())
                                    && !member.clientUrls().isEmpty()));
        }
    }

    @Test
    @DisplayName("what was acknowledged survives the leader's death, and the dead one catches up by replay")
    void acknowledgedWritesSurviveTheLeader() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            for (int i = 0; i < 100; i++) {
                mustPut(leader, "k" + i, "before");
            }
            cluster.abort(leader);
            Node next = cluster.leader();
            assertThat(read(next, "k99")).isEqualTo("before");
            for (int i = 0; i < 100; i++) {
                mustPut(next, "k" + i, "after");
            }
            Node back = cluster.start(leader.self().value());
            assertThat(read(back, "k0")).isEqualTo("after");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> back.recovery().catchUp() != null);
            assertThat(back.recovery().entriesToReplay()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    @DisplayName("the whole cluster killed at once comes back with every acknowledged write")
    void acknowledgedWritesSurviveTheDeathOfAll() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            List<CompletableFuture<ProposalResult>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(put(leader, "k" + i, "v" + i));
            }
            answers.forEach(answer -> assertThat(get(answer)).isInstanceOf(ProposalResult.Done.class));
            cluster.nodes().forEach(cluster::abort);
            cluster.startAll();
            Node reader = cluster.follower();
            for (int i = 0; i < 500; i += 50) {
                assertThat(read(reader, "k" + i)).isEqualTo("v" + i);
            }
            cluster.awaitEqualStates();
        }
    }

    @Test
    @DisplayName("pitfalls 40, 43, 46: a follower that missed what the log has let go of gets a snapshot")
    void followerBeyondTheLogGetsASnapshot() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults().withSnapshots(100, 10)).startAll()) {
            Node down = cluster.follower();
            cluster.abort(down);
            Node leader = cluster.leader();
            for (int i = 0; i < 1_000; i++) {
                mustPut(leader, "k" + i, "x".repeat(1_000));
            }
            mustPut(leader, "last", "one");
            await().atMost(PATIENCE).until(() -> leader.view().firstLog().index() > 500);
            Node back = cluster.start(down.self().value());
            assertThat(read(back, "last")).isEqualTo("one");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> back.recovery().catchUp() != null);
            assertThat(back.recovery().catchUp())
                    .satisfies(catchUp -> assertThat(catchUp.snapshot()).isNotNull());
            // And it goes on as any other: also over another start.
            mustPut(back, "after", "install");
            cluster.abort(back);
            Node again = cluster.start(down.self().value());
            assertThat(read(again, "after")).isEqualTo("install");
            cluster.awaitEqualStates();
        }
    }

    @Test
    @DisplayName("a graceful stop hands leadership over and keeps the state")
    void stopHandsLeadershipOver() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            mustPut(leader, "k", "v");
            long term = leader.view().term();
            cluster.stop(leader);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.nodes())
                            .extracting(node -> node.view().term())
                            .as("one election, and all have heard of it")
                            .containsOnly(term + 1));
            Node back = cluster.start(leader.self().value());
            // Only what the new leader had just begun is above the state: no write of a client has to be applied again.
            assertThat(back.recovery().entriesToReplay()).isLessThan(5);
            assertThat(readLocally(back, "k")).isEqualTo("v");
        }
    }

    @Test
    @DisplayName("N21: a node of another cluster at a member's address is refused by name and changes nothing")
    void aNodeOfAnotherClusterIsRefused() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults())) {
            cluster.start(1);
            cluster.start(2);
            mustPut(cluster.leader(), "k", "v");
            long term = cluster.leader().view().term();
            NodeConfig foreign = cluster.config(new NodeId(3), 66, new RealDisk(new DiskMonitor()), null);
            Node stranger = cluster.start(foreign);
            MetricRegistry there = foreign.surroundings().metrics();
            await().atMost(PATIENCE)
                    .until(() -> there.counter("axolotl_peers_refused_total").getCount() > 1);
            assertThat(stranger.view().leader()).isNull();
            assertThat(stranger.view().commitIndex()).isZero();
            assertThat(cluster.node(1).view().term()).isEqualTo(term);
            mustPut(cluster.node(1), "k", "w");
        }
    }

    @Test
    @DisplayName("pitfall 4, D19: a member whose disk was emptied is refused, also by one that was restarted meanwhile")
    void anEmptiedMemberIsRefusedAfterARestartOfTheOthers() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            // All have heard all.
            for (Node node : cluster.nodes()) {
                mustPut(node, "k" + node.self(), "v");
            }
            cluster.awaitEqualStates();
            for (long id = 1; id <= 3; id++) {
                Path peers = folder.resolve("node" + id).resolve("member").resolve("peers");
                await().atMost(PATIENCE).until(() -> sizeOfCopy(peers) == 2);
            }
            // Member 2 lags, and what member 1 says next is on 1 and 3 only.
            cluster.abort(cluster.node(2));
            mustPut(cluster.leader(), "e", "acknowledged");
            cluster.nodes().forEach(cluster::abort);
            new RealDisk(new DiskMonitor()).deleteTree(folder.resolve("node3"));

            NodeConfig second = cluster.config(new NodeId(2), 77, new RealDisk(new DiskMonitor()), null);
            NodeConfig third = cluster.config(new NodeId(3), 77, new RealDisk(new DiskMonitor()), null);
            Node behind = cluster.start(second);
            Node emptied = cluster.start(third);
            for (NodeConfig each : List.of(second, third)) {
                await().atMost(PATIENCE)
                        .until(() -> each.surroundings()
                                        .metrics()
                                        .counter("axolotl_peers_refused_total")
                                        .getCount()
                                > 3);
            }
            assertThat(behind.awaitUp(2, TimeUnit.SECONDS)).isFalse();
            assertThat(behind.view().isLeader()).isFalse();
            assertThat(emptied.view().isLeader()).isFalse();

            cluster.start(1);
            assertThat(read(cluster.node(1), "e")).isEqualTo("acknowledged");
            assertThat(read(behind, "e")).isEqualTo("acknowledged");
            assertThat(emptied.view().isLeader()).isFalse();
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "pitfall 4, D19: founders that have lost their disks do not found the cluster again beside one that has not")
    void emptiedFoundersDoNotElectEachOther() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults())) {
            List<NodeConfig> configs = Stream.of(1, 2, 3)
                    .map(id -> cluster.askingFounder(new NodeId(id)))
                    .toList();
            configs.forEach(cluster::start);
            mustPut(cluster.leader(), "k", "kept");
            cluster.awaitEqualStates();
            for (long id = 1; id <= 2; id++) {
                cluster.stop(cluster.node(id));
                new RealDisk(new DiskMonitor()).deleteTree(folder.resolve("node" + id));
            }
            for (NodeConfig emptied : configs.subList(0, 2)) {
                assertThatThrownBy(() -> cluster.start(emptied))
                        .isInstanceOf(RecoveryFailedException.class)
                        .hasMessageContaining("has already been bootstrapped");
            }
            // It may have led when the others went, and finds out within an election timeout that nobody follows.
            await().atMost(PATIENCE).until(() -> !cluster.node(3).view().isLeader());
        }
    }

    @Test
    @DisplayName(
            "M8: strangers that have gone give back their places, so a member that was added meanwhile is still answered")
    void strangersDoNotKeepTheirPlaces() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults()).startAll();
                ServerSocket member = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = cluster.node(1).peerAddresses().get(0);
            for (int stranger = 0; stranger < 16; stranger++) {
                greet(address, 0x900 + stranger, "http://127.0.0.1:1");
            }
            String url = "http://127.0.0.1:" + member.getLocalPort();
            greet(address, 0xabc, url);
            assertThat(isCalled(member)).as("all places are taken").isFalse();
            await().atMost(PATIENCE).until(() -> {
                greet(address, 0xabc, url);
                return isCalled(member);
            });
        }
    }

    /** Greets a node as a member that it does not know yet, is let in, and goes. */
    private static void greet(InetSocketAddress node, long from, String peerUrl) throws Exception {
        Hello hello = Hello.newBuilder()
                .setProtocolVersion(3)
                .setClusterId(77)
                .setFrom(from)
                .setTo(1)
                .setStoreId(new StoreId(9, from).toString())
                .setLane(Lane.CONTROL)
                .addPeerUrls(peerUrl)
                .setStarts(1)
                .setLife(from)
                .build();
        CompletableFuture<Boolean> isWelcome = new CompletableFuture<>();
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(node).usePlaintext().build();
        try {
            PeerGrpc.newStub(channel)
                    .talk(new StreamObserver<Answer>() {
                        @Override
                        public void onNext(Answer answer) {
                            isWelcome.complete(answer.getWelcome());
                        }

                        @Override
                        public void onError(Throwable cause) {
                            isWelcome.completeExceptionally(cause);
                        }

                        @Override
                        public void onCompleted() {
                            isWelcome.complete(false);
                        }
                    })
                    .onNext(Frame.newBuilder().setHello(hello).build());
            assertThat(isWelcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean isCalled(ServerSocket member) throws IOException {
        member.setSoTimeout(200);
        try {
            member.accept().close();
            return true;
        } catch (SocketTimeoutException nobody) {
            return false;
        }
    }

    @Test
    @DisplayName("pitfall 54: a sync that fails ends the node, and nothing that rested on it was acknowledged")
    void failedSyncEndsTheNode() {
        FaultyDisk disk = new FaultyDisk();
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults())) {
            Node node = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            mustPut(cluster.leader(), "k", "safe");
            disk.failSyncs(path -> path.toString().contains("wal"));
            ProposalResult lost = get(put(node, "k", "lost"));
            assertThat(lost).isEqualTo(new ProposalResult.Unknown(Failure.STOPPED));
            assertThat(cluster.deaths).singleElement().asString().contains("log");

            disk.failSyncs(path -> false);
            disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
            cluster.forget(node);
            Node back = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            assertThat(read(back, "k")).isEqualTo("safe");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wal", "db", "snapshots"})
    @DisplayName(
            "D4: a write that fails ends the node, which says where, and nothing that was acknowledged is missing after it")
    void failedWriteEndsTheNode(String part) {
        FaultyDisk disk = new FaultyDisk();
        Tuning tuning = Tuning.defaults().withSnapshots(20, 5);
        try (TestCluster cluster = new TestCluster(folder, 1, tuning)) {
            Node node = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            mustPut(cluster.leader(), "k0", "safe");
            disk.failWrites(path -> path.toString().contains("/" + part + "/"));
            int acknowledged = 0;
            ProposalResult last = get(put(node, "k1", "safe"));
            while (last instanceof ProposalResult.Done && acknowledged < 10_000) {
                acknowledged++;
                last = get(put(node, "k" + (acknowledged + 1), "safe"));
            }
            await().atMost(PATIENCE).until(() -> !cluster.deaths.isEmpty());
            assertThat(String.join("\n", cluster.deaths))
                    .contains("Input/output error")
                    .contains("/" + part + "/");
            cluster.forget(node);

            disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
            Node back = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            assertThat(read(back, "k0")).isEqualTo("safe");
            for (int i = 1; i <= acknowledged; i++) {
                assertThat(readLocally(back, "k" + i))
                        .as("k%s of %s", i, acknowledged)
                        .isEqualTo("safe");
            }
        }
    }

    @Test
    @DisplayName(
            "pitfall 58, D1: a graceful stop on a full disk ends in peace, and nothing that was acknowledged is missing after it")
    void aStopOnAFullDiskEndsInPeace() {
        FaultyDisk disk = new FaultyDisk();
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults())) {
            Node node = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            mustPut(cluster.leader(), "k", "v");
            disk.limitBytes(0);
            cluster.stop(node);
            assertThat(node.hasEnded()).isTrue();
            assertThat(cluster.deaths).isEmpty();

            disk.limitBytes(Long.MAX_VALUE);
            Node back = cluster.start(cluster.config(new NodeId(1), 77, disk, path -> MemoryEngine.open(disk, path)));
            assertThat(read(back, "k")).isEqualTo("v");
        }
    }

    @Test
    @DisplayName("two nodes on one folder, and a folder of another cluster: refused by name, with the step")
    void unusableFoldersAreRefused() {
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults())) {
            Node node = cluster.start(1);
            NodeConfig same = cluster.config(new NodeId(1), 77, new RealDisk(new DiskMonitor()), null);
            assertThatThrownBy(() -> Node.start(same))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("step 1 (lock the data folder)")
                    .hasMessageContaining(folder.resolve("node1").toString());
            cluster.stop(node);
            NodeConfig foreign = cluster.config(new NodeId(1), 66, new RealDisk(new DiskMonitor()), null);
            assertThatThrownBy(() -> Node.start(foreign))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("read the identity")
                    .hasMessageContaining("belongs to cluster 4d");
            cluster.start(1);
            assertThat(cluster.leader().self()).isEqualTo(new NodeId(1));
        }
    }

    @Test
    @DisplayName("MT-6: leadership moves to a voter on request; nobody else is taken, and only the leader can")
    void leadershipMovesOnRequest() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            Node follower = cluster.follower();
            assertThat(move(follower, follower.self())).contains(Failure.NOT_LEADER);
            assertThat(move(leader, new NodeId(99))).contains(Failure.BAD_TRANSFEREE);
            assertThat(move(leader, leader.self())).isEmpty();
            await().atMost(PATIENCE).until(() -> move(leader, follower.self()).isEmpty());
            assertThat(cluster.leader().self()).isEqualTo(follower.self());
        }
    }

    private static Optional<Failure> move(Node node, NodeId target) {
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        node.moveLeader(target, failure -> answer.complete(Optional.ofNullable(failure)));
        return get(answer);
    }

    @Test
    @DisplayName("design 2: all stages on one thread do the same as each on its own")
    void fusedStagesWork() {
        Tuning fused = Tuning.defaults().withFused(true, true).withSnapshots(50, 5);
        try (TestCluster cluster = new TestCluster(folder, 3, fused).startAll()) {
            Node follower = cluster.follower();
            for (int i = 0; i < 100; i++) {
                mustPut(follower, "k" + i, "v");
            }
            assertThat(read(follower, "k99")).isEqualTo("v");
            cluster.abort(follower);
            mustPut(cluster.leader(), "k", "w");
            assertThat(read(cluster.start(follower.self().value()), "k")).isEqualTo("w");
        }
    }

    /** Looks at a copy: opening writes, and the file is the running member's. */
    private int sizeOfCopy(Path peers) throws IOException {
        Path copy = folder.resolve("peers-copy");
        Files.copy(peers, copy, StandardCopyOption.REPLACE_EXISTING);
        return KnownStores.open(new RealDisk(new DiskMonitor()), copy).size();
    }
}
