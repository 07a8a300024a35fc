package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two members and a client that knows both: whatever happens to a write, it must not be applied twice. */
@Timeout(60)
@DisplayName("C.3, GU-6, pitfall 52: a write whose outcome is unknown is never sent again")
final class WriteOutcomeTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final MetricRegistry metrics = new MetricRegistry();
    private AxolotlClient client = AxolotlClient.builder()
            .endpoints(first.endpoint(), second.endpoint())
            .metrics(metrics)
            .build();

    @BeforeEach
    void firstLeads() {
        second.leaderId = 1;
        assertThat(client.maintenance().leader().await().orElseThrow().memberId())
                .isEqualTo(1);
    }

    @AfterEach
    void close() {
        client.close();
        first.close();
        second.close();
    }

    private int putsReceived() {
        return first.puts.size() + second.puts.size();
    }

    /** Whoever waits for a call may be told of its end before the metrics are. */
    private void awaitOne(String counter) {
        while (metrics.counter(counter).getCount() == 0) {
            Thread.onSpinWait();
        }
        assertThat(metrics.counter(counter).getCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            UNAVAILABLE       | etcdserver: request timed out
            UNAVAILABLE       | etcdserver: request timed out, possibly due to previous leader failure
            UNAVAILABLE       | etcdserver: request timed out, possibly due to connection lost
            UNAVAILABLE       | etcdserver: server stopped
            UNAVAILABLE       | etcdserver: no leader
            UNAVAILABLE       | etcdserver: leader changed
            DEADLINE_EXCEEDED | etcdserver: context deadline exceeded
            CANCELLED         | etcdserver: request canceled
            UNKNOWN           | etcdserver: request timed out, leader transfer took too long
            INTERNAL          | broken
            """)
    void anAnswerThatProvesNothingIsUnknownAndSentOnce(Status.Code code, String text) {
        first.onPut = FakeEtcd.fail(code, text);
        Outcome<PutResult> outcome = client.kv().put("k", "v").awaitOutcome();
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Unknown.class, unknown -> {
            assertThat(unknown.reason().code().name()).isEqualTo(code.name());
            assertThat(unknown.reason().text()).isEqualTo(text);
            assertThat(unknown.reason()).hasMessageContaining("may or may not have been applied");
        });
        assertThat(putsReceived()).isEqualTo(1);
        awaitOne("axolotl.client.outcomes.unknown");
        assertThat(metrics.counter("axolotl.client.retries").getCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INVALID_ARGUMENT   | etcdserver: key is not provided
            INVALID_ARGUMENT   | etcdserver: key not found
            INVALID_ARGUMENT   | etcdserver: value is provided
            INVALID_ARGUMENT   | etcdserver: lease is provided
            INVALID_ARGUMENT   | etcdserver: request is too large
            RESOURCE_EXHAUSTED | etcdserver: mvcc: database space exceeded
            NOT_FOUND          | etcdserver: requested lease not found
            PERMISSION_DENIED  | etcdserver: permission denied
            UNAUTHENTICATED    | etcdserver: invalid auth token
            DATA_LOSS          | etcdserver: corrupt cluster
            """)
    void anAnswerThatProvesARefusalIsRefusedAndSentOnce(Status.Code code, String text) {
        first.onPut = FakeEtcd.fail(code, text);
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(RefusedException.class, refused -> {
                    assertThat(refused.code().name()).isEqualTo(code.name());
                    assertThat(refused.text()).isEqualTo(text);
                });
        assertThat(putsReceived()).isEqualTo(1);
        awaitOne("axolotl.client.outcomes.refused");
    }

    @Test
    void aConnectionCutAfterThePutArrivedIsUnknownAndSentOnce() {
        try (CuttableLink link = new CuttableLink(first.port());
                AxolotlClient throughLink = AxolotlClient.builder()
                        .endpoints(link.endpoint(), second.endpoint())
                        .build()) {
            assertThat(throughLink.maintenance().leader().await().orElseThrow().memberId())
                    .isEqualTo(1);
            first.onPut = (request, observer) -> link.cut();
            Outcome<PutResult> outcome = throughLink.kv().put("k", "v").awaitOutcome();
            assertThat(outcome).isInstanceOf(Outcome.Unknown.class);
            assertThat(putsReceived()).isEqualTo(1);

            first.onPut = FakeEtcd.fail(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided");
            assertThat(throughLink.kv().get("k").awaitOutcome())
                    .as("the client goes on after the cut")
                    .isInstanceOf(Outcome.Done.class);
        }
    }

    @Test
    void aServerThatDiesWithThePutInHandIsUnknownAndSentOnce() {
        CountDownLatch arrived = new CountDownLatch(1);
        first.onPut = (request, observer) -> arrived.countDown();
        Pending<PutResult> put = client.kv().put("k", "v");
        assertThat(await(arrived)).isTrue();
        first.close();
        assertThat(put.awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(putsReceived()).isEqualTo(1);
    }

    @Test
    void aServerThatNeverAnswersIsUnknownWhenTheBudgetIsUsedUp() {
        client.close();
        client = AxolotlClient.builder()
                .endpoints(first.endpoint(), second.endpoint())
                .requestTimeout(Duration.ofMillis(300))
                .build();
        first.onPut = FakeEtcd.never();
        second.onPut = FakeEtcd.never();
        assertThatThrownBy(() -> client.kv().put("k", "v").await())
                .isInstanceOfSatisfying(UnknownOutcomeException.class, unknown -> {
                    assertThat(unknown.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                    assertThat(unknown.text()).contains("budget of a call is 300 ms");
                });
        assertThat(putsReceived()).isEqualTo(1);
    }

    @Test
    void aCancelledWriteIsUnknownAndGivenUpOnTheWire() {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        first.onPut = (request, observer) -> {
            ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(cancelled::countDown);
            arrived.countDown();
        };
        Pending<PutResult> put = client.kv().put("k", "v");
        assertThat(await(arrived)).isTrue();
        assertThat(put.cancel(true)).isTrue();
        assertThat(put.awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(await(cancelled)).as("the server hears of it").isTrue();
    }

    @Test
    void anInterruptedWaitIsUnknownAndTheThreadStaysInterrupted() {
        first.onPut = FakeEtcd.never();
        Pending<PutResult> put = client.kv().put("k", "v");
        Thread.currentThread().interrupt();
        assertThatThrownBy(put::await).isInstanceOf(UnknownOutcomeException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("MT-8: a learner turns writes away before it looks at them")
    void aWriteThatALearnerRefusesGoesToAnotherMember() {
        first.onPut = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: rpc not supported for learner");
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(first.puts).hasSize(1);
        assertThat(second.puts).hasSize(1);
    }

    @Test
    void aWriteThatABusyMemberRefusesIsSentAgainAfterAPause() {
        FakeEtcd.Answer<io.axolotl.client.proto.PutRequest, io.axolotl.client.proto.PutResponse> done = first.onPut;
        first.onPut = FakeEtcd.inTurn(
                FakeEtcd.fail(Status.Code.UNKNOWN, "etcdserver: too many requests"),
                FakeEtcd.fail(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),
                done);
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(first.puts).hasSize(3);
        assertThat(metrics.counter("axolotl.client.retries").getCount()).isEqualTo(2);
    }

    @Test
    void aRefusalIsNotRepeatedWithoutLeave() {
        client.close();
        client = AxolotlClient.builder()
                .endpoints(first.endpoint())
                .retryPolicy(RetryPolicy.NONE)
                .build();
        first.onPut = FakeEtcd.fail(Status.Code.UNKNOWN, "etcdserver: too many requests");
        assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(first.puts).hasSize(1);
    }

    @Test
    void closingTheClientLeavesSentWritesUnknownAndRefusesNewOnes() {
        CountDownLatch arrived = new CountDownLatch(1);
        first.onPut = (request, observer) -> arrived.countDown();
        Pending<PutResult> put = client.kv().put("k", "v");
        assertThat(await(arrived)).isTrue();
        client.close();
        assertThat(put.awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThatThrownBy(() -> client.kv().put("k", "v").await()).isInstanceOf(ClientClosedException.class);
        assertThatThrownBy(() -> client.kv().get("k").await()).isInstanceOf(ClientClosedException.class);
    }

    @Test
    void deleteTxnAndCompactAreWritesToo() {
        first.onDelete = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        first.onTxn = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        first.onCompact = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        assertThat(client.kv().delete("k").awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        firstLeads();
        assertThat(client.kv().txn().then(Op.put("a", "b")).commit().awaitOutcome())
                .isInstanceOf(Outcome.Unknown.class);
        firstLeads();
        assertThat(client.kv().compact(3).awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(first.deletes).hasSize(1);
        assertThat(first.txns).hasSize(1);
        assertThat(first.compactions).hasSize(1);
        assertThat(second.deletes).isEmpty();
        assertThat(second.txns).isEmpty();
        assertThat(second.compactions).isEmpty();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
