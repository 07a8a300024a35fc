package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MembershipKeeperTest {
    private static final NodeId A = new NodeId(1);
    private static final NodeId B = new NodeId(2);
    private static final NodeId L = new NodeId(3);
    private static final Membership FOUNDED =
            new Membership(new TreeSet<>(List.of(A, B)), new TreeSet<>(), new TreeSet<>(List.of(L)));
    private static final long SECOND = 1_000_000_000L;

    private final KvStateMachine state = KvStateMachine.open(MemoryEngine.inMemory(), FOUNDED);
    private final RosterWatch rosters = new RosterWatch(state.roster(), roster -> {});
    private final MembershipKeeper keeper = new MembershipKeeper(rosters, 0);
    private final List<MembershipChange> begun = new ArrayList<>();
    private long lastIndex;
    private long nowNanos;

    private void apply(Entry.Kind kind, byte[] payload) {
        lastIndex++;
        state.apply(List.of(new Entry(new EntryId(1, lastIndex), kind, payload)));
        rosters.changed(state.roster());
    }

    private void apply(Command command) {
        apply(Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, lastIndex + 1), command));
    }

    private static NodeView view(boolean isLeader, Membership inForce, long membershipIndex, long commitIndex) {
        return new NodeView(
                A,
                isLeader ? TraceEvent.RoleName.LEADER : TraceEvent.RoleName.FOLLOWER,
                1,
                null,
                isLeader ? A : B,
                EntryId.ZERO,
                new EntryId(1, commitIndex),
                commitIndex,
                commitIndex,
                commitIndex,
                inForce,
                membershipIndex,
                0,
                null,
                List.of());
    }

    private List<MembershipChange> step(NodeView view, boolean hasAppliedOwnTerm) {
        begun.clear();
        nowNanos += SECOND;
        if (!keeper.isIdle(nowNanos)) {
            keeper.step(view, hasAppliedOwnTerm, nowNanos, (Input.ChangeMembership input) -> begun.add(input.change()));
        }
        return begun;
    }

    @Test
    void nothingIsBegunWhenNothingIsWanted() {
        assertThat(step(view(true, FOUNDED, 0, 9), true)).isEmpty();
    }

    @Test
    @DisplayName("docs/adr/0020: what is wanted is begun by whoever leads, and by nobody else")
    void onlyTheLeaderBegins() {
        apply(new Command.AddMember(4, List.of("http://d:1"), false, false, 1));
        assertThat(step(view(false, FOUNDED, 0, 9), true)).isEmpty();
        assertThat(step(view(true, FOUNDED, 0, 9), true))
                .containsExactly(MembershipChange.NONE.withVoter(new NodeId(4)));
    }

    @Test
    @DisplayName("pitfall 35: a leader that has not applied its own term does not know yet what is wanted")
    void aNewLeaderAppliesFirst() {
        apply(new Command.RemoveMember(B.value()));
        assertThat(step(view(true, FOUNDED, 0, 9), false)).isEmpty();
        assertThat(step(view(true, FOUNDED, 0, 9), true)).containsExactly(MembershipChange.NONE.without(B));
    }

    @Test
    @DisplayName("pitfall 35: one change at a time: not while one is not committed, joint, or not applied here")
    void oneChangeAtATime() {
        apply(new Command.RemoveMember(B.value()));
        Membership target = FOUNDED.after(MembershipChange.NONE.without(B));
        assertThat(step(view(true, FOUNDED.enter(target), 8, 7), true)).isEmpty();
        assertThat(step(view(true, FOUNDED.enter(target), 8, 9), true)).isEmpty();
        assertThat(step(view(true, target, 9, 9), true))
                .as("done, and not applied here")
                .isEmpty();
        apply(Entry.Kind.MEMBERSHIP, target.encode());
        assertThat(step(view(true, target, 9, 9), true)).isEmpty();
        assertThat(rosters.current().isSettled()).isTrue();
    }

    @Test
    @DisplayName("pitfall 38: a promotion that has to wait for its learner does not hold up the rest")
    void promotionsComeLast() {
        apply(new Command.PromoteMember(L.value()));
        apply(new Command.AddMember(4, List.of("http://d:1"), true, false, 2));
        apply(new Command.RemoveMember(B.value()));
        assertThat(step(view(true, FOUNDED, 0, 9), true))
                .containsExactly(
                        MembershipChange.NONE.withLearner(new NodeId(4)).without(B));
        Membership then =
                FOUNDED.after(MembershipChange.NONE.withLearner(new NodeId(4)).without(B));
        apply(Entry.Kind.MEMBERSHIP, then.encode());
        assertThat(step(view(true, then, 9, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
    }

    @Test
    @DisplayName("pitfall 38: a learner that is not ready does not hold up the promotion of another")
    void promotionsTakeTurns() {
        NodeId other = new NodeId(4);
        Membership twoLearners =
                new Membership(FOUNDED.voters(), FOUNDED.outgoingVoters(), new TreeSet<>(List.of(L, other)));
        apply(Entry.Kind.MEMBERSHIP, twoLearners.encode());
        apply(new Command.PromoteMember(L.value()));
        apply(new Command.PromoteMember(other.value()));
        assertThat(step(view(true, twoLearners, 1, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
        assertThat(step(view(true, twoLearners, 1, 9), true)).containsExactly(MembershipChange.NONE.withVoter(other));
        assertThat(step(view(true, twoLearners, 1, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
        Membership then = twoLearners.after(MembershipChange.NONE.withVoter(other));
        apply(Entry.Kind.MEMBERSHIP, then.encode());
        assertThat(step(view(true, then, 9, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
        assertThat(step(view(true, then, 9, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
    }

    @Test
    @DisplayName(
            "the last voter goes only after the learner that takes over from it was promoted, and nobody waits for that")
    void theLastVoterIsReplacedFirst() {
        NodeId comer = new NodeId(4);
        Membership alone = new Membership(new TreeSet<>(List.of(A)), new TreeSet<>(), new TreeSet<>(List.of(L)));
        apply(Entry.Kind.MEMBERSHIP, alone.encode());
        apply(new Command.PromoteMember(L.value()));
        apply(new Command.RemoveMember(A.value()));
        apply(new Command.AddMember(comer.value(), List.of("http://d:1"), true, false, 2));
        assertThat(step(view(true, alone, 1, 9), true)).containsExactly(MembershipChange.NONE.withLearner(comer));
        Membership withComer = alone.after(MembershipChange.NONE.withLearner(comer));
        apply(Entry.Kind.MEMBERSHIP, withComer.encode());
        assertThat(step(view(true, withComer, 5, 9), true)).containsExactly(MembershipChange.NONE.withVoter(L));
        Membership promoted = withComer.after(MembershipChange.NONE.withVoter(L));
        apply(Entry.Kind.MEMBERSHIP, promoted.encode());
        assertThat(step(view(true, promoted, 7, 9), true)).containsExactly(MembershipChange.NONE.without(A));
    }

    @Test
    @DisplayName(
            "who waits for a change of the roster is answered when it has come about, when its time is up, or at the end")
    void waitersAreAnsweredOnce() {
        List<Object> answers = new ArrayList<>();
        rosters.await(
                roster -> roster.isRemoved(B), SECOND, failure -> answers.add(failure == null ? "done" : failure));
        rosters.await(roster -> false, SECOND, failure -> answers.add(failure == null ? "done" : failure));
        rosters.await(roster -> false, 9 * SECOND, failure -> answers.add(failure == null ? "done" : failure));
        assertThat(answers).isEmpty();
        apply(new Command.RemoveMember(B.value()));
        assertThat(answers).containsExactly("done");
        rosters.expire(SECOND);
        assertThat(answers).containsExactly("done", NodeService.Failure.TIMEOUT);
        rosters.settle(NodeService.Failure.STOPPED);
        rosters.await(roster -> false, 9 * SECOND, failure -> answers.add(failure == null ? "done" : failure));
        assertThat(answers)
                .containsExactly(
                        "done", NodeService.Failure.TIMEOUT, NodeService.Failure.STOPPED, NodeService.Failure.STOPPED);
    }
}
