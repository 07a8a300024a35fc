package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.OpenSessionResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two members with sessions, and a client that knows both. What the members make of numbers is tested with them. */
@Timeout(60)
@DisplayName("pitfalls 51, 52: a write that is numbered is sent until its outcome is known")
final class ExactlyOnceTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final MetricRegistry metrics = new MetricRegistry();
    private final AxolotlClient client = client(ExactlyOnce.WHEN_OFFERED, Duration.ofSeconds(30));

    private AxolotlClient client(ExactlyOnce choice, Duration budget) {
        return AxolotlClient.builder()
                .endpoints(first.endpoint(), second.endpoint())
                .requestTimeout(budget)
                .exactlyOnce(choice)
                .metrics(metrics)
                .build();
    }

    @BeforeEach
    void firstLeads() {
        first.offerSessions(0xa0, 64);
        second.offerSessions(0xb0, 64);
        second.leaderId = 1;
        assertThat(client.maintenance().leader().await().orElseThrow().memberId())
                .isEqualTo(1);
    }

    @AfterEach
    void stop() {
        client.close();
        first.close();
        second.close();
    }

    private static <Q, A> FakeEtcd.Answer<Q, A> fails(Status.Code code, String text) {
        return FakeEtcd.fail(code, text);
    }

    private List<String> marks() {
        List<String> marks = new ArrayList<>(first.marks);
        marks.addAll(second.marks);
        return marks;
    }

    @Test
    void everyAttemptShowsTheSameNumber() {
        first.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        second.onPut = FakeEtcd.inTurn(fails(Status.Code.INTERNAL, "the stream was reset"), second.onPut);
        first.onPut = FakeEtcd.inTurn(first.onPut, fails(Status.Code.CANCELLED, "who knows"), second.onPut);
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(marks()).hasSizeGreaterThan(1);
        assertThat(new HashSet<>(marks())).hasSize(1);
        assertThat(client.kv().delete("k").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(new HashSet<>(marks()))
                .as("another write has another number")
                .hasSize(2);
        assertThat(client.kv().txn().then(Op.put("a", "b")).commit().awaitOutcome())
                .isInstanceOf(Outcome.Done.class);
        assertThat(new HashSet<>(marks())).hasSize(3);
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isEqualTo(1);
        assertThat(metrics.counter("axolotl.client.outcomes.unknown").getCount())
                .isZero();
    }

    @Test
    void readsAndCompactionsAreNotNumbered() {
        client.kv().get("k").await();
        client.kv().txn().then(Op.get("k")).commit().await();
        client.kv().compact(3).await();
        assertThat(marks()).isEmpty();
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isZero();
    }

    @Test
    void aConnectionCutAfterThePutArrivedIsNoLongerUnknown() {
        try (CuttableLink link = new CuttableLink(first.port());
                AxolotlClient throughLink = AxolotlClient.builder()
                        .endpoints(link.endpoint(), second.endpoint())
                        .requestTimeout(Duration.ofSeconds(30))
                        .build()) {
            assertThat(throughLink.maintenance().leader().await().orElseThrow().memberId())
                    .isEqualTo(1);
            FakeEtcd.Answer<PutRequest, PutResponse> done = first.onPut;
            first.onPut = FakeEtcd.inTurn((request, observer) -> link.cut(), done);
            assertThat(throughLink.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
            assertThat(marks()).hasSize(2);
            assertThat(new HashSet<>(marks())).hasSize(1);
        }
    }

    @Test
    void aSilentMemberGetsAPartOfTheTimeAndTheOthersTheRest() {
        try (AxolotlClient hasty = client(ExactlyOnce.WHEN_OFFERED, Duration.ofSeconds(2))) {
            assertThat(hasty.maintenance().leader().await()).isPresent();
            first.onPut = FakeEtcd.never();
            assertThat(hasty.kv().put("k", "v").await().header().memberId()).isEqualTo(2);
        }
    }

    @Test
    void whenNobodyAnswersInTimeItIsUnknown() {
        try (AxolotlClient hasty = client(ExactlyOnce.WHEN_OFFERED, Duration.ofMillis(700))) {
            first.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
            second.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
            assertThat(hasty.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        }
    }

    @Test
    @DisplayName("a refusal after an attempt that may have been applied proves nothing, unless the session says so")
    void aRefusalOfARepeatIsUnknownUnlessItIsSettled() {
        FakeEtcd.Answer<PutRequest, PutResponse> lost = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        FakeEtcd.Answer<PutRequest, PutResponse> denied =
                fails(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
        first.onPut = FakeEtcd.inTurn(lost, denied);
        second.onPut = denied;
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);

        firstLeads();
        FakeEtcd.Answer<PutRequest, PutResponse> settled =
                FakeEtcd.fail(Status.Code.NOT_FOUND, "etcdserver: requested lease not found", "settled");
        first.onPut = FakeEtcd.inTurn(lost, settled);
        second.onPut = settled;
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOf(RefusedException.class)
                .hasMessage("etcdserver: requested lease not found");
    }

    @Test
    void aSessionThatIsGoneIsReplacedBeforeTheWriteWasSentTwice() {
        FakeEtcd.Answer<PutRequest, PutResponse> done = first.onPut;
        first.onPut = FakeEtcd.inTurn(
                FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "etcdserver: the session has ended", "no-session"),
                done);
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isEqualTo(2);
        assertThat(new HashSet<>(marks())).hasSize(2);
    }

    @Test
    @DisplayName("pitfall 51: a session that is gone answers nothing of what may have happened in it")
    void aSessionThatIsGoneAfterADoubtfulAttemptIsUnknown() {
        FakeEtcd.Answer<PutRequest, PutResponse> gone =
                FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "etcdserver: the session has ended", "no-session");
        first.onPut = FakeEtcd.inTurn(fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out"), gone);
        second.onPut = gone;
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(new HashSet<>(marks())).hasSize(1);
    }

    @Test
    void anAnswerThatIsGoneTellsTheRevision() {
        FakeEtcd.Answer<PutRequest, PutResponse> applied =
                FakeEtcd.fail(Status.Code.UNKNOWN, "etcdserver: the call was applied before", "applied 300");
        first.onPut = FakeEtcd.inTurn(fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out"), applied);
        second.onPut = applied;
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(
                        AnswerLostException.class,
                        lost -> assertThat(lost.revision()).isEqualTo(300));
    }

    @Test
    void aFullTableIsNoReasonNotToWriteUnlessNumbersAreRequired() {
        FakeEtcd.Answer<PutRequest, PutResponse> done = first.onPut;
        FakeEtcd.Answer<PutRequest, PutResponse> full = FakeEtcd.fail(
                Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many sessions, and all have been used lately", "full");
        first.onPut = FakeEtcd.inTurn(full, done);
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(first.puts).hasSize(2);
        assertThat(first.marks).hasSize(1);
        assertThat(metrics.counter("axolotl.client.writes.unnumbered").getCount())
                .isEqualTo(1);
        try (AxolotlClient strict = client(ExactlyOnce.REQUIRED, Duration.ofSeconds(30))) {
            first.onPut = full;
            second.onPut = full;
            assertThat(strict.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Refused.class);
        }
    }

    @Test
    void etcdIsAskedOnceAndItsWritesAreSentOnce() {
        first.onOpenSession = FakeEtcd.fail(Status.Code.UNIMPLEMENTED, "unknown service axolotl.v1.Sessions");
        second.onOpenSession = first.onOpenSession;
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        first.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(marks()).isEmpty();
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isEqualTo(1);
        assertThat(metrics.counter("axolotl.client.writes.unnumbered").getCount())
                .isEqualTo(2);
        try (AxolotlClient strict = client(ExactlyOnce.REQUIRED, Duration.ofSeconds(30))) {
            assertThatThrownBy(() -> strict.kv().put("k", "v").await())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("put was not sent")
                    .hasMessageContaining("ClientOptions.exactlyOnce");
        }
    }

    @Test
    @DisplayName("who is not told whether its session was opened asks for the same one, and leaves none behind")
    void aSessionIsAskedForUnderOneIdUntilItIsThere() {
        List<Long> ids = new CopyOnWriteArrayList<>();
        FakeEtcd.Answer<OpenSessionRequest, OpenSessionResponse> lost =
                fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        FakeEtcd.Answer<OpenSessionRequest, OpenSessionResponse> opens = first.onOpenSession;
        first.onOpenSession = second.onOpenSession = (request, observer) -> {
            ids.add(request.getId());
            lost.accept(request, observer);
        };
        try (AxolotlClient hasty = client(ExactlyOnce.REQUIRED, Duration.ofMillis(400))) {
            assertThat(hasty.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Refused.class);
            assertThat(hasty.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Refused.class);
            first.onOpenSession = second.onOpenSession = (request, observer) -> {
                ids.add(request.getId());
                opens.accept(request, observer);
            };
            Outcome<PutResult> outcome;
            do {
                // The last opening may still be under way, and to be refused.
                outcome = hasty.kv().put("k", "v").awaitOutcome();
            } while (!(outcome instanceof Outcome.Done));
        }
        assertThat(ids).hasSizeGreaterThan(2).doesNotContain(0L);
        assertThat(new HashSet<>(ids)).hasSize(1);
    }

    @Test
    void switchedOffItAsksForNothing() {
        try (AxolotlClient plain = client(ExactlyOnce.OFF, Duration.ofSeconds(30))) {
            assertThat(plain.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        }
        assertThat(marks()).isEmpty();
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isZero();
    }

    @Test
    void closingTheClientLeavesWhatMayHaveBeenAppliedUnknown() {
        CountDownLatch arrived = new CountDownLatch(1);
        first.onPut = (request, observer) -> {
            observer.onError(Status.UNAVAILABLE
                    .withDescription("etcdserver: request timed out")
                    .asRuntimeException());
            arrived.countDown();
        };
        second.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        Pending<PutResult> put = client.kv().put("k", "v");
        assertThat(await(arrived)).isTrue();
        client.close();
        assertThat(put.awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOf(ClientClosedException.class)
                .hasMessageContaining("put was not sent");
    }

    @Test
    void aWriteThatNobodyCouldBeFoundForSaysWhichOne() {
        try (AxolotlClient alone = client(ExactlyOnce.WHEN_OFFERED, Duration.ofMillis(500))) {
            first.close();
            second.close();
            assertThatThrownBy(() -> alone.kv().put("k", "v").await())
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageStartingWith("put was not sent; no endpoint could be reached in ");
        }
    }

    @Test
    void aCancelledWriteGivesItsSlotBack() {
        CountDownLatch arrived = new CountDownLatch(1);
        FakeEtcd.Answer<PutRequest, PutResponse> done = first.onPut;
        first.onPut = (request, observer) -> arrived.countDown();
        Pending<PutResult> put = client.kv().put("k", "v");
        assertThat(await(arrived)).isTrue();
        assertThat(put.cancel(true)).isTrue();
        first.onPut = done;
        client.kv().put("k", "v").await();
        assertThat(List.copyOf(first.marks)).hasSize(2).allMatch(mark -> mark.contains(".0."));
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <Q, A> FakeEtcd.Answer<Q, A> differs() {
        return FakeEtcd.fail(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: this number of the session was used for another call; every call needs its own",
                "differs");
    }

    private static <Q, A> FakeEtcd.Answer<Q, A> passed() {
        return FakeEtcd.fail(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: a later call has used this slot of the session, and what came of this one is forgotten",
                "passed");
    }

    @Test
    @DisplayName("a copy of a process leaves the session that both think theirs, and its write is done in another")
    void whoFindsItsNumbersUsedOpensAnotherSession() {
        second.onOpenSession = first.onOpenSession;
        first.onPut = FakeEtcd.inTurn(differs(), first.onPut);
        client.kv().put("k", "v").await();
        assertThat(first.marks).containsExactly("a0.0.1", "a1.0.1");
        first.onPut = FakeEtcd.inTurn(passed(), first.onPut);
        client.kv().put("k", "v").await();
        assertThat(first.marks).containsExactly("a0.0.1", "a1.0.1", "a1.0.2", "a2.0.1");
    }

    @Test
    @DisplayName("after an attempt that may have been applied, a number that was used by another call proves nothing")
    void aDoubtfulWriteIsNotNumberedAgain() {
        first.onPut = fails(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        second.onPut = differs();
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(new HashSet<>(marks())).hasSize(1);
    }

    @Test
    void aClientWhoseNumbersAreAlwaysUsedIsRefusedInTheEnd() {
        first.onPut = differs();
        second.onPut = differs();
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(new HashSet<>(marks())).hasSize(3);
    }

    @Test
    @DisplayName(
            "with no room for its slot a write goes without, and the next ones have the slot that the servers know")
    void aRefusedSlotIsNotAskedForWithEveryWrite() {
        second.onOpenSession = first.onOpenSession;
        client.kv().put("k", "v").await();
        FakeEtcd.Answer<PutRequest, PutResponse> done = first.onPut;
        CountDownLatch arrived = new CountDownLatch(1);
        AtomicReference<Runnable> finish = new AtomicReference<>();
        first.onPut = (request, observer) -> {
            finish.set(() -> done.accept(request, observer));
            arrived.countDown();
        };
        Pending<PutResult> slow = client.kv().put("k", "slow");
        assertThat(await(arrived)).isTrue();
        first.onPut = FakeEtcd.inTurn(
                FakeEtcd.fail(
                        Status.Code.RESOURCE_EXHAUSTED,
                        "etcdserver: too many sessions, and all have been used lately",
                        "full"),
                done);
        client.kv().put("k", "v").await();
        Objects.requireNonNull(finish.get()).run();
        slow.await();
        client.kv().put("k", "v").await();
        client.kv().put("k", "v").await();
        assertThat(first.marks).containsExactly("a0.0.1", "a0.0.2", "a0.1.1", "a0.0.3", "a0.0.4");
        assertThat(first.puts).hasSize(6);
    }

    @Test
    @DisplayName("a write whose time is not over does not fail with the time of the one that has asked for the session")
    void aSessionThatCouldNotBeOpenedInAnothersTimeIsAskedForAgain() {
        FakeEtcd.Answer<OpenSessionRequest, OpenSessionResponse> opens = first.onOpenSession;
        first.onOpenSession = second.onOpenSession = FakeEtcd.inTurn(
                FakeEtcd.fail(Status.Code.CANCELLED, "who knows"),
                FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "etcdserver: session already exists"),
                opens);
        client.kv().put("k", "v").await();
        assertThat(first.marks).containsExactly("a0.0.1");
        assertThat(first.sessionsAsked.get() + second.sessionsAsked.get()).isEqualTo(3);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the second put is waited for
    @Test
    @DisplayName(
            "a session that is refused for good is not asked for again under its id, however soon the next is wanted")
    void theNextSessionHasAnotherId() {
        List<Long> ids = new CopyOnWriteArrayList<>();
        FakeEtcd.Answer<OpenSessionRequest, OpenSessionResponse> refusal =
                fails(Status.Code.INVALID_ARGUMENT, "etcdserver: no");
        first.onOpenSession = second.onOpenSession = (request, observer) -> {
            ids.add(request.getId());
            refusal.accept(request, observer);
        };
        CompletableFuture<Outcome<PutResult>> next = client.kv()
                .put("k", "v")
                .handle((done, failure) -> client.kv().put("k", "v"))
                .thenCompose(pending ->
                        pending.handle((done, failure) -> new Outcome.Refused<>((RefusedException) failure)));
        assertThat(next.join()).isInstanceOf(Outcome.Refused.class);
        assertThat(ids).hasSize(2).doesNotHaveDuplicates();
    }
}
