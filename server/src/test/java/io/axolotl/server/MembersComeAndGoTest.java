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

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.peer.Handshake;
import io.axolotl.server.recovery.MemberRemovedException;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members come and go on whole nodes, over loopback, real files and RocksDB. */
class MembersComeAndGoTest {
    @TempDir
    Path folder;

    /** Applies a change through any member, and waits until it is recorded. */
    private static void mustChange(Node node, Command command) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(command, answer::complete);
        assertThat(get(answer))
                .isInstanceOfSatisfying(
                        ProposalResult.Done.class,
                        done -> assertThat(done.result()).isInstanceOf(CommandResult.MemberRecorded.class));
    }

    /** Adds a member for the node that is to be called {@code name}, starts it, and waits until it takes part. */
    private static Node add(TestCluster cluster, Node through, long name, boolean isLearner) {
        NodeConfig config = cluster.joiner(name);
        long id = 0x100 + name;
        mustChange(through, new Command.AddMember(id, config.peerUrls(), isLearner, false, 8));
        Node joined = cluster.start(config);
        assertThat(joined.self()).isEqualTo(new NodeId(id));
        await().atMost(PATIENCE)
                .until(() -> joined.store().roster().isSettled()
                        && joined.store().membership().contains(joined.self()));
        return joined;
    }

    @Test
    @DisplayName("CL-1, CL-3: a learner is added, catches up, is promoted, and is removed; its id never comes back")
    void aMemberComesAndGoes() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "before", "1");
            Node learner = add(cluster, cluster.follower(), 4, true);
            assertThat(learner.store().membership().isLearner(learner.self())).isTrue();
            mustPut(cluster.leader(), "k", "v");
            cluster.awaitEqualStates();

            mustChange(
                    cluster.follower(), new Command.PromoteMember(learner.self().value()));
            await().atMost(PATIENCE)
                    .until(() -> learner.store().membership().voters().contains(learner.self()));
            assertThat(read(learner, "before")).isEqualTo("1");
            assertThat(read(learner, "k")).isEqualTo("v");
            await().atMost(PATIENCE)
                    .until(() -> learner.store()
                            .roster()
                            .find(learner.self())
                            .orElseThrow()
                            .isStarted());

            mustChange(cluster.leader(), new Command.RemoveMember(learner.self().value()));
            assertThat(get(learner.removal())).isEqualTo(Handshake.REMOVED);
            cluster.stop(learner);
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().store().membership().voters().size() == 3);
            mustPut(cluster.leader(), "after", "1");
            CompletableFuture<ProposalResult> again = new CompletableFuture<>();
            cluster.leader()
                    .propose(
                            new Command.AddMember(
                                    learner.self().value(), List.of("http://127.0.0.1:1"), true, false, 8),
                            again::complete);
            assertThat(get(again))
                    .isInstanceOfSatisfying(
                            ProposalResult.Done.class,
                            done -> assertThat(done.result()).isInstanceOf(CommandResult.Refused.class));
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "3 -> 5 -> 3 with the founders leaving one by one, the leader among them; nothing acknowledged is lost")
    void threeFiveThree() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "k0", "v");
            Node fourth = add(cluster, cluster.leader(), 4, false);
            Node fifth = add(cluster, cluster.leader(), 5, false);
            mustPut(fourth, "k1", "v");
            for (long founder = 1; founder <= 2; founder++) {
                Node gone = cluster.node(founder);
                mustChange(cluster.leader(), new Command.RemoveMember(founder));
                assertThat(get(gone.removal())).isEqualTo(Handshake.REMOVED);
                cluster.stop(gone);
                mustPut(cluster.leader(), "without" + founder, "v");
            }
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().store().membership().voters().size() == 3);
            for (String key : List.of("k0", "k1", "without1", "without2")) {
                assertThat(read(fifth, key)).isEqualTo("v");
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "pitfall 40: who joins when the log has been cut gets a snapshot, with all members and what is wanted of them")
    void aJoinerGetsASnapshot() {
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults().withSnapshots(100, 10)).startAll()) {
            Node leader = cluster.leader();
            List<CompletableFuture<ProposalResult>> puts = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                puts.add(put(leader, "k" + i, "x".repeat(1_000)));
            }
            puts.forEach(answer -> assertThat(get(answer)).isInstanceOf(ProposalResult.Done.class));
            mustPut(cluster.leader(), "last", "one");
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().view().firstLog().index() > 500);
            Node learner = add(cluster, cluster.leader(), 2, true);
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> learner.recovery().catchUp() != null);
            assertThat(Objects.requireNonNull(learner.recovery().catchUp()).snapshot())
                    .isNotNull();
            mustChange(
                    cluster.leader(), new Command.PromoteMember(learner.self().value()));
            await().atMost(PATIENCE)
                    .until(() -> learner.store().membership().voters().size() == 2);
            mustPut(learner, "both", "1");
        }
    }

    @Test
    @DisplayName(
            "D14: the founder of a cluster of one that has lost state, snapshots and the log's beginning is healed by those who joined")
    void aFounderThatLostItsStateIsHealedByWhoJoined() {
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults().withSnapshots(100, 10)).startAll()) {
            List<CompletableFuture<ProposalResult>> puts = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                puts.add(put(cluster.leader(), "k" + i, "x".repeat(1_000)));
            }
            puts.forEach(answer -> assertThat(get(answer)).isInstanceOf(ProposalResult.Done.class));
            add(cluster, cluster.leader(), 2, false);
            add(cluster, cluster.leader(), 3, false);
            mustPut(cluster.leader(), "last", "one");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE)
                    .until(() -> cluster.node(1).view().firstLog().index() > 500);
            cluster.stop(cluster.node(1));
            Disk disk = new RealDisk(new DiskMonitor());
            Path member = folder.resolve("node" + new NodeId(1)).resolve("member");
            disk.deleteTree(member.resolve("db"));
            disk.list(member.resolve("snapshots")).forEach(disk::deleteTree);
            Node back = cluster.start(1);
            assertThat(back.recovery().toText()).contains("stand back from elections");
            cluster.awaitEqualStates();
            assertThat(read(back, "last")).isEqualTo("one");
            assertThat(back.store().membership().voters()).hasSize(3);
            await().atMost(PATIENCE).until(() -> !disk.exists(member.resolve("loss")));
            await().atMost(PATIENCE)
                    .until(() -> disk.list(member).stream()
                            .noneMatch(path -> path.toString().contains("damaged")));
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("CL-2: the second voter of a cluster is needed for its own addition, and joins all the same")
    void theSecondVoterJoins() {
        try (TestCluster cluster = new TestCluster(folder, 1, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "k", "v");
            Node second = add(cluster, cluster.leader(), 2, false);
            assertThat(read(second, "k")).isEqualTo("v");
            mustChange(second, new Command.RemoveMember(1));
            assertThat(get(cluster.node(1).removal())).isEqualTo(Handshake.REMOVED);
            cluster.stop(cluster.node(1));
            mustPut(second, "alone", "1");
        }
    }

    @Test
    @DisplayName(
            "a joined member that starts again asks nobody for its place; one that was removed meanwhile is told, twice")
    void aJoinedMemberStartsAgain() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node joined = add(cluster, cluster.leader(), 4, true);
            cluster.stop(joined);
            mustPut(cluster.leader(), "k", "v");
            Node back = cluster.start(cluster.existing(4, "node4"));
            assertThat(back.self()).isEqualTo(joined.self());
            assertThat(read(back, "k")).isEqualTo("v");
            cluster.stop(back);

            mustChange(cluster.leader(), new Command.RemoveMember(joined.self().value()));
            await().atMost(PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .allMatch(node -> node.store().roster().hasLeft(joined.self())));
            for (int attempt = 0; attempt < 2; attempt++) {
                Node removed = cluster.start(cluster.existing(4, "node4"));
                assertThat(get(removed.removal())).isEqualTo(Handshake.REMOVED);
                cluster.stop(removed);
            }
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("a member that knows of its own removal does not start again")
    void aRemovedMemberDoesNotStart() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            Node gone = cluster.node(2);
            mustChange(cluster.leader(), new Command.RemoveMember(2));
            await().atMost(PATIENCE).until(() -> gone.store().roster().hasLeft(gone.self()));
            cluster.stop(gone);
            NodeConfig again = cluster.existing(2, "node2");
            assertThatThrownBy(() -> cluster.start(again))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasCauseInstanceOf(MemberRemovedException.class)
                    .hasMessageContaining(Handshake.REMOVED)
                    .hasMessageContaining("axolotl ctl member add");
        }
    }

    @Test
    @DisplayName("CL-3: a member moves to another peer URL while all others run, and is found there")
    void aMemberMoves() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            cluster.stop(cluster.node(3));
            cluster.move(3);
            mustChange(cluster.leader(), new Command.UpdateMember(3, List.of(cluster.urlOf(new NodeId(3)))));
            mustPut(cluster.leader(), "k", "v");
            Node moved = cluster.start(cluster.existing(3, "node3"));
            assertThat(read(moved, "k")).isEqualTo("v");
            mustPut(moved, "k", "w");
            cluster.awaitEqualStates();
        }
    }

    @Test
    @DisplayName(
            "pitfall 4, D19: a joined member whose disk was emptied is refused when it joins, and the way out works")
    void anEmptiedJoinerIsRefused() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node joined = add(cluster, cluster.leader(), 4, true);
            await().atMost(PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .allMatch(node -> node.store()
                                    .roster()
                                    .find(joined.self())
                                    .filter(MemberAttributes::isStarted)
                                    .isPresent()));
            cluster.stop(joined);
            new RealDisk(new DiskMonitor()).deleteTree(folder.resolve("node4"));
            NodeConfig emptied = cluster.joiner(4);
            assertThatThrownBy(() -> cluster.start(emptied))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("member 104")
                    .hasMessageContaining("has run before")
                    .hasMessageContaining("axolotl ctl member remove 104");
            mustChange(cluster.leader(), new Command.RemoveMember(0x104));
            // Its URLs are its own until it has left; MemberRemove answers only then.
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().store().roster().isSettled());
            mustChange(cluster.leader(), new Command.AddMember(0x204, emptied.peerUrls(), true, false, 8));
            Node again = cluster.start(emptied);
            assertThat(again.self()).isEqualTo(new NodeId(0x204));
            await().atMost(PATIENCE).until(() -> again.store().membership().isLearner(again.self()));
        }
    }

    @Test
    @DisplayName(
            "pitfall 4, D19: an old copy of a data folder is put back: the others recognize it and do not let it in")
    void anOldCopyIsNotLetIn() throws IOException {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "k", "old");
            cluster.awaitEqualStates();
            cluster.stop(cluster.node(3));
            copy(folder.resolve("node3"), folder.resolve("copy"));
            Node third = cluster.start(3);
            mustPut(third, "k", "new");
            cluster.awaitEqualStates();
            cluster.stop(third);

            NodeConfig old = cluster.existing(3, "copy");
            Node copied = cluster.start(old);
            await().atMost(PATIENCE)
                    .until(() -> old.surroundings()
                                    .metrics()
                                    .counter("axolotl_peers_refused_total")
                                    .getCount()
                            > 3);
            assertThat(copied.view().isLeader()).isFalse();
            assertThat(readLocally(copied, "k")).isEqualTo("old");
            cluster.abort(copied);
            assertThat(read(cluster.start(3), "k")).isEqualTo("new");
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    @Test
    @DisplayName("D19: disks of two members exchanged are recognized, whichever way they are started")
    void exchangedDisksAreNamed() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            await().atMost(PATIENCE)
                    .until(() -> cluster.node(2)
                            .store()
                            .roster()
                            .find(new NodeId(2))
                            .orElseThrow()
                            .isStarted());
            cluster.stop(cluster.node(1));
            cluster.stop(cluster.node(2));
            NodeConfig existing = cluster.existing(1, "node2");
            assertThatThrownBy(() -> cluster.start(existing))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("is that of member 2, called n2")
                    .hasMessageContaining("Were the disks of two members exchanged?");
            NodeConfig founder = cluster.config(
                    new NodeId(1),
                    cluster.config(new NodeId(1), 77, new RealDisk(new DiskMonitor()), null)
                            .origin(),
                    folder.resolve("node2"),
                    new RealDisk(new DiskMonitor()),
                    null);
            assertThatThrownBy(() -> cluster.start(founder))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("belongs to member 2 of this cluster, not to member 1");
        }
    }
}
