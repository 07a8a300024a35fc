package io.axolotl.jepsen.chaos.planted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.FakeNode;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each bug bends what it says, and the node behind it does not. */
class NodeBugsTest {
    private static final long LEASE = 7;
    private static final byte[] NOTHING = {};

    private final FakeNode honest = new FakeNode(1 << 20);

    @AfterEach
    void close() {
        honest.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static Command.Put put(String key, long lease) {
        return new Command.Put(bytes(key), bytes("x"), lease, false, false, false);
    }

    private static CommandResult propose(NodeService node, Caller caller, Command command) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(caller, command, answer::complete);
        return ((ProposalResult.Done) answer.join()).result();
    }

    private static CommandResult propose(NodeService node, Command command) {
        return propose(node, Caller.NOBODY, command);
    }

    private long versionOf(String key) {
        RangeAnswer.Found found = (RangeAnswer.Found) honest.store().range(RangeQuery.ofKey(bytes(key)));
        return found.kvs().isEmpty() ? 0 : found.kvs().get(0).version();
    }

    private static Optional<Failure> barrier(NodeService node) {
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        node.readBarrier(failure -> answer.complete(Optional.ofNullable(failure)));
        return answer.join();
    }

    @Test
    @DisplayName("stale-read: a read is served though nobody leads")
    void aReadAsksNobody() {
        honest.barrierFailure = Failure.NO_LEADER;
        assertThat(barrier(honest)).contains(Failure.NO_LEADER);
        assertThat(barrier(new NodeBugs.ReadsWithoutBarrier(honest))).isEmpty();
    }

    @Test
    @DisplayName("lost-sessions: the same call of a session is executed as often as it comes")
    void aRepeatIsExecutedAgain() {
        long session = 11;
        propose(honest, new Command.OpenSession(session, 10));
        Caller caller = Caller.NOBODY.making(new CallId(session, 0, 1));
        propose(honest, caller, put("honest", 0));
        propose(honest, caller, put("honest", 0));
        assertThat(versionOf("honest")).isEqualTo(1);
        NodeService bent = new NodeBugs.ForgetsSessions(honest);
        propose(bent, caller, put("bent", 0));
        propose(bent, caller, put("bent", 0));
        assertThat(versionOf("bent")).isEqualTo(2);
    }

    @Test
    @DisplayName("compares-ignored: a transaction succeeds whatever it has compared")
    void nothingIsCompared() {
        Command.Txn never = new Command.Txn(
                List.of(new Command.Compare(
                        bytes("k"), NOTHING, Command.Operator.EQUAL, Command.Target.VERSION, 9, NOTHING)),
                List.of(put("k", 0)),
                List.of());
        assertThat(((CommandResult.Txn) propose(honest, never)).succeeded()).isFalse();
        assertThat(((CommandResult.Txn) propose(NodeBugs.ChangesCommands.withoutCompares(honest), never)).succeeded())
                .isTrue();
    }

    @Test
    @DisplayName("key-outlives-lease: a key that was put on a lease is there when the lease is not")
    void aKeyHangsOnNothing() {
        propose(honest, new Command.GrantLease(LEASE, 60));
        propose(honest, put("honest", LEASE));
        propose(NodeBugs.ChangesCommands.withoutLeases(honest), put("bent", LEASE));
        propose(honest, new Command.RevokeLease(LEASE));
        assertThat(versionOf("honest")).isZero();
        assertThat(versionOf("bent")).isEqualTo(1);
    }

    @Test
    @DisplayName("compacts-too-far: more is gone than was asked for, and never what is yet to come")
    void aCompactionTakesMore() {
        for (int i = 0; i < 100; i++) {
            propose(honest, put("k", 0));
        }
        NodeService bent = NodeBugs.ChangesCommands.compactingTooFar(honest);
        propose(honest, new Command.Compact(10, false));
        assertThat(honest.store().compactRevision()).isEqualTo(10);
        propose(bent, new Command.Compact(20, false));
        assertThat(honest.store().compactRevision()).isEqualTo(80);
        propose(bent, new Command.Compact(90, false));
        assertThat(honest.store().compactRevision()).isEqualTo(honest.store().revision());
    }

    @Test
    @DisplayName("lease-ends-early: a renewal is confirmed, and the lease ends as if there had been none")
    void aRenewalGoesNoFurther() {
        propose(honest, new Command.GrantLease(LEASE, 10));
        honest.pass(Duration.ofSeconds(6));
        NodeService bent = new NodeBugs.KeepsRenewals(honest);
        assertThat(renew(bent)).isEqualTo(new LeaseAnswer.Alive(10, 10));
        honest.pass(Duration.ofSeconds(6));
        assertThat(renew(bent)).isEqualTo(new LeaseAnswer.Gone());
        propose(honest, new Command.GrantLease(LEASE, 10));
        honest.pass(Duration.ofSeconds(6));
        assertThat(renew(honest)).isEqualTo(new LeaseAnswer.Alive(10, 10));
        honest.pass(Duration.ofSeconds(6));
        assertThat(renew(honest)).isEqualTo(new LeaseAnswer.Alive(10, 10));
    }

    private static LeaseAnswer renew(NodeService node) {
        CompletableFuture<LeaseAnswer> answer = new CompletableFuture<>();
        node.askLease(new LeaseQuestion(LEASE, true), (failure, told) -> {
            if (told != null) {
                answer.complete(told);
            }
        });
        return answer.join();
    }

    @Test
    @DisplayName("refused-but-done: what takes long is refused, once, and is executed")
    void whatTakesLongIsRefused() {
        honest.holdsAnswers = true;
        List<ProposalResult> told = new ArrayList<>();
        CompletableFuture<ProposalResult> first = new CompletableFuture<>();
        new NodeBugs.RefusesWhatItDoes(honest).propose(Caller.NOBODY, put("k", 0), result -> {
            told.add(result);
            first.complete(result);
        });
        assertThat(first.join()).isEqualTo(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
        honest.releaseAnswer();
        assertThat(told).hasSize(1);
        assertThat(versionOf("k")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "members-acked-early: a change of members is acknowledged before anything has come of it, and other calls are not")
    void aChangeOfMembersIsNotWaitedFor() {
        NodeService bent = new NodeBugs.AcknowledgesMembersEarly(honest);
        honest.holdsAnswers = true;
        assertThat(told(bent, put("k", 0))).isNotDone();
        assertThat(told(honest, new Command.RemoveMember(99))).isNotDone();
        assertThat(told(bent, new Command.RemoveMember(99)))
                .isCompletedWithValue(new ProposalResult.Done(
                        new CommandResult.MemberRecorded(honest.store().revision())));
        assertThat(reached(honest)).contains(Failure.TIMEOUT);
        assertThat(reached(bent)).isEmpty();
    }

    private static CompletableFuture<ProposalResult> told(NodeService node, Command command) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(Caller.NOBODY, command, answer::complete);
        return answer;
    }

    private static Optional<Failure> reached(NodeService node) {
        CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
        node.awaitRoster(roster -> false, 0, failure -> answer.complete(Optional.ofNullable(failure)));
        return answer.join();
    }

    @Test
    @DisplayName("lock-held-twice: whoever enters a lock that is held finds nobody before it")
    void nobodyIsSeen() {
        propose(honest, new Command.GrantLease(LEASE, 60));
        propose(honest, put("lock/1", LEASE));
        Command.Txn entrance = new Command.Txn(
                List.of(),
                List.of(new Command.Range(RangeQuery.ofRange(bytes("lock/"), bytes("lock0"))), put("lock/2", LEASE)),
                List.of());
        assertThat(firstFound(propose(honest, entrance))).isEqualTo(1);
        assertThat(firstFound(propose(new NodeBugs.SeesNoHolder(honest), entrance)))
                .isZero();
        Command.Txn other =
                new Command.Txn(List.of(), List.of(entrance.success().get(0), put("k", 0)), List.of());
        assertThat(firstFound(propose(new NodeBugs.SeesNoHolder(honest), other)))
                .isEqualTo(2);
    }

    /** How many keys the first operation of a transaction has found: before it wrote one itself. */
    private static int firstFound(CommandResult result) {
        return ((CommandResult.Range) ((CommandResult.Txn) result).responses().get(0))
                .answer()
                .kvs()
                .size();
    }
}
