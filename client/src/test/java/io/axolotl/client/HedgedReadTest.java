package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.proto.RangeResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A read that is hedged is made twice when it takes long, and counts once")
final class HedgedReadTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final MetricRegistry metrics = new MetricRegistry();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        first.close();
        second.close();
        timer.shutdownNow();
    }

    private AxolotlClient client(RetryPolicy policy) {
        return AxolotlClient.builder()
                .endpoints(first.endpoint(), second.endpoint())
                .requestTimeout(Duration.ofSeconds(20))
                .retryPolicy(policy)
                .exactlyOnce(ExactlyOnce.OFF)
                .metrics(metrics)
                .build();
    }

    private static RetryPolicy hedgedAfter(Duration delay) {
        return RetryPolicy.DEFAULT.withHedgeAfter(delay);
    }

    private long count(String name) {
        return metrics.counter("axolotl.client." + name).getCount();
    }

    /** Never answers, and says when it is given up. */
    private static CountDownLatch stall(FakeEtcd member) {
        CountDownLatch givenUp = new CountDownLatch(1);
        member.onRange = (request, observer) -> whenCancelled(observer, givenUp::countDown);
        return givenUp;
    }

    private static void whenCancelled(StreamObserver<RangeResponse> observer, Runnable then) {
        ((ServerCallStreamObserver<RangeResponse>) observer).setOnCancelHandler(then);
    }

    @Test
    void theOtherMemberAnswersForASlowOneWhichIsGivenUp() throws InterruptedException {
        CountDownLatch givenUp = stall(first);
        try (AxolotlClient client = client(hedgedAfter(Duration.ofMillis(20)))) {
            assertThat(client.kv().get("k").await().header().memberId()).isEqualTo(2);
            assertThat(givenUp.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(count("hedges")).isEqualTo(1);
        assertThat(count("retries")).isEqualTo(1);
        assertThat(count("outcomes.done")).isEqualTo(1);
        assertThat(count("outcomes.refused"))
                .as("who was given up is no outcome")
                .isZero();
        assertThat(metrics.timer("axolotl.client.calls.get").getCount()).isEqualTo(1);
    }

    @Test
    @DisplayName("N20: that others answer for a silent member does not hide that it is silent")
    void aSilentMemberLosesItsReadsAllTheSame() {
        first.onRange = FakeEtcd.never();
        first.onStatus = FakeEtcd.never();
        try (AxolotlClient client = client(hedgedAfter(Duration.ofMillis(20)))) {
            while (count("members.lost") == 0) {
                client.kv().get("k").await();
            }
            int before = first.ranges.size();
            for (int i = 0; i < 50; i++) {
                client.kv().get("k").await();
            }
            assertThat(first.ranges.size() - before)
                    .as("of 50 reads, where its part would be 25")
                    .isLessThan(10);
        }
    }

    @Test
    void aReadThatIsAnsweredInTimeIsMadeOnce() {
        try (AxolotlClient client = client(hedgedAfter(Duration.ofSeconds(15)))) {
            client.kv().get("k").await();
            client.kv().txn().then(Op.get("k")).commit().await();
        }
        assertThat(first.ranges.size() + second.ranges.size()).isEqualTo(1);
        assertThat(first.txns.size() + second.txns.size()).isEqualTo(1);
        assertThat(count("hedges")).isZero();
    }

    @Test
    void byDefaultNothingIsMadeTwice() {
        CompletableFuture<StreamObserver<RangeResponse>> waiting = new CompletableFuture<>();
        first.onRange = (request, observer) -> waiting.complete(observer);
        try (AxolotlClient client = client(RetryPolicy.DEFAULT)) {
            Pending<GetResult> read = client.kv().get("k");
            StreamObserver<RangeResponse> observer = waiting.join();
            assertThat(client.kv().get("other").await().header().memberId()).isEqualTo(2);
            observer.onNext(RangeResponse.newBuilder().setHeader(first.header()).build());
            observer.onCompleted();
            assertThat(read.await().header().memberId()).isEqualTo(1);
        }
        assertThat(second.ranges).hasSize(1);
        assertThat(count("hedges")).isZero();
    }

    @Test
    @DisplayName("GU-6: a write is never hedged")
    void aWriteIsMadeOnce() {
        CompletableFuture<Runnable> waiting = new CompletableFuture<>();
        FakeEtcd.Answer<io.axolotl.client.proto.PutRequest, io.axolotl.client.proto.PutResponse> answer = first.onPut;
        first.onPut = (request, observer) -> waiting.complete(() -> answer.accept(request, observer));
        second.onPut = first.onPut;
        stall(first);
        try (AxolotlClient client = client(hedgedAfter(Duration.ofMillis(1)))) {
            Pending<PutResult> put = client.kv().put("k", "v");
            Runnable finish = waiting.join();
            while (count("hedges") == 0) {
                // Reads of the same client are hedged meanwhile.
                client.kv().get("k").await();
            }
            finish.run();
            put.await();
        }
        assertThat(first.puts.size() + second.puts.size()).isEqualTo(1);
    }

    @Test
    void whatTheCallerGivesUpIsGivenUpTwice() throws InterruptedException {
        CountDownLatch one = stall(first);
        CountDownLatch other = stall(second);
        try (AxolotlClient client = client(hedgedAfter(Duration.ofMillis(1)))) {
            Pending<GetResult> read = client.kv().get("k");
            while (first.ranges.isEmpty() || second.ranges.isEmpty()) {
                Thread.onSpinWait();
            }
            read.cancel(true);
            assertThat(one.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(other.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theOnlyMemberIsNotAskedTwice() {
        try (AxolotlClient alone = AxolotlClient.builder()
                .endpoints(first.endpoint())
                .exactlyOnce(ExactlyOnce.OFF)
                .retryPolicy(hedgedAfter(Duration.ofMillis(1)))
                .metrics(metrics)
                .build()) {
            CountDownLatch unused = stall(first);
            Pending<GetResult> read = alone.kv().get("k");
            while (first.ranges.isEmpty()) {
                Thread.onSpinWait();
            }
            alone.kv().put("k", "v").await();
            read.cancel(true);
        }
        assertThat(first.ranges).hasSize(1);
        assertThat(count("hedges")).isZero();
    }

    private static Pending<String> pending() {
        return new Pending<>("read", Effect.READ, () -> false);
    }

    private static RefusedException refusal(String text) {
        return RefusedException.of(ErrorCode.of(Status.UNAVAILABLE), text);
    }

    @Test
    void ifBothFailTheFirstOneSaysWhy() {
        Pending<String> whole = pending();
        Pending<String> one = pending();
        Pending<String> other = pending();
        CountDownLatch made = new CountDownLatch(1);
        HedgedRead.run(
                whole,
                one,
                () -> {
                    made.countDown();
                    return Optional.of(other);
                },
                1,
                timer);
        while (made.getCount() > 0) {
            Thread.onSpinWait();
        }
        other.completeExceptionally(refusal("second"));
        assertThat(whole).as("the first may still answer").isNotDone();
        one.completeExceptionally(refusal("first"));
        assertThatThrownBy(whole::await).hasMessage("first");
    }

    @Test
    void withoutRepeatsLeftTheFirstOneIsAllThereIs() {
        Pending<String> whole = pending();
        Pending<String> one = pending();
        CountDownLatch asked = new CountDownLatch(1);
        HedgedRead.run(
                whole,
                one,
                () -> {
                    asked.countDown();
                    return Optional.empty();
                },
                1,
                timer);
        while (asked.getCount() > 0) {
            Thread.onSpinWait();
        }
        one.complete("answer");
        assertThat(whole.await()).isEqualTo("answer");
    }

    @Test
    void aFailureBeforeItsTimeIsNotWaitedFor() {
        Pending<String> whole = pending();
        Pending<String> one = pending();
        HedgedRead.run(
                whole,
                one,
                () -> {
                    throw new AssertionError("made a second time after its end");
                },
                TimeUnit.HOURS.toNanos(1),
                timer);
        one.completeExceptionally(refusal("at once"));
        assertThatThrownBy(whole::await).hasMessage("at once");
    }
}
