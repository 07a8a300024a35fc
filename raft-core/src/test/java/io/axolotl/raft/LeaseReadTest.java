package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads that a leader answers by itself while nobody else can lead: thesis §6.4.1, ADR 0014. */
class LeaseReadTest {
    private static final long DRIFT = ELECTION / 10;
    private static final RaftConfig LEASES =
            Bench.CONFIG.withAvailability(Availability.standard().withLeaseReads(DRIFT));

    private static Bench ofThree(String log) {
        return new Bench(LEASES, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), log));
    }

    private static Bench leader() {
        Bench bench = ofThree("");
        bench.leadAndCommit();
        return bench;
    }

    private static Ready answer(Bench bench, long round) {
        return bench.receive(B, new Message.HeartbeatResponse(bench.view().term(), round, 1));
    }

    /** Lets a heartbeat go out. @return its round */
    private static long heartbeat(Bench bench) {
        Ready sent = bench.pass(HEARTBEAT);
        return only(Message.Heartbeat.class, sent.sendNow()).get(0).readRound();
    }

    /** Asks for a read, which a lease has to answer. @return until when the answer holds */
    private static long leasedUntil(Bench bench, long readId) {
        Ready read = bench.step(new Input.ReadIndex(readId));
        assertThat(read.readStates()).singleElement().isInstanceOf(ReadState.Leased.class);
        return ((ReadState.Leased) read.readStates().get(0)).untilNanos();
    }

    private static long lastRound(Ready ready) {
        return only(Message.Heartbeat.class, ready.sendNow()).get(0).readRound();
    }

    private static boolean isLeased(Ready ready) {
        return ready.readStates().stream().anyMatch(ReadState.Leased.class::isInstance);
    }

    @Test
    @DisplayName("once a quorum has answered a heartbeat, reads are answered at once and without a message")
    void leaseAnswersWithoutAsking() {
        Bench bench = leader();
        long round = heartbeat(bench);
        answer(bench, round);
        Ready read = bench.step(new Input.ReadIndex(7));
        assertThat(read.sendNow()).isEmpty();
        assertThat(read.readStates()).singleElement().isInstanceOf(ReadState.Leased.class);
        assertThat(((ReadState.Leased) read.readStates().get(0)).index()).isEqualTo(1);
        Ready forwarded = bench.receive(C, new Message.ReadIndexRequest(1, 9));
        assertThat(only(Message.ReadIndexResponse.class, forwarded.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(1, 9, true, 1));
    }

    @Test
    @DisplayName("a member of a larger cluster that asks is answered out of the lease too")
    void leaseAnswersOthers() {
        Bench bench = new Bench(LEASES, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C", "D", "E"), ""));
        bench.leadAndCommit();
        long round = heartbeat(bench);
        answer(bench, round);
        bench.receive(C, new Message.HeartbeatResponse(1, round, 1));
        Ready forwarded = bench.receive(C, new Message.ReadIndexRequest(1, 9));
        assertThat(forwarded.sendNow()).containsExactly(new Envelope(C, new Message.ReadIndexResponse(1, 9, true, 1)));
    }

    @Test
    @DisplayName("pitfall 31: the lease counts from when the heartbeat was sent, less the drift")
    void leaseCountsFromTheSending() {
        Bench bench = leader();
        long round = heartbeat(bench);
        bench.pass(ELECTION / 2);
        answer(bench, round);
        bench.pass(ELECTION / 2 - DRIFT - HEARTBEAT / 2);
        assertThat(isLeased(bench.step(new Input.ReadIndex(1)))).isTrue();
        bench.pass(HEARTBEAT / 2);
        Ready late = bench.step(new Input.ReadIndex(2));
        assertThat(late.readStates()).as("asks a quorum instead").isEmpty();
        assertThat(only(Message.Heartbeat.class, late.sendNow())).hasSize(2);
    }

    @Test
    @DisplayName("pitfall 32: the answer says until when it holds, for the caller to look at its clock once more")
    void theAnswerSaysUntilWhen() {
        Bench bench = leader();
        bench.tell(0);
        long round = heartbeat(bench);
        answer(bench, round);
        ReadState.Leased first = (ReadState.Leased)
                bench.step(new Input.ReadIndex(1)).readStates().get(0);
        bench.pass(HEARTBEAT / 2);
        ReadState.Leased second = (ReadState.Leased)
                bench.step(new Input.ReadIndex(2)).readStates().get(0);
        assertThat(second.untilNanos()).as("nothing has renewed it").isEqualTo(first.untilNanos());
        bench.tell(first.untilNanos() - bench.nowNanos() - 1);
        assertThat(isLeased(bench.step(new Input.ReadIndex(3)))).isTrue();
        bench.tell(1);
        assertThat(isLeased(bench.step(new Input.ReadIndex(4)))).isFalse();
    }

    @Test
    @DisplayName("pitfall 31: what is answered again does not renew the lease, for nothing was sent since")
    void anOldRoundDoesNotRenew() {
        Bench bench = leader();
        long round = heartbeat(bench);
        answer(bench, round);
        long until = leasedUntil(bench, 1);
        bench.pass(HEARTBEAT / 2);
        for (int i = 0; i < 2; i++) {
            bench.receive(C, new Message.HeartbeatResponse(bench.view().term(), 0, 1));
            bench.receive(B, new Message.HeartbeatResponse(bench.view().term(), round, 1));
        }
        assertThat(leasedUntil(bench, 2)).isEqualTo(until);
    }

    @Test
    @DisplayName("pitfall 31: before the first heartbeat of the term has been answered no lease is held")
    void noLeaseBeforeTheFirstHeartbeat() {
        Bench bench = leader();
        bench.receive(C, new Message.HeartbeatResponse(bench.view().term(), 0, 1));
        bench.receive(C, new Message.HeartbeatResponse(bench.view().term(), 0, 1));
        assertThat(isLeased(bench.step(new Input.ReadIndex(1)))).isFalse();
    }

    @Test
    @DisplayName("pitfalls 29, 31: the answers of one voter of five and of a learner do not renew the lease")
    void aMinorityAndALearnerDoNotRenew() {
        NodeId learner = Bench.id("F");
        Membership five =
                ScenarioCluster.voters("A", "B", "C", "D", "E").after(MembershipChange.NONE.withLearner(learner));
        Bench bench = new Bench(LEASES, ScenarioCluster.disk(five, ""));
        bench.leadAndCommit();
        long first = heartbeat(bench);
        for (NodeId peer : List.of(B, C)) {
            bench.receive(peer, new Message.HeartbeatResponse(bench.view().term(), first, 1));
        }
        long until = leasedUntil(bench, 1);
        for (int i = 0; i < 4; i++) {
            long round = heartbeat(bench);
            for (NodeId peer : List.of(B, learner, B, learner)) {
                bench.receive(peer, new Message.HeartbeatResponse(bench.view().term(), round, 1));
            }
        }
        assertThat(leasedUntil(bench, 2)).isEqualTo(until);
        bench.pass(ELECTION - DRIFT - 4 * HEARTBEAT);
        Ready late = bench.step(new Input.ReadIndex(3));
        assertThat(isLeased(late)).isFalse();
        assertThat(isLeased(bench.receive(learner, new Message.HeartbeatResponse(1, lastRound(late), 1))))
                .isFalse();
        assertThat(isLeased(bench.step(new Input.ReadIndex(4)))).isFalse();
    }

    @Test
    @DisplayName("pitfall 27: no lease answers before the first commit of the term")
    void noLeaseBeforeTheFirstCommit() {
        Bench bench = ofThree("1.1");
        bench.lead();
        answer(bench, heartbeat(bench));
        Ready read = bench.step(new Input.ReadIndex(1));
        assertThat(read.readStates()).isEmpty();
        assertThat(read.trace()).contains(new TraceEvent.ReadsQueued(1));
    }

    @Test
    @DisplayName("pitfall 33: the lease ends when another is told to campaign, for the rest of the term")
    void transferDropsTheLease() {
        Bench bench = leader();
        answer(bench, heartbeat(bench));
        bench.accept(B);
        bench.step(new Input.TransferLeadership(B));
        assertThat(isLeased(bench.step(new Input.ReadIndex(1)))).isFalse();
        for (int i = 0; i < 25; i++) {
            bench.pass(HEARTBEAT);
            Ready asked = bench.step(new Input.ReadIndex(100 + i));
            assertThat(isLeased(asked)).isFalse();
            answer(bench, only(Message.Heartbeat.class, asked.sendNow()).get(0).readRound());
        }
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.view().transferTarget())
                .as("the transfer itself is over")
                .isNull();
    }

    @Test
    @DisplayName(
            "pitfall 26: with lease reads nobody votes within an election timeout of its start, but for a transfer")
    void noVoteRightAfterTheStart() {
        Bench bench = ofThree("");
        Message.RequestVote request = new Message.RequestVote(1, EntryId.ZERO, false);
        bench.pass(ELECTION - HEARTBEAT);
        assertThat(only(
                        Message.RequestVoteResponse.class,
                        bench.receive(B, request).sendNow()))
                .containsExactly(new Message.RequestVoteResponse(0, false));
        bench.pass(HEARTBEAT);
        assertThat(only(
                        Message.RequestVoteResponse.class,
                        bench.receive(B, request).sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(1, true));
    }

    @Test
    @DisplayName("pitfall 31: a higher term that was heard of does not free the vote that a lease rests on")
    void aHigherTermDoesNotFreeTheVote() {
        Bench bench = ofThree("");
        bench.pass(ELECTION);
        bench.heartbeat(B, 1);
        bench.receive(C, new Message.PreVoteResponse(7, false));
        assertThat(bench.view().term()).isEqualTo(7);
        assertThat(bench.view().leader()).isNull();
        Ready asked = bench.receive(C, new Message.RequestVote(8, EntryId.ZERO, false));
        assertThat(only(Message.RequestVoteResponse.class, asked.sendNow()))
                .containsExactly(new Message.RequestVoteResponse(7, false));
        Ready preAsked = bench.receive(C, new Message.PreVote(8, EntryId.ZERO));
        assertThat(only(Message.PreVoteResponse.class, preAsked.sendNow()))
                .containsExactly(new Message.PreVoteResponse(7, false));
    }

    @Test
    @DisplayName("pitfall 32, P6: a leader that was paused past its lease asks a quorum")
    void aPausedLeaderAsks() {
        Bench bench = leader();
        answer(bench, heartbeat(bench));
        bench.tell(ELECTION);
        assertThat(isLeased(bench.step(new Input.ReadIndex(1)))).isFalse();
    }

    @Test
    @DisplayName("lease reads need votes that are withheld, so they are refused without the check of the quorum")
    void leasesNeedCheckQuorum() {
        RaftConfig c = Bench.CONFIG;
        assertThatThrownBy(() -> new RaftConfig(
                        c.heartbeatIntervalNanos(),
                        c.electionTimeoutNanos(),
                        c.maxEntriesPerAppend(),
                        c.maxBytesPerAppend(),
                        c.maxInflightAppends(),
                        c.maxInflightBytes(),
                        c.maxUncommittedBytes(),
                        c.maxApplyingBytes(),
                        c.maxCachedBytes(),
                        true,
                        false,
                        Availability.standard().withLeaseReads(DRIFT)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> c.withAvailability(Availability.standard().withLeaseReads(ELECTION)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("P6, etcd #20418: paused, replaced, resumed: the old leader serves nothing by its old lease")
    void aReplacedLeaderServesNothing() {
        ScenarioCluster cluster = ScenarioCluster.of(LEASES, "A", "B", "C").elect("A");
        cluster.timePasses(3 * HEARTBEAT);
        cluster.read("A", "before").work();
        assertThat(cluster.answer("before")).isInstanceOf(ReadState.Leased.class);
        cluster.stop("A");
        cluster.electionTimeoutPasses("B").flow();
        assertThat(cluster.view("B").isLeader()).isTrue();
        cluster.put("B", "x=1").flow();
        assertThat(cluster.outcome("x=1")).isEqualTo(ScenarioCluster.Outcome.DONE);
        cluster.goOn("A");
        cluster.read("A", "after").flow();
        assertThat(cluster.answer("after")).isNotInstanceOf(ReadState.Leased.class);
        assertThat(cluster.view("A").self()).isEqualTo(A);
    }
}
