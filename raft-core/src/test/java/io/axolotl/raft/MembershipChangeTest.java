package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.D;
import static io.axolotl.raft.Bench.E;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One step at a time: how a leader changes who belongs to the cluster. Raft §6, thesis chapter 4. */
class MembershipChangeTest {
    private static final MembershipChange NONE = MembershipChange.NONE;

    private static Ready change(Bench bench, MembershipChange change) {
        return bench.step(new Input.ChangeMembership(77, change));
    }

    private static ProposalOutcome.ChangeRefusal refusal(Ready ready) {
        assertThat(ready.proposalOutcomes()).hasSize(1);
        assertThat(ready.proposalOutcomes().get(0)).isInstanceOf(ProposalOutcome.ChangeRefused.class);
        return ((ProposalOutcome.ChangeRefused) ready.proposalOutcomes().get(0)).reason();
    }

    private static Bench leader() {
        Bench bench = Bench.ofThree("1.1");
        bench.leadAndCommit();
        return bench;
    }

    /** The membership in force as people write it: voters, whom they leave behind, learners. */
    private static String voters(Bench bench) {
        Membership membership = bench.view().membership();
        String text = names(membership.voters());
        text += membership.isJoint() ? " leaving " + names(membership.outgoingVoters()) : "";
        return text + (membership.learners().isEmpty() ? "" : " and " + names(membership.learners()));
    }

    private static String names(Iterable<NodeId> nodes) {
        StringBuilder names = new StringBuilder();
        nodes.forEach(node -> names.append(ScenarioCluster.name(node)));
        return names.toString();
    }

    @Test
    void followerNamesTheLeader() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        assertThat(change(bench, NONE.withVoter(D)).proposalOutcomes())
                .containsExactly(new ProposalOutcome.NotLeader(77, B));
    }

    @Test
    @DisplayName("pitfall 35, M2: refused until the leader has committed in its own term")
    void refusedBeforeTheFirstCommitOfTheTerm() {
        Bench bench = Bench.ofThree("1.1");
        bench.lead();
        assertThat(refusal(change(bench, NONE.withLearner(D))))
                .isEqualTo(ProposalOutcome.ChangeRefusal.LEADER_NOT_COMMITTED);
        bench.accept(B);
        assertThat(change(bench, NONE.withLearner(D)).proposalOutcomes())
                .containsExactly(new ProposalOutcome.Appended(77, entryId(2, 3)));
    }

    @Test
    @DisplayName("pitfall 35, I16: one change at a time, joint or not, committed or not")
    void oneChangeAtATime() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.withLearner(E)));
        assertThat(refusal(change(bench, NONE.withVoter(D)))).isEqualTo(ProposalOutcome.ChangeRefusal.CHANGE_UNDER_WAY);
        bench.accept(B);
        bench.persist(change(bench, NONE.withVoter(D)));
        assertThat(refusal(change(bench, NONE.without(E)))).isEqualTo(ProposalOutcome.ChangeRefusal.CHANGE_UNDER_WAY);
        bench.accept(B);
        Ready left = bench.accept(C);
        assertThat(voters(bench)).isEqualTo("ABCD and E");
        assertThat(refusal(change(bench, NONE.without(E)))).isEqualTo(ProposalOutcome.ChangeRefusal.CHANGE_UNDER_WAY);
        bench.persist(left);
        bench.accept(B);
        bench.accept(C);
        assertThat(bench.view().isMembershipSettled()).isTrue();
        assertThat(change(bench, NONE.without(E)).proposalOutcomes().get(0))
                .isInstanceOf(ProposalOutcome.Appended.class);
    }

    @Test
    void changeThatMakesNoSenseIsRefusedWithTheReason() {
        Ready ready = change(leader(), NONE.withVoter(B));
        assertThat(ready.proposalOutcomes())
                .containsExactly(new ProposalOutcome.ChangeRefused(
                        77, ProposalOutcome.ChangeRefusal.INVALID, "node b is a voter already"));
    }

    @Test
    @DisplayName("pitfall 29, M10: a learner is one entry, is sent everything, and counts for nothing")
    void learnerIsServedAndNotCounted() {
        Bench bench = leader();
        Ready ready = change(bench, NONE.withLearner(D));
        assertThat(voters(bench)).isEqualTo("ABC and D");
        assertThat(onlyTo(D, Message.AppendEntries.class, ready.sendNow())).hasSize(1);
        bench.persist(ready);
        bench.accept(D);
        assertThat(bench.view().isMembershipSettled()).isFalse();
        Ready committed = bench.accept(C);
        assertThat(bench.view().isMembershipSettled()).isTrue();
        assertThat(traced(TraceEvent.MembershipCommitted.class, committed)).hasSize(1);
    }

    @Test
    @DisplayName("Raft §6: the joint membership needs both majorities, and is left by itself when it is committed")
    void jointMembershipNeedsBothMajoritiesAndIsLeft() {
        Bench bench = leader();
        Ready joint = change(bench, NONE.withVoter(D).withVoter(E).without(C).without(B));
        assertThat(voters(bench)).isEqualTo("ADE leaving ABC");
        bench.persist(joint);
        bench.accept(D);
        bench.accept(E);
        assertThat(bench.view().commitIndex()).as("the old half has not agreed").isEqualTo(2);
        Ready left = bench.accept(B);
        assertThat(bench.view().commitIndex()).isEqualTo(3);
        assertThat(voters(bench)).isEqualTo("ADE");
        assertThat(left.entriesToPersist()).hasSize(1);
        assertThat(left.entriesToPersist().get(0).kind()).isEqualTo(Entry.Kind.MEMBERSHIP);
        bench.persist(left);
        bench.accept(B);
        bench.accept(C);
        assertThat(bench.view().commitIndex()).as("the old have no more say").isEqualTo(3);
        bench.accept(E);
        assertThat(bench.view().commitIndex()).isEqualTo(4);
    }

    @Test
    @DisplayName("a voter that becomes a learner goes through the joint membership and is counted until its end")
    void demotionIsJoint() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.withLearner(C)));
        assertThat(voters(bench)).isEqualTo("AB leaving ABC and C");
        bench.accept(C);
        assertThat(bench.view().commitIndex()).isEqualTo(2);
        bench.persist(bench.accept(B));
        assertThat(voters(bench)).isEqualTo("AB and C");
        bench.accept(C);
        assertThat(bench.view().commitIndex()).isEqualTo(3);
        bench.accept(B);
        assertThat(bench.view().commitIndex()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "pitfall 36, M5: a new leader commits the joint membership it inherits under both majorities, then leaves it")
    void newLeaderFinishesWhatItInherits() {
        Membership three = ScenarioCluster.voters("A", "B", "C");
        Membership joint = three.enter(ScenarioCluster.voters("A", "D", "E"));
        List<Entry> log = new ArrayList<>(ScenarioCluster.entries("1.1"));
        log.add(new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, joint.encode()));
        Bench bench = new Bench(Bench.CONFIG, new MemoryDisk(new HardState(1, null, 0), three, log));
        bench.pass(2 * ELECTION);
        bench.receive(B, new Message.PreVoteResponse(2, true));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        bench.persist(bench.receive(D, new Message.PreVoteResponse(2, true)));
        bench.receive(D, new Message.RequestVoteResponse(2, true));
        bench.receive(E, new Message.RequestVoteResponse(2, true));
        assertThat(bench.view().isLeader()).as("the old half has not voted").isFalse();
        bench.persist(bench.receive(B, new Message.RequestVoteResponse(2, true)));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(refusal(change(bench, NONE.without(E))))
                .isEqualTo(ProposalOutcome.ChangeRefusal.LEADER_NOT_COMMITTED);
        bench.accept(B);
        assertThat(voters(bench)).isEqualTo("ADE leaving ABC");
        bench.persist(bench.accept(D));
        assertThat(voters(bench)).isEqualTo("ADE");
        assertThat(bench.view().commitIndex()).isEqualTo(3);
        bench.accept(D);
        assertThat(bench.view().isMembershipSettled()).isTrue();
    }

    @Test
    @DisplayName("pitfall 38, M10: a learner is promoted only when it has caught up and was heard lately")
    void laggingOrSilentLearnerIsNotPromoted() {
        RaftConfig config = Bench.CONFIG;
        Bench bench = leader();
        bench.persist(change(bench, NONE.withLearner(D)));
        bench.accept(B);
        assertThat(refusal(change(bench, NONE.withVoter(D))))
                .as("never heard")
                .isEqualTo(ProposalOutcome.ChangeRefusal.LEARNER_NOT_READY);
        bench.accept(D, 1);
        for (int i = 0; i < config.maxEntriesPerAppend(); i++) {
            bench.propose("x");
        }
        assertThat(refusal(change(bench, NONE.withVoter(D))))
                .as("one entry too far behind")
                .isEqualTo(ProposalOutcome.ChangeRefusal.LEARNER_NOT_READY);
        bench.accept(D, 3);
        for (int i = 0; i < 9; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 3));
            bench.receive(C, new Message.HeartbeatResponse(2, 0, 3));
        }
        assertThat(change(bench, NONE.withVoter(D)).proposalOutcomes().get(0))
                .as("caught up, and heard less than an election timeout ago")
                .isInstanceOf(ProposalOutcome.Appended.class);
    }

    @Test
    @DisplayName("pitfall 38: a learner that has caught up but was not heard for an election timeout is not promoted")
    void silentLearnerIsNotPromoted() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.withLearner(D)));
        bench.accept(B);
        bench.accept(D);
        for (int i = 0; i < 11; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 3));
        }
        Ready ready = change(bench, NONE.withVoter(D));
        assertThat(refusal(ready)).isEqualTo(ProposalOutcome.ChangeRefusal.LEARNER_NOT_READY);
        bench.receive(D, new Message.HeartbeatResponse(2, 0, 3));
        assertThat(change(bench, NONE.withVoter(D)).proposalOutcomes().get(0))
                .isInstanceOf(ProposalOutcome.Appended.class);
        assertThat(voters(bench)).isEqualTo("ABCD leaving ABC");
    }

    @Test
    void newMembersGetAnElectionTimeoutToBeHeardIn() {
        Bench bench = leader();
        bench.pass(ELECTION - 2 * HEARTBEAT);
        bench.receive(B, new Message.HeartbeatResponse(2, 0, 2));
        change(bench, NONE.withVoter(D).withVoter(E));
        bench.pass(4 * HEARTBEAT);
        assertThat(bench.view().isLeader()).as("nobody new was heard yet").isTrue();
        bench.pass(ELECTION);
        assertThat(bench.view().isLeader())
                .as("a majority of the new half was never heard")
                .isFalse();
    }

    @Test
    @DisplayName("a change is not begun while leadership is handed over, nor leadership handed to who is leaving")
    void changeAndTransferExcludeEachOther() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.without(C)));
        Ready refused = bench.step(new Input.TransferLeadership(C));
        assertThat(traced(TraceEvent.TransferEnded.class, refused)).hasSize(1);
        assertThat(bench.view().transferTarget()).isNull();
        bench.step(new Input.TransferLeadership(B));
        assertThat(change(bench, NONE.withLearner(D)).proposalOutcomes())
                .containsExactly(new ProposalOutcome.Busy(77, ProposalOutcome.Reason.TRANSFERRING_LEADERSHIP));
    }

    // The leader itself

    /** A leads and has removed itself: the joint membership is committed, and the final one is in force. */
    private static Bench leaderLeaving() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.without(A)));
        bench.persist(bench.accept(B));
        bench.persist(bench.accept(C));
        assertThat(voters(bench)).isEqualTo("BC");
        assertThat(bench.view().isMembershipSettled()).isFalse();
        return bench;
    }

    @Test
    @DisplayName("pitfall 37, M6: a leader outside the new membership leads on without counting itself")
    void leaderOutsideTheMembershipDoesNotCountItself() {
        Bench bench = leaderLeaving();
        bench.propose("x");
        bench.accept(B, 4);
        assertThat(bench.view().commitIndex())
                .as("B alone is no majority of B and C")
                .isEqualTo(3);
        assertThat(bench.view().isLeader()).isTrue();
        bench.accept(C, 4);
        assertThat(bench.view().commitIndex()).isEqualTo(4);
    }

    @Test
    @DisplayName("pitfall 37: it hands over to the voter that holds most, once its removal is committed")
    void removedLeaderHandsOver() {
        Bench bench = leaderLeaving();
        bench.propose("x");
        bench.accept(B, 4);
        Ready ready = bench.accept(C, 5);
        assertThat(bench.view().transferTarget()).isEqualTo(C);
        assertThat(onlyTo(C, Message.TimeoutNow.class, ready.sendNow())).hasSize(1);
        assertThat(bench.view().isRemoved()).isTrue();
        assertThat(bench.propose("y").proposalOutcomes().get(0)).isInstanceOf(ProposalOutcome.Busy.class);
        bench.receive(B, new Message.HeartbeatResponse(3, 0, 5));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("pitfall 37: it steps down even if nobody takes over, and never campaigns again")
    void removedLeaderStepsDown() {
        Bench bench = leaderLeaving();
        bench.accept(B, 4);
        bench.accept(C, 4);
        for (int i = 0; i < 11; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 4));
            bench.receive(C, new Message.HeartbeatResponse(2, 0, 4));
        }
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        Ready later = bench.pass(10 * ELECTION);
        assertThat(only(Message.PreVote.class, later.sendNow())).isEmpty();
        assertThat(bench.view().term()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfalls 25, 37: it steps down even if all the others say that they are not fit to lead")
    void removedLeaderStepsDownBeforeUnfitHeirs() {
        Bench bench = leaderLeaving();
        bench.receive(B, new Message.HeartbeatResponse(2, 0, 4, Availability.UNFIT));
        bench.receive(C, new Message.HeartbeatResponse(2, 0, 4, Availability.UNFIT));
        bench.accept(B, 4);
        bench.accept(C, 4);
        for (int i = 0; i < 11; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 4, Availability.UNFIT));
            bench.receive(C, new Message.HeartbeatResponse(2, 0, 4, Availability.UNFIT));
        }
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("pitfall 37: a leader that becomes a learner hands over as well, and is not removed")
    void demotedLeaderHandsOver() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.withLearner(A)));
        bench.accept(B);
        bench.persist(bench.accept(C));
        assertThat(voters(bench)).isEqualTo("BC and A");
        bench.accept(B, 4);
        bench.accept(C, 4);
        assertThat(bench.view().transferTarget()).isEqualTo(B);
        assertThat(bench.view().isRemoved()).isFalse();
    }

    @Test
    @DisplayName("M15: from one to two and back to one; the last voter stays")
    void clusterOfOne() {
        Bench bench = Bench.of(ScenarioCluster.voters("A"), "1.1");
        bench.persist(bench.persist(bench.pass(2 * ELECTION)));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(refusal(change(bench, NONE.without(A)))).isEqualTo(ProposalOutcome.ChangeRefusal.INVALID);
        assertThat(refusal(change(bench, NONE.withLearner(A)))).isEqualTo(ProposalOutcome.ChangeRefusal.INVALID);
        bench.persist(change(bench, NONE.withVoter(B)));
        assertThat(bench.view().commitIndex()).as("B is needed").isEqualTo(2);
        bench.persist(bench.accept(B));
        bench.accept(B);
        assertThat(voters(bench)).isEqualTo("AB");
        assertThat(bench.view().isMembershipSettled()).isTrue();
        bench.persist(change(bench, NONE.without(B)));
        bench.persist(bench.accept(B));
        assertThat(voters(bench)).isEqualTo("A");
        assertThat(bench.view().isMembershipSettled()).as("by itself alone").isTrue();
        assertThat(bench.view().isLeader()).isTrue();
    }

    // The removed

    /** A leads, C is removed and the removal is committed; C has the entry but not the news. */
    private static Bench withoutC() {
        Bench bench = leader();
        bench.persist(change(bench, NONE.without(C)));
        bench.accept(C);
        bench.persist(bench.accept(B));
        bench.accept(C, 3);
        bench.accept(B);
        assertThat(bench.view().isMembershipSettled()).isTrue();
        return bench;
    }

    @Test
    @DisplayName("pitfall 21: a removed node is sent its removal and that it is committed, and then nothing more")
    void removedNodeIsTold() {
        Bench bench = withoutC();
        Ready told = bench.accept(C, 4);
        assertThat(onlyTo(C, Message.CommitNotice.class, told.sendNow()))
                .containsExactly(new Message.CommitNotice(2, 4));
        List<TraceEvent.RemovedPeerReleased> released = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Ready passed = bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 4));
            released.addAll(traced(TraceEvent.RemovedPeerReleased.class, passed));
            bench.receive(C, new Message.HeartbeatResponse(2, 0, 4));
        }
        assertThat(released).containsExactly(new TraceEvent.RemovedPeerReleased(C, true));
        assertThat(bench.view().peers()).extracting(NodeView.PeerView::peer).containsExactly(B);
        Ready later = bench.pass(2 * HEARTBEAT);
        assertThat(onlyTo(C, Message.class, later.sendNow())).isEmpty();
    }

    @Test
    @DisplayName("who comes back as a member before it was parted from is not parted from")
    void whoComesBackStays() {
        Bench bench = withoutC();
        bench.persist(change(bench, NONE.withLearner(C)));
        bench.accept(B);
        assertThat(bench.view().isMembershipSettled()).isTrue();
        for (int i = 0; i < 150; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 5));
        }
        assertThat(bench.view().peers()).extracting(NodeView.PeerView::peer).containsExactly(B, C);
        Ready sent = bench.pass(HEARTBEAT);
        assertThat(onlyTo(C, Message.Heartbeat.class, sent.sendNow())).hasSize(1);
    }

    @Test
    @DisplayName("M8: who starts with a snapshot that ends in a change, and has the entry too, starts")
    void snapshotThatEndsInAChange() {
        Membership next = ScenarioCluster.voters("A", "B", "D");
        MemoryDisk disk = new MemoryDisk(
                new HardState(1, null, 2),
                ScenarioCluster.voters("A", "B", "C"),
                List.of(
                        ScenarioCluster.entries("1.1").get(0),
                        new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, next.encode())));
        disk.storeSnapshot(new MemoryDisk.StoredSnapshot(new SnapshotMetadata(entryId(1, 2), next), 0));
        Bench bench = new Bench(Bench.CONFIG, disk);
        assertThat(bench.view().membership()).isEqualTo(next);
        assertThat(bench.view().membershipIndex()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 64: a removed node that does not answer is given up after a while")
    void silentRemovedNodeIsGivenUp() {
        Bench bench = withoutC();
        List<TraceEvent.RemovedPeerReleased> released = new ArrayList<>();
        for (int i = 0; i < 110; i++) {
            released.addAll(traced(TraceEvent.RemovedPeerReleased.class, bench.pass(HEARTBEAT)));
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 4));
            if (i == 80) {
                assertThat(released).isEmpty();
            }
        }
        assertThat(released).containsExactly(new TraceEvent.RemovedPeerReleased(C, false));
    }

    @Test
    @DisplayName("pitfall 21, M7: the higher term of a removed node unseats nobody")
    void inflatedTermOfRemovedNodeIsIgnored() {
        Bench bench = withoutC();
        bench.receive(C, new Message.HeartbeatResponse(99, 0, 4));
        bench.receive(C, new Message.AppendEntriesResponse(99, false, 3, EntryId.ZERO, 0, 0));
        bench.receive(C, new Message.RequestVote(99, entryId(99, 99), false));
        bench.receive(C, new Message.PreVote(99, entryId(99, 99)));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.view().term()).isEqualTo(2);
        bench.receive(B, new Message.HeartbeatResponse(3, 0, 4));
        assertThat(bench.view().term()).as("a member's is followed").isEqualTo(3);
    }

    @Test
    @DisplayName("a new leader tells who was removed in its predecessor's time")
    void newLeaderTellsTheRemoved() {
        Membership three = ScenarioCluster.voters("A", "B", "C");
        Membership two = ScenarioCluster.voters("A", "B");
        List<Entry> log = new ArrayList<>(ScenarioCluster.entries("1.1"));
        log.add(new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, three.enter(two).encode()));
        log.add(new Entry(entryId(1, 3), Entry.Kind.MEMBERSHIP, two.encode()));
        Bench bench = new Bench(Bench.CONFIG, new MemoryDisk(new HardState(1, null, 0), three, log));
        Ready first = bench.lead();
        assertThat(onlyTo(C, Message.AppendEntries.class, first.sendNow())).hasSize(1);
        bench.receive(C, new Message.AppendEntriesResponse(2, false, 3, entryId(1, 1), 0, 0));
        assertThat(bench.view().commitIndex()).isZero();
        bench.accept(B);
        assertThat(bench.view().commitIndex()).isEqualTo(4);
        assertThat(bench.view().peers()).extracting(NodeView.PeerView::peer).contains(C);
    }

    // The one who is removed

    private static final Membership ABC = ScenarioCluster.voters("A", "B", "C");
    private static final Membership BC = ScenarioCluster.voters("B", "C");
    private static final Entry JOINT_AT_2 =
            new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, ABC.enter(BC).encode());
    private static final Entry BC_AT_3 = new Entry(entryId(1, 3), Entry.Kind.MEMBERSHIP, BC.encode());

    private static Message.AppendEntries append(long commitIndex) {
        return new Message.AppendEntries(1, entryId(1, 1), List.of(JOINT_AT_2, BC_AT_3), commitIndex, 0, 0);
    }

    @Test
    @DisplayName("M8: a node knows that it is removed when the entry that leaves it out is committed, not before")
    void nodeKnowsWhenItIsRemoved() {
        Bench bench = Bench.ofThree("1.1");
        bench.persist(bench.receive(B, append(2)));
        assertThat(bench.view().isRemoved()).isFalse();
        bench.receive(B, new Message.Heartbeat(1, 3, 0));
        assertThat(bench.view().removedIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("M8: it still knows after a restart, from its log alone")
    void removedNodeKnowsAfterRestart() {
        List<Entry> log = new ArrayList<>(ScenarioCluster.entries("1.1"));
        log.addAll(List.of(JOINT_AT_2, BC_AT_3));
        Bench unsure = new Bench(Bench.CONFIG, new MemoryDisk(new HardState(1, null, 2), ABC, log));
        assertThat(unsure.view().isRemoved()).isFalse();
        Bench sure = new Bench(Bench.CONFIG, new MemoryDisk(new HardState(1, null, 3), ABC, log));
        assertThat(sure.view().removedIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("M8: a snapshot that no more has it tells it so too; one from before it was added does not")
    void snapshotTellsOfTheRemoval() {
        Bench removed = Bench.ofThree("1.1");
        SnapshotMetadata snapshot = new SnapshotMetadata(entryId(1, 9), BC);
        removed.receive(B, new Message.InstallSnapshot(1, snapshot));
        removed.step(new Input.SnapshotInstalled(snapshot));
        assertThat(removed.view().removedIndex()).isEqualTo(9);

        Bench joining = Bench.of(BC, "");
        joining.receive(B, new Message.InstallSnapshot(1, snapshot));
        joining.step(new Input.SnapshotInstalled(snapshot));
        assertThat(joining.view().isRemoved()).isFalse();
        Ready silent = joining.pass(5 * ELECTION);
        assertThat(only(Message.PreVote.class, silent.sendNow()))
                .as("it is no voter")
                .isEmpty();
    }

    // Snapshots and restarts in the middle

    @Test
    @DisplayName("pitfall 39, M3: a snapshot of the joint index stores the joint membership, of the next the final one")
    void snapshotStoresTheJointMembership() {
        Bench bench = Bench.ofThree("1.1");
        bench.persist(bench.receive(B, append(3)));
        assertThatThrownBy(() -> bench.step(new Input.SnapshotTaken(new SnapshotMetadata(entryId(1, 2), BC))))
                .hasMessageContaining("pitfall 39");
        bench.step(new Input.SnapshotTaken(new SnapshotMetadata(entryId(1, 2), ABC.enter(BC))));
        bench.step(new Input.SnapshotTaken(new SnapshotMetadata(entryId(1, 3), BC)));
        assertThat(voters(bench)).isEqualTo("BC");
    }

    @Test
    @DisplayName("pitfall 36: who restarts from a snapshot of the joint membership and leads, leaves it")
    void jointMembershipOfASnapshotIsLeft() {
        Bench bench = Bench.of(new Membership(ABC.voters(), BC.voters(), new TreeSet<>()), "1.1");
        bench.lead();
        assertThat(voters(bench)).isEqualTo("ABC leaving BC");
        bench.accept(B);
        bench.accept(C);
        assertThat(voters(bench)).isEqualTo("ABC");
    }

    @Test
    @DisplayName("pitfall 34, M3: an uncommitted change does not survive a snapshot that replaces the log")
    void snapshotReplacesAnUncommittedChange() {
        Bench bench = Bench.ofThree("1.1");
        bench.persist(bench.receive(B, append(1)));
        assertThat(voters(bench)).isEqualTo("BC");
        SnapshotMetadata other = new SnapshotMetadata(entryId(2, 9), ABC);
        bench.receive(C, new Message.InstallSnapshot(2, other));
        bench.step(new Input.SnapshotInstalled(other));
        assertThat(voters(bench)).isEqualTo("ABC");
        assertThat(bench.view().membershipIndex()).isEqualTo(9);
    }

    @Test
    @DisplayName("pitfall 34, M4: a change whose entry is cut from the log is undone, and told so")
    void cutChangeIsUndone() {
        Bench bench = Bench.ofThree("1.1");
        bench.persist(bench.receive(B, append(1)));
        Ready cut = bench.append(C, 2, entryId(1, 1), "2.2", 0);
        assertThat(traced(TraceEvent.MembershipRolledBack.class, cut))
                .containsExactly(new TraceEvent.MembershipRolledBack(0, ABC));
        assertThat(voters(bench)).isEqualTo("ABC");
    }
}
