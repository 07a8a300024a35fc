package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A leader whose process has ended is replaced before the usual silence; one that is well is left alone. ADR 0013. */
class FailoverHintTest {
    private static final EntryId EMPTY = EntryId.ZERO;
    private static final Input GONE = new Input.PeerGone(B);

    private static Bench followerOfB() {
        Bench bench = Bench.ofThree("");
        bench.heartbeat(B, 1);
        return bench;
    }

    private static boolean isGranted(Ready ready) {
        return only(Message.PreVoteResponse.class, ready.sendNow()).get(0).isGranted();
    }

    @Test
    @DisplayName("N19: once the leader's port refuses, a follower asks for pre-votes within a heartbeat interval")
    void hintLetsAPreVoteBeginBeforeTheSilence() {
        Bench bench = followerOfB();
        Ready told = bench.step(GONE);
        assertThat(traced(TraceEvent.LeaderGone.class, told)).containsExactly(new TraceEvent.LeaderGone(B));
        Ready asked = bench.pass(HEARTBEAT);
        assertThat(onlyTo(C, Message.PreVote.class, asked.sendNow()))
                .containsExactly(new Message.PreVote(2, EMPTY, true));
        assertThat(bench.view().term()).as("nothing is changed by asking").isEqualTo(1);
    }

    @Test
    @DisplayName("the end of a member that does not lead starts nothing")
    void theEndOfAFollowerStartsNothing() {
        Bench bench = followerOfB();
        bench.step(new Input.PeerGone(C));
        assertThat(only(Message.PreVote.class, bench.pass(HEARTBEAT).sendNow())).isEmpty();
    }

    @Test
    @DisplayName("the hint is void as soon as the leader is heard again")
    void aWordOfTheLeaderVoidsTheHint() {
        Bench bench = followerOfB();
        bench.step(GONE);
        bench.heartbeat(B, 1);
        assertThat(only(Message.PreVote.class, bench.pass(HEARTBEAT).sendNow())).isEmpty();
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, EMPTY, true))))
                .isFalse();
    }

    @Test
    @DisplayName("pitfall 19: who has not seen the end itself refuses an early pre-vote, even if it knows no leader")
    void whoSeesNothingRefuses() {
        Message early = new Message.PreVote(2, EMPTY, true);
        assertThat(isGranted(followerOfB().receive(C, early))).isFalse();
        Bench justStarted = Bench.ofThree("");
        assertThat(isGranted(justStarted.receive(C, early))).isFalse();
        assertThat(isGranted(justStarted.receive(C, new Message.PreVote(2, EMPTY))))
                .as("after the usual silence the same question is answered")
                .isTrue();
    }

    @Test
    @DisplayName("two that see the end are enough: the other grants the pre-vote and the vote at once")
    void whoSeesTheSameGrantsBoth() {
        Bench bench = followerOfB();
        bench.step(GONE);
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, EMPTY, true))))
                .isTrue();
        Ready voted = bench.receive(C, new Message.RequestVote(2, EMPTY, false));
        assertThat(only(Message.RequestVoteResponse.class, voted.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }

    @Test
    @DisplayName("pitfall 19: a leader that is alive refuses early pre-votes too")
    void aLivingLeaderRefuses() {
        Bench bench = Bench.ofThree("");
        bench.leadAndCommit();
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, new EntryId(1, 1), true))))
                .isFalse();
    }

    @Test
    @DisplayName("of two that ask early at the same time the one with the smaller id gives way")
    void theSmallerIdGivesWay() {
        Bench bench = followerOfB();
        bench.step(GONE);
        bench.pass(HEARTBEAT);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, EMPTY, true))))
                .isTrue();
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("of two that ask early at the same time the one with the longer log goes on")
    void theLongerLogGoesOn() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        bench.step(GONE);
        bench.pass(HEARTBEAT);
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, EMPTY, true))))
                .isFalse();
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
    }

    @Test
    @DisplayName(
            "an early pre-vote that was refused changes nothing: the next comes with the next hint or the usual silence")
    void aLostEarlyPreVoteChangesNothing() {
        Bench bench = followerOfB();
        bench.step(GONE);
        bench.pass(HEARTBEAT);
        bench.receive(C, new Message.PreVoteResponse(1, false));
        assertThat(bench.view().role())
                .as("the answer of one that has ended is not waited for")
                .isEqualTo(TraceEvent.RoleName.FOLLOWER);
        assertThat(only(Message.PreVote.class, bench.pass(HEARTBEAT).sendNow())).isEmpty();
        bench.step(GONE);
        assertThat(only(Message.PreVote.class, bench.pass(HEARTBEAT).sendNow())).hasSize(2);
    }

    @Test
    @DisplayName("one that is never answered early asks as usual when the silence has passed")
    void theUsualElectionStillComes() {
        Bench bench = followerOfB();
        bench.step(GONE);
        Ready ready = bench.pass(2 * ELECTION);
        assertThat(only(Message.PreVote.class, ready.sendNow())).contains(new Message.PreVote(2, EMPTY, false));
    }

    @Test
    @DisplayName("pitfall 19: who asks early counts as led by nobody, and for a moment only")
    void whoAsksEarlyHasNoLeader() {
        Bench bench = followerOfB();
        bench.step(GONE);
        bench.pass(HEARTBEAT);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        assertThat(bench.view().leader()).isNull();
        bench.pass(ELECTION / 4);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("an election that was begun early and that nobody wins is followed by another sooner than a usual one")
    void theNextElectionAfterAnEarlyOneIsNotFar() {
        Bench early = followerOfB();
        early.step(GONE);
        early.pass(HEARTBEAT);
        early.persist(early.receive(C, new Message.PreVoteResponse(2, true)));
        assertThat(early.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
        early.pass(ELECTION / 2);
        assertThat(early.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
        early.pass(ELECTION / 2);
        assertThat(early.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);

        Bench usual = Bench.ofThree("");
        usual.becomeCandidate();
        usual.pass(ELECTION);
        assertThat(usual.view().role()).isEqualTo(TraceEvent.RoleName.CANDIDATE);
    }

    @Test
    @DisplayName("a port that refuses for ever leads to a few early questions, not to one every few milliseconds")
    void earlyTriesAreBounded() {
        Bench bench = followerOfB();
        int asked = 0;
        for (int i = 0; i < 30; i++) {
            bench.step(GONE);
            asked += onlyTo(C, Message.PreVote.class, bench.pass(HEARTBEAT).sendNow())
                    .size();
            bench.receive(B, new Message.PreVoteResponse(1, false));
            bench.receive(C, new Message.PreVoteResponse(1, false));
        }
        assertThat(asked).isBetween(8, 12);
    }

    @Test
    @DisplayName("without pre-vote or the check of the quorum nothing would hold a wrong hint back, so none counts")
    void hintNeedsPreVoteAndCheckQuorum() {
        RaftConfig c = Bench.CONFIG;
        for (boolean isPreVote : new boolean[] {true, false}) {
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
                    isPreVote,
                    !isPreVote);
            Bench bench = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
            bench.heartbeat(B, 1);
            bench.step(GONE);
            assertThat(bench.pass(HEARTBEAT).sendNow()).isEmpty();
        }
    }

    @Test
    @DisplayName("pitfall 26: with lease reads a hint releases no vote before its promise has run out")
    void leasesStayInForce() {
        RaftConfig config =
                Bench.CONFIG.withAvailability(Availability.standard().withLeaseReads(ELECTION / 10));
        Bench bench = new Bench(config, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        bench.pass(ELECTION);
        bench.heartbeat(B, 1);
        bench.step(GONE);
        assertThat(isGranted(bench.receive(C, new Message.PreVote(2, EMPTY, true))))
                .isFalse();
        Ready voted = bench.receive(C, new Message.RequestVote(2, EMPTY, false));
        assertThat(only(Message.RequestVoteResponse.class, voted.sendNow()))
                .containsExactly(new Message.RequestVoteResponse(1, false));
        assertThat(bench.pass(ELECTION - HEARTBEAT).sendNow()).isEmpty();
        assertThat(only(Message.PreVote.class, bench.pass(2 * HEARTBEAT).sendNow()))
                .as("but it asks as soon as it has, without the usual chance on top")
                .hasSize(2);
    }

    @Test
    @DisplayName("P1: of three, two see the leader's end, and one of them leads within a fraction of the silence")
    void threeMembersElectAtOnce() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C").elect("A");
        cluster.crash("A");
        cluster.step("B", new Input.PeerGone(A)).step("C", new Input.PeerGone(A));
        cluster.timePasses(ELECTION / 4);
        assertThat(cluster.nodes().stream()
                        .filter(node -> node.isUp() && node.view().isLeader()))
                .hasSize(1);
    }

    @Test
    @DisplayName("two of five that wrongly see the leader's end unseat nobody")
    void aMinorityOfFiveUnseatsNobody() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C", "D", "E").elect("A");
        for (int i = 0; i < 20; i++) {
            cluster.step("B", new Input.PeerGone(A)).step("C", new Input.PeerGone(A));
            cluster.timePasses(HEARTBEAT);
        }
        assertThat(cluster.view("A").isLeader()).isTrue();
        assertThat(cluster.view("A").term()).isEqualTo(1);
        assertThat(cluster.view("B").leader()).isEqualTo(A);
    }

    @Test
    @DisplayName(
            "of five, three see the leader's end and elect; the one that sees nothing votes when it is asked for real")
    void aMajorityOfFiveElects() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C", "D", "E").elect("A");
        cluster.crash("A");
        for (String name : new String[] {"B", "C", "D"}) {
            cluster.step(name, new Input.PeerGone(A));
        }
        cluster.timePasses(ELECTION / 4);
        assertThat(cluster.nodes().stream()
                        .filter(node -> node.isUp() && node.view().isLeader()))
                .hasSize(1);
    }
}
