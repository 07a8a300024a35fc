package io.axolotl.raft.testing;

import static io.axolotl.raft.testing.ScenarioCluster.entries;
import static io.axolotl.raft.testing.ScenarioCluster.id;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.HardState;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A checker that never saw a broken promise proves nothing: here it sees each of them. */
class SafetyCheckerTest {
    private static final NodeId A = id("A");
    private static final NodeId B = id("B");

    private final SafetyChecker checker = new SafetyChecker();

    @BeforeEach
    void startTwo() {
        checker.started(A, EntryId.ZERO, entries("1.1 1.2"));
        checker.started(B, EntryId.ZERO, entries("1.1"));
    }

    private static void broken(String property, ThrowingCallable deed) {
        assertThatThrownBy(deed).isInstanceOf(AssertionError.class).hasMessageContaining(property);
    }

    private static NodeView view(NodeId node, TraceEvent.RoleName role, long term, long commitIndex) {
        return new NodeView(
                node,
                role,
                term,
                null,
                null,
                EntryId.ZERO,
                EntryId.ZERO,
                0,
                commitIndex,
                0,
                ScenarioCluster.voters("A", "B"),
                0,
                0,
                null,
                List.of());
    }

    @Test
    @DisplayName("I1: two leaders in one term")
    void seesTwoLeadersInOneTerm() {
        checker.observed(view(A, TraceEvent.RoleName.LEADER, 3, 0));
        broken("Election Safety", () -> checker.observed(view(B, TraceEvent.RoleName.LEADER, 3, 0)));
    }

    @Test
    @DisplayName("I1: two votes of one node in one term, over a restart")
    void seesTwoVotesInOneTerm() {
        Message granted = new Message.RequestVoteResponse(2, true);
        checker.sent(A, B, granted, new HardState(2, B, 0), 2);
        checker.started(A, EntryId.ZERO, entries("1.1"));
        broken("vote of term 2", () -> checker.sent(A, id("C"), granted, new HardState(2, id("C"), 0), 1));
    }

    @Test
    @DisplayName("pitfall 1: a vote that leaves before it is on disk")
    void seesVoteBeforeItsSync() {
        broken("pitfall 1", () -> checker.sent(A, B, new Message.RequestVoteResponse(2, true), HardState.INITIAL, 2));
        broken(
                "pitfall 1",
                () -> checker.sent(
                        A, B, new Message.RequestVote(2, EntryId.ZERO, false), new HardState(2, null, 0), 2));
    }

    @Test
    @DisplayName("pitfall 9: an acknowledgement that leaves before the entries are on disk")
    void seesAcknowledgementBeforeItsSync() {
        broken(
                "pitfall 9",
                () -> checker.sent(
                        A,
                        B,
                        new Message.AppendEntriesResponse(1, true, 3, EntryId.ZERO, 0, 0),
                        new HardState(1, null, 0),
                        2));
    }

    @Test
    @DisplayName("I2: one id for two entries, or behind two predecessors")
    void seesLogsThatDoNotMatch() {
        Entry other = new Entry(new EntryId(1, 2), Entry.Kind.COMMAND, new byte[] {9});
        broken("Log Matching", () -> checker.appended(B, List.of(other)));
        checker.appended(A, entries("2.3"));
        checker.started(B, EntryId.ZERO, entries("1.1"));
        checker.appended(B, entries("2.2"));
        broken("Log Matching", () -> checker.appended(B, entries("2.3")));
    }

    @Test
    void seesGaps() {
        broken("gap", () -> checker.appended(B, entries("1.3")));
    }

    @Test
    @DisplayName("I4: a leader that lacks what was committed")
    void seesIncompleteLeaders() {
        checker.committed(A, 1, 0, 2);
        broken("Leader Completeness", () -> checker.observed(view(B, TraceEvent.RoleName.LEADER, 2, 0)));
    }

    @Test
    @DisplayName("I3: two entries committed or applied at one index")
    void seesStateMachinesDiverge() {
        checker.appended(B, entries("2.2"));
        checker.committed(A, 1, 0, 2);
        broken("committed, elsewhere", () -> checker.committed(B, 2, 0, 2));
        checker.applied(A, entries("1.2").get(0));
        broken("State Machine Safety", () -> checker.applied(B, entries("2.2").get(0)));
    }

    @Test
    void seesUncommittedEntriesApplied() {
        broken("nobody has committed", () -> checker.applied(A, entries("1.1").get(0)));
    }

    @Test
    @DisplayName("I6: a term or a commit index that goes back")
    void seesThingsGoBack() {
        checker.observed(view(A, TraceEvent.RoleName.FOLLOWER, 3, 2));
        broken("term", () -> checker.observed(view(A, TraceEvent.RoleName.FOLLOWER, 2, 2)));
        checker.observed(view(B, TraceEvent.RoleName.FOLLOWER, 3, 2));
        broken("commit index", () -> checker.observed(view(B, TraceEvent.RoleName.FOLLOWER, 3, 1)));
    }

    @Test
    @DisplayName("I5: a read that misses what was committed before it was asked")
    void seesStaleReads() {
        checker.committed(A, 1, 0, 2);
        checker.readAsked(B, 7);
        broken("stale read", () -> checker.readConfirmed(B, 7, 1));
        broken("unasked", () -> checker.readConfirmed(B, 8, 5));
    }

    @Test
    @DisplayName("I4: a snapshot of something that was never committed")
    void seesInventedSnapshots() {
        checker.committed(A, 1, 0, 2);
        broken("snapshot", () -> checker.installed(B, new EntryId(2, 2)));
    }

    @Test
    @DisplayName("I16: voters that change without a joint membership between")
    void seesMembershipsThatSkipTheJointOne() {
        checker.formed(ScenarioCluster.voters("A", "B"));
        Entry skipping = new Entry(
                new EntryId(1, 3),
                Entry.Kind.MEMBERSHIP,
                ScenarioCluster.voters("A", "B", "C", "D").encode());
        checker.appended(A, List.of(skipping));
        checker.committed(A, 1, 0, 3);
        broken("I16", () -> checker.applied(A, skipping));
    }
}
