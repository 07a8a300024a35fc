package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leadership that moves by the leader's own decision: off a slow or hanging disk (pitfall 25), and to a priority. */
class HandoverTest {
    private static final long MILLI = 1_000_000L;

    /** A leads, has led for a while, and its disk has done well. B and C follow. */
    private static Bench leader() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        for (int i = 0; i < 500; i++) {
            bench.node.step(new Input.SyncObserved(2 * MILLI, false));
        }
        passHeard(bench, 3 * ELECTION, 0);
        return bench;
    }

    /** Time passes in which B and C answer heartbeats. */
    private static Ready passHeard(Bench bench, long nanos, int reluctanceOfC) {
        for (long passed = 0; passed < nanos; passed += HEARTBEAT) {
            bench.pass(HEARTBEAT);
            answer(bench, B, 0);
            answer(bench, C, reluctanceOfC);
        }
        return bench.node.takeReady();
    }

    private static void answer(Bench bench, NodeId from, int reluctance) {
        bench.node.step(new Input.Receive(
                from,
                new Message.HeartbeatResponse(
                        bench.view().term(), 0, bench.view().lastLog().index(), reluctance)));
    }

    private static void slowSyncs(Bench bench) {
        bench.node.step(new Input.SyncObserved(502 * MILLI, false));
        bench.node.step(new Input.SyncObserved(400 * MILLI, true));
    }

    @Test
    @DisplayName("pitfall 25: a leader whose syncs have become slow hands over to who has what its disk is busy with")
    void slowLeaderHandsOver() {
        Bench bench = leader();
        bench.propose("x");
        bench.accept(C, 2);
        slowSyncs(bench);
        Ready ready = bench.pass(HEARTBEAT / 2);
        assertThat(traced(TraceEvent.HandoverChosen.class, ready))
                .singleElement()
                .satisfies(choice -> assertThat(choice.heir()).isEqualTo(C));
        assertThat(onlyTo(C, Message.TimeoutNow.class, ready.sendNow())).hasSize(1);
    }

    @Test
    @DisplayName("pitfall 25: a slow leader keeps leading while nobody else has more on its disk than itself")
    void slowLeaderStaysIfNobodyIsBetter() {
        Bench bench = leader();
        bench.propose("x");
        slowSyncs(bench);
        assertThat(only(Message.TimeoutNow.class, bench.pass(HEARTBEAT).sendNow()))
                .isEmpty();
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName(
            "pitfall 25: a follower that says that its own disk is slow is no heir, nor a target of anybody's wish")
    void unfitFollowersAreNoHeirs() {
        Bench bench = leader();
        answer(bench, B, Availability.UNFIT);
        answer(bench, C, Availability.UNFIT);
        bench.propose("x");
        bench.accept(C, 2);
        slowSyncs(bench);
        assertThat(only(Message.TimeoutNow.class, bench.pass(HEARTBEAT).sendNow()))
                .isEmpty();
        Ready asked = bench.step(new Input.TransferLeadership(C));
        assertThat(traced(TraceEvent.TransferEnded.class, asked)).hasSize(1);
        assertThat(bench.view().transferTarget()).isNull();
    }

    @Test
    @DisplayName("a leader that has just been elected does not hand over for a while: leadership must not wander")
    void newLeadersStayForAWhile() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.propose("x");
        bench.accept(C, 2);
        slowSyncs(bench);
        assertThat(only(Message.TimeoutNow.class, bench.pass(HEARTBEAT).sendNow()))
                .isEmpty();
    }

    @Test
    @DisplayName("pitfall 25: a leader whose disk hangs falls silent, and asks who has everything to take over")
    void hungLeaderFallsSilent() {
        Bench bench = leader();
        bench.propose("x");
        bench.accept(C, 2);
        bench.node.step(new Input.SyncObserved(1_600 * MILLI, true));
        Ready ready = bench.pass(HEARTBEAT / 2);
        assertThat(bench.view().isLeader()).isFalse();
        assertThat(onlyTo(C, Message.TimeoutNow.class, ready.sendNow())).hasSize(1);
        Ready silent = bench.pass(5 * ELECTION);
        assertThat(silent.sendNow())
                .as("neither heartbeats nor a campaign while the disk hangs")
                .isEmpty();
    }

    @Test
    @DisplayName("pitfall 25: the only voter goes on whatever its disk does, for nobody else could")
    void onlyVoterStays() {
        Bench bench = Bench.of(ScenarioCluster.voters("A"), "");
        bench.persist(bench.pass(2 * ELECTION));
        assertThat(bench.view().isLeader()).isTrue();
        bench.node.step(new Input.SyncObserved(5_000 * MILLI, true));
        bench.pass(HEARTBEAT);
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName(
            "pitfall 25: a follower with a slow disk says so, refuses to take over, and campaigns later than others")
    void slowFollowerHoldsBack() {
        Bench bench = Bench.ofThree("");
        slowSyncs(bench);
        Ready heard = bench.heartbeat(B, 1);
        assertThat(only(Message.HeartbeatResponse.class, heard.sendNow()))
                .containsExactly(new Message.HeartbeatResponse(1, 0, 0, Availability.UNFIT));
        Ready refused = bench.receive(B, new Message.TimeoutNow(1));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        assertThat(traced(TraceEvent.MessageIgnored.class, refused)).hasSize(1);
        assertThat(bench.pass(3 * ELECTION).sendNow()).isEmpty();
        assertThat(only(Message.PreVote.class, bench.pass(ELECTION).sendNow())).isNotEmpty();
    }

    @Test
    @DisplayName("pitfall 25: half a second per sync moves leadership to a node with a good disk, and no write is lost")
    void slowDiskMovesLeadership() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C").elect("A");
        cluster.timePasses(3 * ELECTION);
        cluster.stallDisk("A").put("A", "x=1").flow();
        cluster.step("A", new Input.SyncObserved(502 * MILLI, false));
        cluster.step("A", new Input.SyncObserved(400 * MILLI, true));
        cluster.timePasses(HEARTBEAT);
        assertThat(cluster.view("A").isLeader()).isFalse();
        String leader = cluster.view("B").isLeader() ? "B" : "C";
        assertThat(cluster.view(leader).isLeader()).isTrue();
        cluster.put(leader, "y=2").flow();
        assertThat(cluster.outcome("y=2")).isEqualTo(ScenarioCluster.Outcome.DONE);
        assertThat(cluster.hasApplied(leader, "x=1")).isTrue();
        cluster.repairDisk("A").timePasses(20 * ELECTION);
        assertThat(cluster.view(leader).isLeader()).isTrue();
        assertThat(cluster.hasApplied("A", "y=2")).isTrue();
    }

    // Priority

    @Test
    @DisplayName("a leader hands over to a caught-up voter that would rather lead, but only after a calm time")
    void leadershipGoesToThePriority() {
        RaftConfig reluctant =
                Bench.CONFIG.withAvailability(Availability.standard().withReluctance(50));
        Bench bench = new Bench(reluctant, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        bench.pass(3 * ELECTION);
        Ready ready = bench.receive(B, new Message.PreVoteResponse(1, true));
        bench.persist(ready);
        bench.persist(bench.receive(B, new Message.RequestVoteResponse(1, true)));
        bench.accept(B);
        bench.accept(C);
        assertThat(bench.view().isLeader()).isTrue();
        answer(bench, B, 50);
        for (int i = 0; i < 90; i++) {
            Ready passed = bench.pass(HEARTBEAT);
            answer(bench, B, 50);
            answer(bench, C, 10);
            assertThat(only(Message.TimeoutNow.class, passed.sendNow())).isEmpty();
        }
        int asked = 0;
        for (int i = 0; i < 20; i++) {
            asked += onlyTo(C, Message.TimeoutNow.class, bench.pass(HEARTBEAT).sendNow())
                    .size();
            answer(bench, B, 50);
            answer(bench, C, 10);
        }
        assertThat(asked).isEqualTo(1);
    }

    @Test
    @DisplayName("a voter that lags is not handed leadership, whatever its priority")
    void laggingPriorityWaits() {
        RaftConfig reluctant =
                Bench.CONFIG.withAvailability(Availability.standard().withReluctance(50));
        TreeMap<NodeId, MemoryDisk> disks = new TreeMap<>();
        disks.put(Bench.A, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        Bench bench = new Bench(reluctant, disks.get(Bench.A));
        bench.pass(3 * ELECTION);
        bench.persist(bench.receive(B, new Message.PreVoteResponse(1, true)));
        bench.persist(bench.receive(B, new Message.RequestVoteResponse(1, true)));
        bench.accept(B);
        for (int i = 0; i < 2_000; i++) {
            bench.node.step(bench.proposal("x" + i));
        }
        bench.persist(bench.node.takeReady());
        bench.accept(B);
        for (int i = 0; i < 150; i++) {
            Ready passed = bench.pass(HEARTBEAT);
            answer(bench, B, 50);
            bench.node.step(new Input.Receive(C, new Message.HeartbeatResponse(1, 0, 0, 0)));
            assertThat(only(Message.TimeoutNow.class, passed.sendNow())).isEmpty();
        }
    }

    @Test
    @DisplayName("who would rather not lead waits longer before it campaigns")
    void theReluctantWaitsLonger() {
        Bench eager = Bench.ofThree("");
        RaftConfig config =
                Bench.CONFIG.withAvailability(Availability.standard().withReluctance(99));
        Bench reluctant = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        long silence = ELECTION + ELECTION / 2;
        assertThat(only(Message.PreVote.class, eager.pass(silence).sendNow())).isNotEmpty();
        assertThat(only(
                        Message.PreVote.class,
                        reluctant.pass(silence + ELECTION / 2).sendNow()))
                .isEmpty();
        assertThat(only(Message.PreVote.class, reluctant.pass(ELECTION / 2).sendNow()))
                .isNotEmpty();
    }

    @Test
    @DisplayName("pitfall 62: reads that wait for the first commit of a term are bounded; more are refused")
    void earlyReadsAreBounded() {
        Bench bench = Bench.ofThree("1.1");
        bench.lead();
        for (int i = 0; i < ReadIndexQueue.MAX_EARLY; i++) {
            bench.node.step(new Input.Receive(B, new Message.ReadIndexRequest(2, i)));
        }
        assertThat(only(Message.ReadIndexResponse.class, bench.node.takeReady().sendNow()))
                .isEmpty();
        Ready refused = bench.receive(B, new Message.ReadIndexRequest(2, -1));
        assertThat(only(Message.ReadIndexResponse.class, refused.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(2, -1, false, 0));
        assertThat(bench.step(new Input.ReadIndex(-2)).readStates()).containsExactly(new ReadState.Refused(-2));
        assertThat(new EntryId(2, 2)).isEqualTo(bench.view().lastLog());
    }
}
