package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the passing of time does, and only a tick makes it pass. */
class TimeTest {
    @Test
    @DisplayName("pitfall 22: the election timeout is drawn anew each time")
    void timeoutsAreRedrawn() {
        Bench bench = Bench.ofThree("");
        int atStart = bench.timeoutDraws.size();
        bench.heartbeat(B, 1);
        assertThat(bench.timeoutDraws).hasSizeGreaterThan(atStart);
        int beforeElections = bench.timeoutDraws.size();
        bench.pass(10 * ELECTION);
        assertThat(bench.timeoutDraws).hasSizeGreaterThan(beforeElections + 3);
    }

    @Test
    @DisplayName("pitfall 23: a follower that was paused waits again before it campaigns")
    void pausedFollowerWaitsAgain() {
        Bench bench = Bench.ofThree("");
        Ready ready = bench.jump(10 * ELECTION);
        assertThat(traced(TraceEvent.PauseDetected.class, ready))
                .containsExactly(new TraceEvent.PauseDetected(10 * ELECTION));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        assertThat(bench.pass(ELECTION).sendNow()).isEmpty();
        bench.pass(ELECTION);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
    }

    @Test
    @DisplayName("pitfall 23: a leader that was paused speaks to all at once and judges its quorum afresh")
    void pausedLeaderAsksBeforeItJudges() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        Ready ready = bench.jump(10 * ELECTION);
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(only(Message.Heartbeat.class, ready.sendNow())).hasSize(2);
        assertThat(bench.view().peers()).noneMatch(NodeView.PeerView::isRecentlyActive);
        bench.pass(ELECTION);
        assertThat(bench.view().isLeader()).isFalse();
    }

    @Test
    @DisplayName("pitfall 23: nor does it step down for the silence before the pause")
    void pausedLeaderForgivesEarlierSilence() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.pass(ELECTION);
        bench.jump(10 * ELECTION);
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName("pitfall 23: who was paused while it asked for votes waits for the answers again")
    void pausedCandidatesWaitAgain() {
        Bench asking = Bench.ofThree("");
        asking.becomePreCandidate();
        Bench voting = Bench.ofThree("");
        voting.becomeCandidate();
        for (Bench bench : new Bench[] {asking, voting}) {
            TraceEvent.RoleName role = bench.view().role();
            Ready ready = bench.jump(10 * ELECTION);
            assertThat(traced(TraceEvent.ElectionStarted.class, ready, bench.pass(ELECTION)))
                    .isEmpty();
            assertThat(bench.view().role()).isEqualTo(role);
            assertThat(traced(TraceEvent.ElectionStarted.class, bench.pass(ELECTION)))
                    .hasSize(1);
        }
    }

    @Test
    @DisplayName("pitfall 22: to learn of a higher term neither hastens the next election nor puts it off")
    void aHigherTermLeavesTheDeadlineAsItWas() {
        Bench follower = Bench.ofThree("");
        follower.heartbeat(B, 1);
        Bench candidate = Bench.ofThree("");
        candidate.becomeCandidate();
        for (Bench bench : new Bench[] {follower, candidate}) {
            bench.pass(ELECTION / 2);
            bench.receive(C, new Message.HeartbeatResponse(9, 0, 0));
            assertThat(bench.view().term()).isEqualTo(9);
            bench.pass(ELECTION / 2);
            assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
            bench.pass(ELECTION / 2);
            assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        }
    }

    @Test
    @DisplayName("who may not campaign forgets a silent leader all the same, and asks it for nothing")
    void aLearnerForgetsASilentLeader() {
        Bench bench = Bench.of(
                new Membership(
                        ScenarioCluster.voters("B", "C").voters(),
                        new TreeSet<>(),
                        ScenarioCluster.voters("A").voters()),
                "");
        bench.heartbeat(B, 1);
        bench.pass(ELECTION);
        assertThat(bench.view().leader()).isEqualTo(B);
        bench.pass(ELECTION);
        assertThat(bench.view().leader()).isNull();
        assertThat(bench.step(new Input.ReadIndex(7)).readStates()).containsExactly(new ReadState.Refused(7));
    }

    @Test
    @DisplayName("pitfall 20: a leader that hears from no quorum for an election timeout steps down and falls silent")
    void leaderWithoutQuorumStepsDown() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.pass(ELECTION);
        assertThat(bench.view().isLeader())
                .as("the answers so far carry it over the first check")
                .isTrue();
        Ready ready = bench.pass(ELECTION);
        assertThat(bench.view().isLeader()).isFalse();
        assertThat(traced(TraceEvent.SteppedDown.class, ready)).hasSize(1);
        assertThat(only(Message.Heartbeat.class, bench.pass(3 * HEARTBEAT).sendNow()))
                .isEmpty();
    }

    @Test
    @DisplayName("pitfall 20: what arrived before the tick counts for the quorum, and counts from the time it is told")
    void clockAloneJudgesNothing() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.pass(ELECTION);
        bench.tell(ELECTION);
        assertThat(bench.view().isLeader()).isTrue();
        bench.receive(C, new Message.HeartbeatResponse(1, 0, 1));
        bench.jump(0);
        assertThat(bench.view().isLeader()).isTrue();
        bench.pass(ELECTION);
        assertThat(bench.view().isLeader()).isFalse();
    }

    @Test
    @DisplayName("pitfall 23: a pause is seen by the tick, whatever was told and received before it")
    void clockHidesNoPause() {
        Bench bench = Bench.ofThree("");
        bench.tell(10 * ELECTION);
        bench.heartbeat(B, 1);
        Ready ready = bench.jump(0);
        assertThat(traced(TraceEvent.PauseDetected.class, ready))
                .containsExactly(new TraceEvent.PauseDetected(10 * ELECTION));
    }

    @Test
    void leaderThatIsAnsweredStays() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        for (int i = 0; i < 50; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(C, new Message.HeartbeatResponse(1, 0, 1));
        }
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName("pitfall 24: heartbeats are their own message and go to everybody each interval, entries or not")
    void heartbeatsGoEachInterval() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.node.step(bench.proposal("x"));
        Ready ready = bench.pass(HEARTBEAT);
        assertThat(only(Message.Heartbeat.class, ready.sendNow())).hasSize(2);
        assertThat(only(Message.AppendEntries.class, ready.sendNow())).hasSize(2);
    }

    @Test
    @DisplayName("a clock near its overflow measures the same")
    void clockMayOverflow() {
        MemoryDisk disk = new MemoryDisk(ScenarioCluster.voters("A", "B", "C"));
        long start = Long.MAX_VALUE - ELECTION;
        RaftNode node = new RaftNode(
                Bench.A,
                Bench.CONFIG,
                m -> m,
                HardState.INITIAL,
                disk.snapshot().metadata(),
                disk,
                0,
                start);
        for (long passed = 0; passed < ELECTION; passed += HEARTBEAT) {
            node.step(new Input.Tick(start + passed));
            assertThat(node.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        }
        node.step(new Input.Tick(start + ELECTION + 10));
        assertThat(start + ELECTION + 10).isNegative();
        assertThat(node.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
    }

    @Test
    void clockThatGoesBackIsRefused() {
        Bench bench = Bench.ofThree("");
        bench.pass(HEARTBEAT);
        assertThatThrownBy(() -> bench.jump(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("monotonic");
    }
}
