package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.D;
import static io.axolotl.raft.Bench.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who gets a vote, and when it may leave: Raft §5.2, §5.4.1, thesis §9.6. */
class VoteTest {
    private static final EntryId EMPTY = EntryId.ZERO;

    private static Message.RequestVote request(long term, EntryId last) {
        return new Message.RequestVote(term, last, false);
    }

    @Test
    @DisplayName("pitfall 1: a granted vote leaves only after it is on disk")
    void grantWaitsForTheDisk() {
        Ready ready = Bench.ofThree("").receive(B, request(1, EMPTY));
        assertThat(ready.hardState()).isEqualTo(new HardState(1, B, 0));
        assertThat(ready.sendNow()).isEmpty();
        assertThat(only(Message.RequestVoteResponse.class, ready.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(1, true));
        assertThat(ready.persistToken()).isNotNull();
    }

    @Test
    @DisplayName("pitfall 1: a candidate asks for votes only after its own is on disk")
    void requestWaitsForTheDisk() {
        Bench bench = Bench.ofThree("");
        bench.becomePreCandidate();
        Ready ready = bench.receive(B, new Message.PreVoteResponse(1, true));
        assertThat(ready.hardState()).isEqualTo(new HardState(1, A, 0));
        assertThat(only(Message.RequestVote.class, ready.sendNow())).isEmpty();
        assertThat(only(Message.RequestVote.class, ready.sendAfterPersist())).hasSize(2);
    }

    @Test
    @DisplayName("pitfall 1: nobody wins before its own vote is on disk, whoever else voted for it")
    void ownVoteHasToBeDurable() {
        Bench bench = Bench.ofThree("");
        bench.becomePreCandidate();
        Ready ready = bench.receive(B, new Message.PreVoteResponse(1, true));
        bench.receive(B, new Message.RequestVoteResponse(1, true));
        bench.receive(C, new Message.RequestVoteResponse(1, true));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
        bench.persist(ready);
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName("pitfall 1: the only voter leads when its own vote is on disk, not before")
    void onlyVoterWaitsForItsDisk() {
        Bench bench = Bench.of(ScenarioCluster.voters("A"), "");
        bench.step(new Input.Reachable(1));
        Ready ready = bench.jump(1);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
        Ready noOp = bench.persist(ready);
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.view().commitIndex()).isZero();
        Ready committed = bench.persist(noOp);
        assertThat(Bench.ids(committed.committed())).isEqualTo("1.1");
    }

    @Test
    @DisplayName("pitfall 2: neither a leader nor a failed election nor a pre-vote clears the vote of a term")
    void voteOfATermStays() {
        Bench bench = Bench.ofFive("");
        bench.receiveDurably(B, request(1, EMPTY));
        bench.append(C, 1, EMPTY, "1.1", 0);
        assertThat(bench.view().votedFor()).isEqualTo(B);
        bench.becomePreCandidate();
        assertThat(bench.view().votedFor()).isEqualTo(B);
        Ready ready = bench.receive(D, request(1, new EntryId(1, 1)));
        assertThat(only(Message.RequestVoteResponse.class, ready.sendNow()))
                .containsExactly(new Message.RequestVoteResponse(1, false));
    }

    @Test
    @DisplayName("pitfall 2: one term, one vote; the same candidate is told the same again")
    void secondCandidateOfATermIsRefused() {
        Bench bench = Bench.ofThree("");
        bench.receiveDurably(B, request(1, EMPTY));
        assertThat(only(
                        Message.RequestVoteResponse.class,
                        bench.receive(C, request(1, EMPTY)).sendNow()))
                .containsExactly(new Message.RequestVoteResponse(1, false));
        Ready again = bench.receive(B, request(1, EMPTY));
        assertThat(only(Message.RequestVoteResponse.class, again.sendNow()))
                .as("the vote is on disk already, so nothing has to be waited for")
                .containsExactly(new Message.RequestVoteResponse(1, true));
        assertThat(again.persistToken()).isNull();
    }

    @Test
    @DisplayName("Raft §5.2: a term that is led has no votes left, not even for whom a leader hands over to")
    void aTermThatIsLedHasNoVotesLeft() {
        Bench bench = Bench.ofThree("");
        bench.receiveDurably(B, new Message.AppendEntries(1, EMPTY, List.of(), 0, 0, 0));
        Ready ready = bench.receive(C, new Message.RequestVote(1, new EntryId(1, 1), true));
        assertThat(only(Message.RequestVoteResponse.class, ready.sendNow()))
                .containsExactly(new Message.RequestVoteResponse(1, false));
        assertThat(bench.view().votedFor()).isNull();
    }

    @Test
    @DisplayName("Raft §5.2: a candidate that hears the leader of its term follows it")
    void aCandidateFollowsWhoWon() {
        Bench bench = Bench.ofThree("");
        bench.becomeCandidate();
        bench.heartbeat(B, 1);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        assertThat(bench.view().leader()).isEqualTo(B);
        assertThat(bench.view().votedFor()).as("pitfall 2").isEqualTo(A);
    }

    @Test
    @DisplayName("who only asked whether it could win gives its vote of the term, and waits for whom it gave it to")
    void aPreCandidateGivesItsVote() {
        Bench bench = Bench.ofThree("1.1");
        bench.becomePreCandidate();
        Ready ready = bench.receive(C, request(1, new EntryId(1, 1)));
        assertThat(only(Message.RequestVoteResponse.class, ready.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(1, true));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.receive(B, new Message.PreVoteResponse(2, true));
        assertThat(bench.view().term()).as("it asks no more").isEqualTo(1);
    }

    @Test
    @DisplayName("pitfall 3: the same voter counts once however often it answers")
    void repeatedVotesCountOnce() {
        Bench bench = Bench.ofFive("");
        bench.becomeCandidate();
        for (int i = 0; i < 5; i++) {
            bench.receive(B, new Message.RequestVoteResponse(1, true));
        }
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
        bench.receive(C, new Message.RequestVoteResponse(1, true));
        assertThat(bench.view().isLeader()).isTrue();
    }

    @Test
    @DisplayName("pitfall 3: an answer to a pre-vote is never a vote")
    void preVotesAreNoVotes() {
        Bench bench = Bench.ofThree("");
        bench.becomeCandidate();
        bench.receive(B, new Message.PreVoteResponse(1, true));
        bench.receive(C, new Message.PreVoteResponse(2, true));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
    }

    @Test
    @DisplayName("Raft §5.4.1: a log that ends in an older term, or sooner in the same term, gets no vote")
    void staleLogGetsNoVote() {
        for (EntryId stale : new EntryId[] {new EntryId(1, 9), new EntryId(2, 2), EMPTY}) {
            Ready ready = Bench.ofThree("1.1 2.2 2.3").receive(B, request(3, stale));
            assertThat(only(Message.RequestVoteResponse.class, ready.sendNow()))
                    .containsExactly(new Message.RequestVoteResponse(3, false));
        }
        Ready ready = Bench.ofThree("1.1 2.2 2.3").receive(B, request(3, new EntryId(2, 3)));
        assertThat(only(Message.RequestVoteResponse.class, ready.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(3, true));
    }

    @Test
    @DisplayName("thesis §9.6: a pre-vote changes neither term nor vote, on either side")
    void preVoteChangesNothing() {
        Bench bench = Bench.ofThree("");
        Ready answer = bench.receive(B, new Message.PreVote(7, EMPTY));
        assertThat(only(Message.PreVoteResponse.class, answer.sendNow()))
                .containsExactly(new Message.PreVoteResponse(7, true));
        bench.becomePreCandidate();
        assertThat(bench.view().term()).isZero();
        assertThat(bench.view().votedFor()).isNull();
        assertThat(bench.disk.hardState()).isEqualTo(HardState.INITIAL);
    }

    @Test
    @DisplayName("pitfall 18: a refused pre-vote carries the higher term, and the loser adopts it")
    void refusedPreVoteTeachesTheTerm() {
        Bench ahead = Bench.ofThree("1.1 5.2");
        Ready refusal = ahead.receive(B, new Message.PreVote(2, new EntryId(1, 9)));
        assertThat(only(Message.PreVoteResponse.class, refusal.sendNow()))
                .containsExactly(new Message.PreVoteResponse(5, false));
        Bench behind = Bench.ofThree("1.1");
        behind.becomePreCandidate();
        behind.receive(B, new Message.PreVoteResponse(5, false));
        assertThat(behind.view().term()).isEqualTo(5);
        assertThat(behind.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("pitfall 19: whoever asks for votes no longer counts as led, and gives its own")
    void preCandidateForgetsTheLeader() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        assertThat(bench.view().leader()).isEqualTo(B);
        bench.becomePreCandidate();
        assertThat(bench.view().leader()).isNull();
        Ready ready = bench.receive(C, new Message.PreVote(2, new EntryId(1, 1)));
        assertThat(only(Message.PreVoteResponse.class, ready.sendNow()))
                .containsExactly(new Message.PreVoteResponse(2, true));
    }

    @Test
    @DisplayName("pitfall 19: a leader refuses pre-votes and votes as long as it leads")
    void leaderWithholdsItsVote() {
        Bench bench = Bench.ofThree("1.1");
        bench.leadAndCommit();
        EntryId last = bench.view().lastLog();
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(C, new Message.PreVote(9, last)).sendNow()))
                .containsExactly(new Message.PreVoteResponse(2, false));
        bench.receive(C, request(9, last));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.view().term()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 19: a leader that does not check its quorum gives way, or it could lead for ever unheard")
    void withoutTheCheckOfItsQuorumALeaderGivesWay() {
        RaftConfig c = Bench.CONFIG;
        RaftConfig config = new RaftConfig(
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
                false);
        Bench bench = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        bench.leadAndCommit();
        bench.receive(C, request(9, new EntryId(1, 1)));
        assertThat(bench.view().term()).isEqualTo(9);
        assertThat(bench.view().votedFor()).isEqualTo(C);
    }

    @Test
    @DisplayName("pitfall 21: who heard its leader within the shortest timeout gives no vote and adopts no term")
    void freshLeaderMeansNoVote() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        bench.pass(Bench.ELECTION - 1);
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(C, new Message.PreVote(2, new EntryId(1, 5)))
                                .sendNow()))
                .containsExactly(new Message.PreVoteResponse(1, false));
        bench.receive(C, request(2, new EntryId(1, 5)));
        assertThat(bench.view().term()).isEqualTo(1);
        bench.pass(1);
        Ready granted = bench.receive(C, request(2, new EntryId(1, 5)));
        assertThat(only(Message.RequestVoteResponse.class, granted.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }

    @Test
    @DisplayName("pitfall 21: unless that leader itself has asked for the election")
    void transferIsListenedTo() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        Ready granted = bench.receive(C, new Message.RequestVote(2, new EntryId(1, 1), true));
        assertThat(only(Message.RequestVoteResponse.class, granted.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }

    @Test
    @DisplayName(
            "pitfall 21: a stranger that knows no more than we do is refused its pre-vote, and its vote request is answered by the log alone")
    void strangersAreNotEncouragedButNotBarred() {
        Bench bench = Bench.ofThree("1.1");
        EntryId last = new EntryId(1, 1);
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(D, new Message.PreVote(2, last)).sendNow()))
                .containsExactly(new Message.PreVoteResponse(1, false));
        assertThat(only(
                        Message.RequestVoteResponse.class,
                        bench.receive(D, request(2, last)).sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }

    @Test
    @DisplayName(
            "pitfall 21: a stranger whose log goes on after ours may have become a member in what we lack: it is heard")
    void aStrangerThatKnowsMoreIsHeard() {
        Bench bench = Bench.ofThree("1.1");
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(D, new Message.PreVote(2, new EntryId(1, 2)))
                                .sendNow()))
                .containsExactly(new Message.PreVoteResponse(2, true));
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(D, new Message.PreVote(2, new EntryId(0, 9)))
                                .sendNow()))
                .containsExactly(new Message.PreVoteResponse(1, false));
    }

    @Test
    @DisplayName("pitfall 3: a pre-vote for a term that has come is refused, and the asker told the term")
    void aTermThatHasComeCannotBeAskedFor() {
        Bench bench = Bench.ofThree("1.1");
        assertThat(only(
                        Message.PreVoteResponse.class,
                        bench.receive(C, new Message.PreVote(1, new EntryId(1, 1)))
                                .sendNow()))
                .containsExactly(new Message.PreVoteResponse(1, false));
    }

    @Test
    @DisplayName("Raft §5.1: whoever is behind is told the higher term, so that a deposed leader steps down")
    void staleLeaderIsToldTheTerm() {
        Bench bench = Bench.ofThree("1.1 5.2");
        assertThat(only(Message.HeartbeatResponse.class, bench.heartbeat(B, 3).sendNow()))
                .containsExactly(new Message.HeartbeatResponse(5, 0, 2));
        Ready refused = bench.append(B, 3, new EntryId(1, 1), "3.2", 0);
        assertThat(refused.sendNow())
                .extracting(envelope -> envelope.message())
                .containsExactly(new Message.HeartbeatResponse(5, 0, 2));
        assertThat(bench.view().leader()).isNull();
    }

    @Test
    @DisplayName("Raft §5.2: a learner is never a candidate, and nobody asks it")
    void learnersDoNotCampaign() {
        Bench bench = Bench.of(
                new Membership(
                        ScenarioCluster.voters("B", "C").voters(),
                        new TreeSet<>(),
                        ScenarioCluster.voters("A").voters()),
                "");
        Ready ready = bench.pass(10 * Bench.ELECTION);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        assertThat(ready.sendNow()).isEmpty();
        bench.heartbeat(B, 1);
        bench.receive(B, new Message.TimeoutNow(1));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }
}
