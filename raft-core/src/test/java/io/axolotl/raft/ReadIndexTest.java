package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Linearizable reads: thesis §6.4. */
class ReadIndexTest {
    private static Message.HeartbeatResponse answer(long term, long round) {
        return new Message.HeartbeatResponse(term, round, 1);
    }

    private static Bench leader() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        return bench;
    }

    @Test
    @DisplayName("a read takes the commit index of its arrival and is confirmed by one round, sent at once")
    void readIsConfirmedByARound() {
        Bench bench = leader();
        Ready asked = bench.step(new Input.ReadIndex(7));
        assertThat(only(Message.Heartbeat.class, asked.sendNow()))
                .hasSize(2)
                .allSatisfy(heartbeat -> assertThat(heartbeat.readRound()).isEqualTo(1));
        assertThat(asked.readStates()).isEmpty();
        assertThat(bench.receive(B, answer(1, 1)).readStates()).containsExactly(new ReadState.Confirmed(7, 1));
    }

    @Test
    @DisplayName("one round confirms all reads that wait")
    void oneRoundConfirmsAll() {
        Bench bench = leader();
        for (int i = 0; i < 50; i++) {
            bench.node.step(new Input.ReadIndex(i));
        }
        Ready asked = bench.node.takeReady();
        assertThat(only(Message.Heartbeat.class, asked.sendNow())).hasSize(2);
        assertThat(bench.receive(C, answer(1, 1)).readStates()).hasSize(50);
    }

    @Test
    @DisplayName("under write load a read costs no message: the round rides on the entries")
    void roundRidesOnEntries() {
        Bench bench = leader();
        bench.node.step(new Input.ReadIndex(7));
        bench.node.step(bench.proposal("x"));
        Ready asked = bench.node.takeReady();
        assertThat(only(Message.Heartbeat.class, asked.sendNow())).isEmpty();
        assertThat(only(Message.AppendEntries.class, asked.sendNow()))
                .hasSize(2)
                .allSatisfy(append -> assertThat(append.readRound()).isEqualTo(1));
        Ready confirmed = bench.receive(B, new Message.AppendEntriesResponse(1, false, 1, EntryId.ZERO, 1, 0));
        assertThat(confirmed.readStates())
                .as("even a refusal says who leads")
                .containsExactly(new ReadState.Confirmed(7, 1));
    }

    @Test
    @DisplayName("pitfall 27: before the first commit of the term reads wait for it, and for a round after it")
    void earlyReadWaitsForTheFirstCommit() {
        Bench bench = Bench.ofThree("1.1");
        bench.lead();
        Ready asked = bench.step(new Input.ReadIndex(7));
        assertThat(asked.trace()).contains(new TraceEvent.ReadsQueued(1));
        assertThat(bench.receive(B, answer(2, 0)).readStates()).isEmpty();
        Ready committed = bench.accept(B);
        assertThat(bench.view().commitIndex()).isEqualTo(2);
        assertThat(committed.readStates()).isEmpty();
        assertThat(bench.receive(C, answer(2, 1)).readStates()).containsExactly(new ReadState.Confirmed(7, 2));
    }

    @Test
    @DisplayName("pitfall 28: answers to what was sent before the read arrived confirm nothing")
    void answersToEarlierRoundsDoNotCount() {
        Bench bench = leader();
        bench.step(new Input.ReadIndex(7));
        bench.step(new Input.ReadIndex(8));
        assertThat(bench.receive(B, answer(1, 1)).readStates()).containsExactly(new ReadState.Confirmed(7, 1));
        assertThat(bench.receive(C, answer(1, 1)).readStates()).isEmpty();
        assertThat(bench.receive(C, answer(1, 2)).readStates()).containsExactly(new ReadState.Confirmed(8, 1));
    }

    @Test
    @DisplayName("pitfall 28: an answer in an older term of this node's own leadership confirms nothing")
    void answersOfAnEarlierLeadershipDoNotCount() {
        Bench bench = leader();
        bench.step(new Input.ReadIndex(1));
        Ready deposed = bench.receive(B, new Message.RequestVoteResponse(2, false));
        assertThat(deposed.readStates()).containsExactly(new ReadState.Refused(1));
        bench.lead();
        bench.accept(B);
        assertThat(bench.view().term()).isEqualTo(3);
        bench.step(new Input.ReadIndex(2));
        assertThat(bench.receive(B, answer(1, 1)).readStates()).isEmpty();
        assertThat(bench.receive(B, answer(3, 1)).readStates()).containsExactly(new ReadState.Confirmed(2, 2));
    }

    @Test
    @DisplayName(
            "pitfall 28: who answers a message of an earlier term in its own confirms no round, for the rounds of one leadership are not those of the next (seed 20000992)")
    void whatIsLateIsAnsweredWithoutARound() {
        Bench bench = Bench.ofThree("1.1");
        bench.receive(B, new Message.Heartbeat(3, 0, 1));
        Ready toHeartbeat = bench.receive(B, new Message.Heartbeat(2, 0, 70));
        assertThat(only(Message.HeartbeatResponse.class, toHeartbeat.sendNow()))
                .containsExactly(new Message.HeartbeatResponse(3, 0, 1));
        Ready toAppend = bench.receive(B, new Message.AppendEntries(2, new EntryId(1, 1), List.of(), 0, 70, 0));
        assertThat(toAppend.sendNow())
                .as("nor is a log said to differ that was not looked at")
                .extracting(envelope -> envelope.message())
                .containsExactly(new Message.HeartbeatResponse(3, 0, 1));
    }

    @Test
    @DisplayName("pitfall 28: a leader of two terms serves no read by a round of the first (seed 20000992)")
    void aRoundOfAnEarlierLeadershipConfirmsNothingLater() {
        Bench follower = Bench.ofThree("1.1");
        follower.receive(B, new Message.Heartbeat(2, 0, 0));
        // B led in term 1 as well, and what it said then was held up until now.
        Ready late = follower.receive(B, new Message.Heartbeat(1, 0, 70));
        Bench leader = Bench.ofThree("1.1");
        leader.lead();
        leader.accept(C);
        assertThat(leader.view().term()).isEqualTo(2);
        leader.step(new Input.ReadIndex(7));
        late.sendNow()
                .forEach(
                        answer -> assertThat(leader.receive(B, answer.message()).readStates())
                                .isEmpty());
        assertThat(leader.receive(B, answer(2, 1)).readStates()).containsExactly(new ReadState.Confirmed(7, 2));
    }

    @Test
    @DisplayName("a follower's question is its own confirmation where it and the leader are a quorum")
    void askerConfirmsItsOwnRead() {
        Bench bench = leader();
        Ready asked = bench.receive(B, new Message.ReadIndexRequest(1, 7));
        assertThat(only(Message.ReadIndexResponse.class, asked.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(1, 7, true, 1));
        assertThat(only(Message.Heartbeat.class, asked.sendNow())).isEmpty();
    }

    @Test
    @DisplayName("pitfalls 27, 29: the asker of a larger cluster, a learner, and one who asks early wait for a round")
    void askerAloneIsNotAlwaysEnough() {
        Bench five = Bench.ofFive("");
        five.lead();
        Ready early = five.receive(B, new Message.ReadIndexRequest(1, 6));
        assertThat(early.trace()).contains(new TraceEvent.ReadsQueued(1));
        five.accept(B);
        five.accept(C);
        assertThat(five.view().commitIndex()).isEqualTo(1);
        Ready asked = five.receive(B, new Message.ReadIndexRequest(1, 7));
        assertThat(only(Message.ReadIndexResponse.class, asked.sendNow())).isEmpty();
        assertThat(only(Message.Heartbeat.class, asked.sendNow())).hasSize(4);

        Bench three = Bench.of(
                new Membership(
                        ScenarioCluster.voters("A", "B", "C").voters(),
                        new TreeSet<>(),
                        ScenarioCluster.voters("F").voters()),
                "");
        three.leadAndCommit();
        Ready ofLearner = three.receive(Bench.id("F"), new Message.ReadIndexRequest(1, 7));
        assertThat(only(Message.ReadIndexResponse.class, ofLearner.sendNow())).isEmpty();
        assertThat(only(Message.Heartbeat.class, ofLearner.sendNow())).isNotEmpty();
    }

    @Test
    @DisplayName("pitfall 29: learners confirm nothing, and a joint membership needs both halves")
    void onlyTheQuorumConfirms() {
        Bench bench = Bench.of(
                new Membership(
                        ScenarioCluster.voters("A", "D", "E").voters(),
                        new TreeSet<>(),
                        ScenarioCluster.voters("F").voters()),
                "");
        bench.becomePreCandidate();
        Ready candidate = bench.receive(Bench.D, new Message.PreVoteResponse(1, true));
        bench.persist(candidate);
        bench.receive(Bench.id("F"), new Message.RequestVoteResponse(1, true));
        assertThat(bench.view().isLeader()).as("a learner has no vote").isFalse();
        bench.persist(bench.receive(Bench.D, new Message.RequestVoteResponse(1, true)));
        bench.accept(Bench.id("F"));
        assertThat(bench.view().commitIndex()).isZero();
        bench.accept(Bench.E);
        assertThat(bench.view().commitIndex()).isEqualTo(1);
        MembershipChange change =
                MembershipChange.NONE.withVoter(B).withVoter(C).without(Bench.D).without(Bench.E);
        bench.persist(bench.step(new Input.ChangeMembership(1, change)));

        Ready asked = bench.step(new Input.ReadIndex(7));
        assertThat(onlyTo(Bench.id("F"), Message.Heartbeat.class, asked.sendNow()))
                .isEmpty();
        bench.receive(Bench.id("F"), answer(1, 1));
        bench.receive(C, answer(1, 1));
        assertThat(bench.receive(B, answer(1, 1)).readStates()).isEmpty();
        assertThat(bench.receive(Bench.D, answer(1, 1)).readStates()).containsExactly(new ReadState.Confirmed(7, 1));
    }

    @Test
    void onlyVoterConfirmsAtOnce() {
        Bench bench = Bench.of(
                new Membership(
                        ScenarioCluster.voters("A").voters(),
                        new TreeSet<>(),
                        ScenarioCluster.voters("B").voters()),
                "");
        bench.persist(bench.persist(bench.pass(2 * ELECTION)));
        assertThat(bench.step(new Input.ReadIndex(7)).readStates()).containsExactly(new ReadState.Confirmed(7, 1));
    }

    @Test
    @DisplayName("pitfall 27: nobody else has to speak for an early read of the only voter to be answered")
    void onlyVoterAnswersAnEarlyReadWithItsFirstCommit() {
        Bench bench = Bench.of(ScenarioCluster.voters("A"), "1.1");
        Ready noOp = bench.persist(bench.pass(2 * ELECTION));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.step(new Input.ReadIndex(7)).readStates()).isEmpty();
        assertThat(bench.persist(noOp).readStates()).containsExactly(new ReadState.Confirmed(7, 2));
    }

    @Test
    void anAnswerThatALeaderGetsIsNothingToIt() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        bench.step(new Input.ReadIndex(7));
        assertThat(bench.receive(B, new Message.ReadIndexResponse(1, 7, true, 1))
                        .readStates())
                .isEmpty();
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName("pitfall 30: a follower asks the leader and serves at what it is told, nothing less")
    void followerForwards() {
        Bench bench = Bench.ofThree("1.1");
        bench.append(B, 1, Bench.entryId(1, 1), "", 1);
        Ready asked = bench.step(new Input.ReadIndex(7));
        assertThat(onlyTo(B, Message.ReadIndexRequest.class, asked.sendNow()))
                .containsExactly(new Message.ReadIndexRequest(1, 7));
        Ready told = bench.receive(B, new Message.ReadIndexResponse(1, 7, true, 55));
        assertThat(told.readStates()).containsExactly(new ReadState.Confirmed(7, 55));
        assertThat(bench.receive(B, new Message.ReadIndexResponse(1, 7, true, 1))
                        .readStates())
                .as("each read is answered once")
                .isEmpty();
    }

    @Test
    void leaderAnswersFollowers() {
        Bench bench = Bench.ofFive("");
        bench.leadAndCommit();
        bench.receive(C, new Message.ReadIndexRequest(1, 70));
        bench.receive(B, answer(1, 1));
        Ready confirmed = bench.receive(Bench.D, answer(1, 1));
        assertThat(onlyTo(C, Message.ReadIndexResponse.class, confirmed.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(1, 70, true, 1));
        assertThat(confirmed.readStates()).isEmpty();
    }

    @Test
    void whoDoesNotLeadCannotConfirm() {
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(C, new Message.ReadIndexRequest(1, 70));
        assertThat(onlyTo(C, Message.ReadIndexResponse.class, ready.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(1, 70, false, 0));
    }

    @Test
    void withoutALeaderReadsAreRefusedAtOnce() {
        Bench bench = Bench.ofThree("1.1");
        assertThat(bench.step(new Input.ReadIndex(7)).readStates()).containsExactly(new ReadState.Refused(7));
        bench.becomePreCandidate();
        assertThat(bench.step(new Input.ReadIndex(8)).readStates()).containsExactly(new ReadState.Refused(8));
    }

    @Test
    void forwardedReadIsRefusedWhenTheLeaderRefusesOrChangesOrIsSilent() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        bench.step(new Input.ReadIndex(7));
        assertThat(bench.receive(B, new Message.ReadIndexResponse(1, 7, false, 0))
                        .readStates())
                .containsExactly(new ReadState.Refused(7));
        bench.step(new Input.ReadIndex(8));
        assertThat(bench.heartbeat(C, 2).readStates()).containsExactly(new ReadState.Refused(8));
        bench.step(new Input.ReadIndex(9));
        bench.pass(ELECTION / 2);
        bench.heartbeat(C, 2);
        assertThat(bench.pass(ELECTION / 2).readStates()).containsExactly(new ReadState.Refused(9));
        assertThat(bench.view().leader()).isEqualTo(C);
        assertThat(bench.pass(HEARTBEAT).readStates()).as("it is refused once").isEmpty();
    }

    @Test
    @DisplayName("a leader that steps down refuses what waits, its own and the followers'")
    void stepDownRefusesAll() {
        Bench bench = Bench.ofFive("");
        bench.leadAndCommit();
        bench.step(new Input.ReadIndex(7));
        bench.receive(C, new Message.ReadIndexRequest(1, 70));
        Ready deposed = bench.heartbeat(B, 2);
        assertThat(deposed.readStates()).containsExactly(new ReadState.Refused(7));
        assertThat(onlyTo(C, Message.ReadIndexResponse.class, deposed.sendNow()))
                .containsExactly(new Message.ReadIndexResponse(1, 70, false, 0));
    }

    @Test
    void strangersConfirmNothing() {
        Bench bench = leader();
        bench.step(new Input.ReadIndex(7));
        Ready ready = bench.receive(Bench.E, answer(1, 1));
        assertThat(ready.readStates()).isEmpty();
        assertThat(ready.trace()).contains(new TraceEvent.MessageIgnored(Bench.E, "HeartbeatResponse", "not a member"));
        assertThat(bench.view().leader()).isEqualTo(A);
    }
}
