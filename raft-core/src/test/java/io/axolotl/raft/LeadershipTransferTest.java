package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Handing leadership over: thesis §3.10. */
class LeadershipTransferTest {
    private static Bench leader() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        return bench;
    }

    @Test
    @DisplayName("the target is told to campaign once, when it has the whole log")
    void targetIsToldOnceItIsUpToDate() {
        Bench bench = leader();
        bench.propose("x");
        Ready started = bench.step(new Input.TransferLeadership(B));
        assertThat(bench.view().transferTarget()).isEqualTo(B);
        assertThat(only(Message.TimeoutNow.class, started.sendNow())).isEmpty();
        Ready caughtUp = bench.accept(B);
        assertThat(onlyTo(B, Message.TimeoutNow.class, caughtUp.sendNow())).containsExactly(new Message.TimeoutNow(1));
        assertThat(only(Message.TimeoutNow.class, bench.accept(B).sendNow())).isEmpty();
        assertThat(only(Message.TimeoutNow.class, bench.pass(ELECTION / 2).sendNow()))
                .isEmpty();
    }

    @Test
    @DisplayName("pitfall 33: while leadership is on its way nothing new is accepted")
    void proposalsWait() {
        Bench bench = leader();
        bench.step(new Input.TransferLeadership(B));
        assertThat(bench.propose("x").proposalOutcomes())
                .containsExactly(new ProposalOutcome.Busy(1, ProposalOutcome.Reason.TRANSFERRING_LEADERSHIP));
    }

    @Test
    @DisplayName("pitfall 33: reads go on, for each is confirmed by a quorum anyway")
    void readsGoOn() {
        Bench bench = leader();
        bench.step(new Input.TransferLeadership(B));
        bench.step(new Input.ReadIndex(7));
        assertThat(bench.receive(C, new Message.HeartbeatResponse(1, 1, 1)).readStates())
                .containsExactly(new ReadState.Confirmed(7, 1));
    }

    @Test
    @DisplayName("pitfall 66: a transfer is called off after an election timeout, and proposals go on")
    void transferIsBounded() {
        Bench bench = leader();
        bench.step(new Input.TransferLeadership(B));
        bench.pass(ELECTION / 2);
        bench.accept(C);
        Ready ended = bench.pass(ELECTION / 2);
        assertThat(traced(TraceEvent.TransferEnded.class, ended))
                .singleElement()
                .satisfies(event -> assertThat(event.isDone()).isFalse());
        assertThat(bench.view().transferTarget()).isNull();
        assertThat(bench.propose("x").proposalOutcomes()).singleElement().isInstanceOf(ProposalOutcome.Appended.class);
    }

    @Test
    @DisplayName("pitfall 66: stepping down ends the transfer")
    void stepDownEndsTheTransfer() {
        Bench bench = leader();
        bench.step(new Input.TransferLeadership(B));
        Ready deposed = bench.receive(B, new Message.RequestVote(2, bench.view().lastLog(), true));
        assertThat(traced(TraceEvent.TransferEnded.class, deposed))
                .singleElement()
                .satisfies(event -> assertThat(event.isDone()).isTrue());
        assertThat(bench.view().transferTarget()).isNull();
        assertThat(only(Message.RequestVoteResponse.class, deposed.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }

    @Test
    void lossOfTheQuorumIsNoSuccess() {
        Bench bench = leader();
        bench.pass(ELECTION);
        bench.step(new Input.TransferLeadership(B));
        Ready ended = bench.pass(ELECTION);
        assertThat(bench.view().isLeader()).isFalse();
        assertThat(traced(TraceEvent.TransferEnded.class, ended))
                .singleElement()
                .satisfies(event -> assertThat(event.isDone()).isFalse());
    }

    @Test
    void anotherTargetReplacesTheFirst() {
        Bench bench = leader();
        bench.propose("x");
        bench.step(new Input.TransferLeadership(B));
        Ready changed = bench.step(new Input.TransferLeadership(C));
        assertThat(traced(TraceEvent.TransferEnded.class, changed)).hasSize(1);
        assertThat(bench.view().transferTarget()).isEqualTo(C);
        assertThat(traced(TraceEvent.TransferStarted.class, bench.step(new Input.TransferLeadership(C))))
                .as("the same again changes nothing")
                .isEmpty();
    }

    @Test
    void onlyVotersBecomeLeaders() {
        Membership membership = new Membership(
                ScenarioCluster.voters("A", "B", "C").voters(),
                new TreeSet<>(),
                ScenarioCluster.voters("D").voters());
        Bench bench = Bench.of(membership, "");
        bench.leadAndCommit();
        for (NodeId target : List.of(Bench.D, Bench.E)) {
            assertThat(traced(TraceEvent.TransferEnded.class, bench.step(new Input.TransferLeadership(target))))
                    .containsExactly(new TraceEvent.TransferEnded(target, false, "is not a voter"));
        }
        assertThat(traced(TraceEvent.TransferEnded.class, bench.step(new Input.TransferLeadership(A))))
                .containsExactly(new TraceEvent.TransferEnded(A, true, "leads already"));
        assertThat(bench.view().transferTarget()).isNull();
    }

    @Test
    void whoDoesNotLeadHandsNothingOver() {
        assertThat(traced(TraceEvent.TransferEnded.class, Bench.ofThree("").step(new Input.TransferLeadership(B))))
                .containsExactly(new TraceEvent.TransferEnded(B, false, "this node does not lead"));
    }

    @Test
    @DisplayName("the target campaigns at once, without pre-vote, and says why")
    void targetCampaignsAtOnce() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        Ready ready = bench.receive(B, new Message.TimeoutNow(1));
        assertThat(ready.hardState()).isEqualTo(new HardState(2, A, 0));
        assertThat(only(Message.RequestVote.class, ready.sendAfterPersist()))
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.isTransfer()).isTrue());
    }
}
