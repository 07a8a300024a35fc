package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every way that a proposal can end, and that done, refused and unknown are never confused. */
class ProposalRegistryTest {
    private static final NodeId SELF = new NodeId(1);
    private static final NodeId OTHER = new NodeId(2);
    private static final long SECOND = 1_000_000_000L;
    private static final long TIMEOUT = 7 * SECOND;
    private static final CommandResult RESULT = new CommandResult.Put(9, null);

    private final FakeTransport transport = new FakeTransport();
    private final BatchQueue<Arrival> queue = new BatchQueue<>(64, 1 << 20);
    private final TimeoutCause cause =
            new TimeoutCause(SELF, Membership.ofVoters(Set.of(SELF, OTHER, new NodeId(3))), transport, SECOND);

    /** The origin of the clock is nobody's business, and may lie in the future. */
    private final long start = -1_000 * SECOND;

    private long lag;
    private boolean isDiskFull;
    private final ProposalRegistry registry = new ProposalRegistry(
            SELF,
            1L << 40,
            new ProposalRegistry.Limits(8, 4_000, 100, 2_000, TIMEOUT),
            queue,
            transport,
            cause,
            () -> lag,
            payload -> isDiskFull,
            () -> start,
            new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));

    /** What the core was asked to append since it was last asked for. */
    private final List<Long> stepped = new ArrayList<>();

    private final List<ProposalResult> results = new ArrayList<>();

    private void propose() {
        propose(10);
    }

    private void propose(int valueBytes) {
        registry.propose(
                Caller.NOBODY,
                new Command.Put(new byte[] {1}, new byte[valueBytes], 0, false, false, false),
                results::add);
    }

    /** One turn of the driver's loop, in which the core answers every proposal with {@code outcome}. */
    private List<Long> turn(long now, long term, LongFunction<ProposalOutcome> outcome) {
        List<Arrival> arrivals = new ArrayList<>();
        queue.drainTo(arrivals);
        arrivals.forEach(arrival -> registry.arrived((Proposal) arrival));
        stepped.clear();
        registry.step(now, (id, payload) -> stepped.add(id));
        registry.outcomes(stepped.stream().map(outcome::apply).toList(), term);
        return List.copyOf(stepped);
    }

    private static LongFunction<ProposalOutcome> appendedAt(long term, long index) {
        return id -> new ProposalOutcome.Appended(id, new EntryId(term, index));
    }

    private static LongFunction<ProposalOutcome> ledBy(NodeId leader) {
        return id -> new ProposalOutcome.NotLeader(id, leader);
    }

    private static ProposalOutcome nobodyLeads(long id) {
        return new ProposalOutcome.NotLeader(id, null);
    }

    @Test
    void appendedAndAppliedIsDone() {
        propose();
        long number = turn(start, 3, appendedAt(3, 10)).get(0);
        registry.applied(new RequestId(SELF.value(), number), RESULT);
        assertThat(results).containsExactly(new ProposalResult.Done(RESULT));
        assertThat(registry.pending()).isZero();
        assertThat(registry.pendingBytes()).isZero();
    }

    @Test
    @DisplayName("pitfall 62: much that was held back is forwarded in pieces, each of which a peer can take")
    void forwardsAreSplitByBytes() {
        BatchQueue<Arrival> arrived = new BatchQueue<>(128, 256 << 20);
        ProposalRegistry large = new ProposalRegistry(
                SELF,
                1L << 40,
                new ProposalRegistry.Limits(128, 256 << 20, 100, 2 << 20, TIMEOUT),
                arrived,
                transport,
                cause,
                () -> lag,
                payload -> isDiskFull,
                () -> start,
                new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));
        transport.connectedSince.put(OTHER, 1L);
        List<ProposalOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            byte[] value = new byte[i % 2 == 0 ? 1_450_000 : 100];
            large.propose(Caller.NOBODY, new Command.Put(new byte[] {1}, value, 0, false, false, false), results::add);
        }
        List<Arrival> proposals = new ArrayList<>();
        arrived.drainTo(proposals);
        proposals.forEach(proposal -> large.arrived((Proposal) proposal));
        large.step(start, (id, payload) -> outcomes.add(new ProposalOutcome.NotLeader(id, OTHER)));
        large.outcomes(outcomes, 3);
        assertThat(transport.forwards).hasSizeGreaterThan(1);
        assertThat(transport.forwards).allMatch(forward -> forward.sizeBytes() < 2 << 20);
    }

    @Test
    void anEntryOfAnotherMemberAnswersNobody() {
        propose();
        long number = turn(start, 3, appendedAt(3, 10)).get(0);
        registry.applied(new RequestId(OTHER.value(), number), RESULT);
        assertThat(results).isEmpty();
    }

    @Test
    @DisplayName("an appended proposal that is overwritten by a later term is proposed again, and ends as done")
    void overwrittenProposalIsProposedAgain() {
        propose();
        long number = turn(start, 3, appendedAt(3, 10)).get(0);
        registry.appliedFirstOf(4);
        assertThat(results).isEmpty();
        assertThat(turn(start + SECOND, 4, appendedAt(4, 11))).containsExactly(number);
        registry.applied(new RequestId(SELF.value(), number), RESULT);
        assertThat(results).containsExactly(new ProposalResult.Done(RESULT));
    }

    @Test
    @DisplayName("an entry of the same term proves nothing: the proposal may still be committed")
    void sameTermProvesNothing() {
        propose();
        turn(start, 3, appendedAt(3, 10));
        registry.appliedFirstOf(3);
        assertThat(turn(start + SECOND, 3, appendedAt(3, 11))).isEmpty();
    }

    @Test
    void appendedButNeverCommittedIsUnknown() {
        transport.connectedSince.put(OTHER, start - SECOND);
        cause.leaderIs(SELF, start - 100 * SECOND);
        propose();
        turn(start, 3, appendedAt(3, 10));
        turn(start + TIMEOUT + SECOND, 3, appendedAt(3, 11));
        assertThat(results).containsExactly(new ProposalResult.Unknown(Failure.TIMEOUT));
    }

    @Test
    @DisplayName("C.1: cut off from a majority, the time-out says so")
    void timeoutNamesALostConnection() {
        cause.leaderIs(SELF, start - 100 * SECOND);
        propose();
        turn(start, 3, appendedAt(3, 10));
        turn(start + TIMEOUT + SECOND, 3, appendedAt(3, 11));
        assertThat(results).containsExactly(new ProposalResult.Unknown(Failure.TIMEOUT_CONNECTION_LOST));
    }

    @Test
    @DisplayName("C.1: proposed just before an election, the time-out says so")
    void timeoutNamesAFailedLeader() {
        transport.connectedSince.put(OTHER, start - SECOND);
        propose();
        turn(start, 3, ledBy(OTHER));
        cause.leaderIs(OTHER, start + SECOND);
        turn(start + TIMEOUT + SECOND, 3, ledBy(OTHER));
        assertThat(results).containsExactly(new ProposalResult.Unknown(Failure.TIMEOUT_LEADER_FAILED));
    }

    @Test
    @DisplayName("C.1: without any leader nothing was ever sent: refused as timed out, not unknown")
    void neverSentIsRefused() {
        propose();
        turn(start, 3, ProposalRegistryTest::nobodyLeads);
        assertThat(turn(start + SECOND, 3, ProposalRegistryTest::nobodyLeads))
                .as("tried again")
                .hasSize(1);
        turn(start + TIMEOUT + SECOND, 3, ProposalRegistryTest::nobodyLeads);
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TIMEOUT));
    }

    @Test
    void aLeaderThatAppearsGetsWhatWasHeld() {
        propose();
        long number = turn(start, 3, ProposalRegistryTest::nobodyLeads).get(0);
        transport.connectedSince.put(OTHER, start);
        registry.leaderKnown(start + 1);
        assertThat(turn(start + 1, 4, ledBy(OTHER))).containsExactly(number);
        assertThat(transport.forwards).singleElement().satisfies(forward -> {
            assertThat(forward.term()).isEqualTo(4);
            assertThat(forward.numbers()).containsExactly(number);
            assertThat(CommandCodec.requestId(forward.payloads()[0])).isEqualTo(new RequestId(SELF.value(), number));
        });
    }

    @Test
    void whatTheTransportDidNotTakeIsStillHere() {
        propose();
        turn(start, 3, ledBy(OTHER));
        assertThat(transport.forwards).isEmpty();
        cause.leaderIs(OTHER, start - 100 * SECOND);
        turn(start + TIMEOUT + SECOND, 3, ledBy(OTHER));
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TIMEOUT_CONNECTION_LOST));
    }

    @Test
    void forwardedAndSilentIsUnknown() {
        transport.connectedSince.put(OTHER, start - SECOND);
        cause.leaderIs(OTHER, start - 100 * SECOND);
        propose();
        turn(start, 3, ledBy(OTHER));
        transport.connectedSince.clear();
        assertThat(turn(start + 2 * SECOND, 3, ledBy(OTHER)))
                .as("not sent twice")
                .isEmpty();
        turn(start + TIMEOUT + SECOND, 3, ledBy(OTHER));
        assertThat(results).containsExactly(new ProposalResult.Unknown(Failure.TIMEOUT_CONNECTION_LOST));
    }

    @Test
    void whatALeaderRefusedIsForwardedAgain() {
        transport.connectedSince.put(OTHER, start - SECOND);
        propose();
        long number = turn(start, 3, ledBy(OTHER)).get(0);
        registry.forwardRefused(OTHER, new ForwardRefused(3, new long[] {number}, ForwardRefused.Why.NOT_LEADER));
        assertThat(turn(start + SECOND, 4, ledBy(OTHER))).containsExactly(number);
        assertThat(transport.forwards).extracting(Forward::term).containsExactly(3L, 4L);
    }

    @Test
    @DisplayName("a refusal that arrives late, of an earlier forward, says nothing of the later one")
    void lateRefusalIsIgnored() {
        transport.connectedSince.put(OTHER, start - SECOND);
        propose();
        long number = turn(start, 3, ledBy(OTHER)).get(0);
        registry.appliedFirstOf(4);
        assertThat(turn(start + SECOND, 5, ledBy(OTHER))).containsExactly(number);
        registry.forwardRefused(OTHER, new ForwardRefused(3, new long[] {number}, ForwardRefused.Why.NOT_LEADER));
        assertThat(turn(start + 2 * SECOND, 5, ledBy(OTHER))).isEmpty();
        turn(start + TIMEOUT + SECOND, 5, ledBy(OTHER));
        assertThat(results).singleElement().isInstanceOf(ProposalResult.Unknown.class);
    }

    @Test
    void aBusyLeaderRefusesForGood() {
        transport.connectedSince.put(OTHER, start - SECOND);
        propose();
        long number = turn(start, 3, ledBy(OTHER)).get(0);
        registry.forwardRefused(OTHER, new ForwardRefused(3, new long[] {number}, ForwardRefused.Why.BUSY));
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
    }

    @Test
    @DisplayName("pitfall 58: a leader without room refuses what members forward, and they tell their callers why")
    void aLeaderWithoutRoomRefusesForwards() {
        isDiskFull = true;
        registry.forwarded(OTHER, new Forward(3, new long[] {7, 8}, new byte[][] {{1}, {2}}), 3, (number, payload) -> {
            throw new AssertionError("nothing is to be appended");
        });
        ForwardRefused refused = transport.refusals.get(0);
        assertThat(refused.numbers()).containsExactly(7, 8);
        assertThat(refused.why()).isEqualTo(ForwardRefused.Why.DISK_FULL);

        transport.connectedSince.put(OTHER, start - SECOND);
        propose();
        long number = turn(start, 3, ledBy(OTHER)).get(0);
        registry.forwardRefused(OTHER, new ForwardRefused(3, new long[] {number}, ForwardRefused.Why.DISK_FULL));
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.DISK_FULL));
    }

    @Test
    @DisplayName("pitfall 62: a leader with too many uncommitted bytes refuses, one that hands over makes wait")
    void busyOutcomes() {
        propose();
        turn(start, 3, id -> new ProposalOutcome.Busy(id, ProposalOutcome.Reason.TOO_MANY_UNCOMMITTED_BYTES));
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
        propose();
        turn(start, 3, id -> new ProposalOutcome.Busy(id, ProposalOutcome.Reason.TRANSFERRING_LEADERSHIP));
        assertThat(results).hasSize(1);
        assertThat(turn(start + SECOND, 3, appendedAt(3, 10))).hasSize(1);
    }

    @Test
    @DisplayName("a snapshot hides what it contains: what was out may have been applied")
    void snapshotMakesUnknown() {
        transport.connectedSince.put(OTHER, start - SECOND);
        cause.leaderIs(OTHER, start - 100 * SECOND);
        propose();
        turn(start, 3, ledBy(OTHER));
        registry.snapshotInstalled();
        registry.appliedFirstOf(9);
        assertThat(turn(start + SECOND, 9, ledBy(OTHER)))
                .as("not proposed again")
                .isEmpty();
        turn(start + TIMEOUT + SECOND, 9, ledBy(OTHER));
        assertThat(results).containsExactly(new ProposalResult.Unknown(Failure.TIMEOUT));
    }

    /** A caller of whom the test says when it has gone. */
    private final class Leaving implements NodeService.ProposalCallback {
        private boolean hasLeft;

        @Override
        public void on(ProposalResult result) {
            results.add(result);
        }

        @Override
        public boolean isAbandoned() {
            return hasLeft;
        }
    }

    private Leaving proposeAndLeaveLater() {
        Leaving caller = new Leaving();
        registry.propose(Caller.NOBODY, new Command.Put(new byte[] {1}, new byte[10], 0, false, false, false), caller);
        return caller;
    }

    @Test
    @DisplayName("a caller whose time was over before the driver looked costs no entry: refused, and never proposed")
    void whatNobodyWaitsForIsNotProposed() {
        proposeAndLeaveLater().hasLeft = true;
        assertThat(turn(start, 3, appendedAt(3, 10))).isEmpty();
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TIMEOUT));
        assertThat(registry.pendingBytes()).isZero();
    }

    @Test
    @DisplayName("a caller who left while there was no leader is not proposed for when there is one")
    void whatWaitedForALeaderInVainIsNotProposed() {
        Leaving caller = proposeAndLeaveLater();
        turn(start, 3, ProposalRegistryTest::nobodyLeads);
        caller.hasLeft = true;
        assertThat(turn(start + SECOND, 3, appendedAt(3, 10))).isEmpty();
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TIMEOUT));
    }

    @Test
    @DisplayName(
            "once a proposal may be in a log, its caller's leaving changes nothing: only the log knows the outcome")
    void whatMayHaveBeenProposedGoesOnWithoutItsCaller() {
        Leaving caller = proposeAndLeaveLater();
        long number = turn(start, 3, appendedAt(3, 10)).get(0);
        caller.hasLeft = true;
        assertThat(turn(start + SECOND, 3, appendedAt(3, 11))).isEmpty();
        assertThat(results).isEmpty();
        registry.applied(new RequestId(SELF.value(), number), RESULT);
        assertThat(results).containsExactly(new ProposalResult.Done(RESULT));
    }

    @Test
    @DisplayName("pitfall 62: proposals leave half of the driver's queue to what peers send")
    void proposalsLeaveHalfOfTheQueueToThePeers() {
        queue.add(new Arrival.SnapshotWanted(), ProposalRegistry.MAX_QUEUED_BYTES + 1);
        propose();
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
        assertThat(registry.pending()).isZero();
    }

    @Test
    @DisplayName("pitfall 62: count, bytes, size and apply lag are bounded, and refused at once")
    void boundsRefuseAtOnce() {
        propose(3_000);
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_LARGE));
        results.clear();
        propose(1_500);
        propose(1_500);
        propose(1_500);
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
        results.clear();
        lag = 101;
        propose();
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
    }

    @Test
    @DisplayName("pitfall 62: the number of unanswered proposals is bounded; answered ones make room")
    void countIsBounded() {
        for (int i = 0; i < 9; i++) {
            propose();
        }
        assertThat(results).containsExactly(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
        results.clear();
        long number = turn(start, 3, appendedAt(3, 10)).get(4);
        registry.applied(new RequestId(SELF.value(), number), RESULT);
        propose();
        assertThat(results)
                .as("slots of those that still wait are passed over")
                .containsExactly(new ProposalResult.Done(RESULT));
        assertThat(registry.pending()).isEqualTo(8);
    }

    @Test
    void stoppingTellsUnknownFromRefused() {
        propose();
        turn(start, 3, appendedAt(3, 10));
        propose();
        turn(start, 3, ProposalRegistryTest::nobodyLeads);
        propose();
        registry.close();
        propose();
        assertThat(results).as("closed").containsExactly(new ProposalResult.Refused(Failure.STOPPED));
        results.clear();
        registry.settle();
        assertThat(results)
                .containsExactly(
                        new ProposalResult.Unknown(Failure.STOPPED),
                        new ProposalResult.Refused(Failure.STOPPED),
                        new ProposalResult.Refused(Failure.STOPPED));
    }

    @Test
    @DisplayName("a forward is stepped in its own term only; any other is refused with its numbers")
    void forwardsOfAnotherTermAreRefused() {
        Forward forward = new Forward(3, new long[] {5, 6}, new byte[][] {{1}, {2}});
        registry.forwarded(OTHER, forward, 4, (id, payload) -> stepped.add(id));
        assertThat(stepped).isEmpty();
        assertThat(transport.refusals).singleElement().satisfies(refused -> {
            assertThat(refused.term()).isEqualTo(3);
            assertThat(refused.numbers()).containsExactly(5, 6);
            assertThat(refused.why()).isEqualTo(ForwardRefused.Why.NOT_LEADER);
        });
    }

    @Test
    void whatTheLeaderDoesNotAppendOfAForwardIsReportedBack() {
        Forward forward = new Forward(3, new long[] {5, 6, 7}, new byte[][] {{1}, {2}, {3}});
        registry.forwarded(OTHER, forward, 3, (id, payload) -> stepped.add(id));
        registry.outcomes(
                List.of(
                        new ProposalOutcome.Appended(5, new EntryId(3, 1)),
                        new ProposalOutcome.Busy(6, ProposalOutcome.Reason.TOO_MANY_UNCOMMITTED_BYTES),
                        new ProposalOutcome.NotLeader(7, null)),
                3);
        assertThat(transport.refusals).hasSize(2);
        assertThat(transport.refusals.get(0).numbers()).containsExactly(6);
        assertThat(transport.refusals.get(0).why()).isEqualTo(ForwardRefused.Why.BUSY);
        assertThat(transport.refusals.get(1).numbers()).containsExactly(7);
        assertThat(transport.refusals.get(1).why()).isEqualTo(ForwardRefused.Why.NOT_LEADER);
    }
}
