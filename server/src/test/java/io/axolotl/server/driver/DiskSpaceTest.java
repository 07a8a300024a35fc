package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.disk.FaultyDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Members run out of disk, whole pipelines turned by hand; nobody has to be restarted. */
class DiskSpaceTest {
    private static final long RESERVE_BYTES = 1 << 17;
    private static final long PLENTY = 1L << 40;

    private final HandRunCluster cluster =
            new HandRunCluster(21, 3, Tuning.defaults().withReserveBytes(RESERVE_BYTES));

    /** From now on the disk has this much room, the reserve not counted. */
    private void leave(NodeId id, long bytes) {
        FaultyDisk disk = cluster.disk(id);
        disk.limitBytes(PLENTY);
        long used = PLENTY - disk.usableBytes(java.nio.file.Path.of("/data"));
        disk.limitBytes(used + bytes);
    }

    private void leavePlenty(NodeId id) {
        cluster.disk(id).limitBytes(PLENTY);
    }

    private boolean holdsReserve(Member member) {
        return cluster.disk(member.id).exists(java.nio.file.Path.of("/data/member/reserve"));
    }

    private Member elsewhere(Member member) {
        return cluster.members().stream()
                .filter(other -> other != member)
                .findFirst()
                .orElseThrow();
    }

    private void putMany(Member at, int count) {
        List<Outcome> puts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            puts.add(at.put("many" + i));
        }
        cluster.runUntil("all are put", () -> puts.stream().allMatch(Outcome::isDone));
    }

    private void assertDone(Outcome outcome) {
        cluster.runUntil("an answer", outcome::isAnswered);
        assertThat(outcome.result).isInstanceOf(ProposalResult.Done.class);
    }

    private static void assertNoRoom(Outcome outcome) {
        assertThat(outcome.result).isEqualTo(new ProposalResult.Refused(Failure.DISK_FULL));
    }

    @Test
    @DisplayName(
            "pitfall 58, D1: a leader whose disk is almost full hands over; puts are refused there, reads and deletes"
                    + " go on, and with room all is as before, without a restart")
    void leaderWithAFullDiskHandsOver() {
        Member full = cluster.leader();
        assertDone(full.put("k"));
        cluster.runUntil("the reserve is made", () -> cluster.members().stream().allMatch(this::holdsReserve));
        leave(full.id, RESERVE_BYTES / 4);
        cluster.runUntil(
                "another leads",
                () -> elsewhere(full).view().leader() != null
                        && !full.id.equals(elsewhere(full).view().leader()));
        assertThat(holdsReserve(full)).as("the reserve was given back").isFalse();
        assertNoRoom(full.put("more"));
        assertDone(full.delete("k"));
        List<Optional<Failure>> read = full.barrier();
        cluster.runUntil("a read", () -> !read.isEmpty());
        assertThat(read).containsExactly(Optional.empty());
        assertThat(full.versions("k")).isZero();
        assertDone(elsewhere(full).put("elsewhere"));
        leavePlenty(full.id);
        cluster.runUntil("the reserve is made again", () -> holdsReserve(full));
        assertDone(full.put("again"));
    }

    @Test
    @DisplayName(
            "pitfall 58, D1: a follower without any room leaves entries unanswered and hears its leader; the others go"
                    + " on; with room it catches up, without a restart")
    void followerWithoutRoomWaits() {
        Member leader = cluster.leader();
        Member full = cluster.followers().get(0);
        assertDone(leader.put("k"));
        cluster.runUntil("the reserve is made", () -> holdsReserve(full));
        long term = leader.view().term();
        leave(full.id, -RESERVE_BYTES + RESERVE_BYTES / 8);
        cluster.run(30);
        long last = full.view().lastLog().index();
        putMany(leader, 600);
        cluster.run(300);
        assertThat(full.view().lastLog().index()).as("nothing is written").isEqualTo(last);
        assertThat(full.view().leader()).as("it hears its leader").isEqualTo(leader.id);
        assertThat(leader.view().term()).as("it disturbs nobody").isEqualTo(term);
        assertThat(full.versions("k")).as("reads of what it has go on").isEqualTo(1);
        assertNoRoom(full.put("more"));
        assertNoRoom(full.delete("k"));
        leavePlenty(full.id);
        cluster.runUntil("it has caught up", () -> full.versions("many599") == 1);
        assertDone(full.put("again"));
    }

    @Test
    @DisplayName("pitfall 58: with every disk almost full, deletes still go through everywhere, puts nowhere")
    void deletesGoOnWhenAllDisksAreFull() {
        Member leader = cluster.leader();
        putMany(leader, 50);
        cluster.runUntil(
                "the reserves are made", () -> cluster.members().stream().allMatch(this::holdsReserve));
        cluster.members().forEach(member -> leave(member.id, RESERVE_BYTES / 4));
        cluster.run(100);
        cluster.leader();
        for (Member member : cluster.members()) {
            assertNoRoom(member.put("more"));
        }
        for (int i = 0; i < 50; i++) {
            assertDone(cluster.members().get(i % 3).delete("many" + i));
        }
        cluster.members().forEach(member -> leavePlenty(member.id));
        cluster.runUntil(
                "the reserves are made again", () -> cluster.members().stream().allMatch(this::holdsReserve));
        assertDone(leader.put("again"));
    }

    @Test
    @DisplayName(
            "pitfall 58, D1: a full leader that finds no heir takes no puts from others either, deletes it does; and it"
                    + " tries again to hand over")
    void aFullLeaderRefusesWhatOthersForward() {
        Member full = cluster.leader();
        Member other = elsewhere(full);
        assertDone(full.put("k"));
        cluster.runUntil("the reserve is made", () -> cluster.members().stream().allMatch(this::holdsReserve));
        // Nobody hears that it is to take over.
        for (Member member : cluster.followers()) {
            cluster.bendMessagesTo(
                    member.id,
                    message -> message instanceof Message.TimeoutNow now
                            ? new Message.Heartbeat(now.term(), 0, 0)
                            : message);
        }
        leave(full.id, RESERVE_BYTES / 4);
        cluster.run(100);
        assertThat(full.view().isLeader()).isTrue();
        long last = full.view().lastLog().index();
        Outcome put = other.put("forwarded");
        cluster.runUntil("an answer", put::isAnswered);
        assertNoRoom(put);
        assertThat(full.view().lastLog().index()).as("nothing was appended").isEqualTo(last);
        assertDone(other.delete("k"));

        cluster.followers().forEach(member -> cluster.bendMessagesTo(member.id, UnaryOperator.identity()));
        cluster.runUntil("another leads", () -> !full.view().isLeader());
        assertDone(other.put("with room"));
    }

    @Test
    @DisplayName(
            "pitfall 58: a member that is stopped while a run finds no room ends in peace, and applies it when it is back")
    void aStopDoesNotWaitForRoom() {
        Member leader = cluster.leader();
        Member full = cluster.followers().get(0);
        assertDone(leader.put("before"));
        cluster.runUntil("it is there", () -> full.versions("before") == 1);
        full.engine().leaveNoRoom(true);
        full.stages.applier.wakes(new Waker() {
            @Override
            public void wake() {
                // It is run by hand.
            }

            @Override
            public boolean isEnding() {
                return true;
            }
        });
        assertDone(leader.put("after"));
        cluster.run(20);
        assertThat(full.versions("after")).isZero();
        cluster.kill(full);
        cluster.start(full.id);
        cluster.runUntil("it is applied", () -> cluster.member(full.id).versions("after") == 1);
    }
}
