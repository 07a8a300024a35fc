package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("C.3: what is tried again, where, and for how long")
final class RetryTest {
    private static AxolotlClient client(String... endpoints) {
        return AxolotlClient.builder().endpoints(endpoints).build();
    }

    private static String deadEndpoint() {
        return "http://127.0.0.1:" + LoopbackPorts.free();
    }

    @Test
    void aReadThatFindsNoAnswerIsTriedOnAnotherEndpoint() {
        try (FakeEtcd ill = FakeEtcd.start(1);
                FakeEtcd well = FakeEtcd.start(2);
                AxolotlClient client = client(ill.endpoint(), well.endpoint())) {
            ill.onRange = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: leader changed");
            assertThat(client.kv().get("k").await().header().memberId()).isEqualTo(2);
            assertThat(client.kv().get("k").await().header().memberId()).isEqualTo(2);
            assertThat(ill.ranges).as("what failed lately is asked last").hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void aMemberThatFailedOnceIsAskedAgainLater() {
        try (FakeEtcd recovered = FakeEtcd.start(1);
                FakeEtcd well = FakeEtcd.start(2);
                AxolotlClient client = client(recovered.endpoint(), well.endpoint())) {
            recovered.onRange = FakeEtcd.inTurn(
                    FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: server stopped"), recovered.onRange);
            while (recovered.ranges.size() < 2) {
                assertThat(client.kv().get("k").awaitOutcome()).isInstanceOf(Outcome.Done.class);
            }
            assertThat(well.ranges).as("meanwhile the other one did the work").hasSizeGreaterThan(2);
        }
    }

    @Test
    void aReadIsTriedAgainOnTheSameEndpointIfThereIsNoOther() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = client(only.endpoint())) {
            only.onRange = FakeEtcd.inTurn(
                    FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: no leader"),
                    FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: no leader"),
                    only.onRange);
            assertThat(client.kv().get("k").awaitOutcome()).isInstanceOf(Outcome.Done.class);
            assertThat(only.ranges).hasSize(3);
        }
    }

    @Test
    void aReadThatIsRefusedIsNotTriedAgain() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = client(only.endpoint())) {
            only.onRange =
                    FakeEtcd.fail(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
            assertThatThrownBy(() -> client.kv().get("k").await())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("etcdserver: mvcc: required revision has been compacted");
            assertThat(only.ranges).hasSize(1);
        }
    }

    @Test
    void aTransactionOfReadsIsARead() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = client(only.endpoint())) {
            only.onTxn =
                    FakeEtcd.inTurn(FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: leader changed"), only.onTxn);
            Txn nestedRead = client.kv().txn().then(Op.get("b"));
            assertThat(client.kv()
                            .txn()
                            .then(Op.get("a"), nestedRead.asOp())
                            .commit()
                            .awaitOutcome())
                    .isInstanceOf(Outcome.Done.class);
            assertThat(only.txns).hasSize(2);
        }
    }

    @Test
    void aReadWhoseAttemptsAllFailIsRefusedWhenTheBudgetIsUsedUp() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = AxolotlClient.builder()
                        .endpoints(only.endpoint())
                        .requestTimeout(Duration.ofMillis(500))
                        .build()) {
            only.onRange = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: no leader");
            assertThatThrownBy(() -> client.kv().get("k").await())
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
            assertThat(only.ranges).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aReadFromASilentMemberMovesOnWhenItsAttemptIsOver() {
        try (FakeEtcd silent = FakeEtcd.start(1);
                FakeEtcd well = FakeEtcd.start(2);
                AxolotlClient client = AxolotlClient.builder()
                        .endpoints(silent.endpoint(), well.endpoint())
                        .requestTimeout(Duration.ofSeconds(30))
                        .retryPolicy(RetryPolicy.DEFAULT.withAttemptTimeout(Duration.ofMillis(200)))
                        .build()) {
            silent.onRange = FakeEtcd.never();
            for (int i = 0; i < 2; i++) {
                assertThat(client.kv().get("k").await().header().memberId()).isEqualTo(2);
            }
            assertThat(silent.ranges).hasSize(1);
        }
    }

    @Test
    void aWriteThatCouldNotBeSentGoesToAnotherEndpoint() {
        try (FakeEtcd well = FakeEtcd.start(2);
                AxolotlClient client = client(deadEndpoint(), deadEndpoint(), well.endpoint())) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.kv().put("k", "v").awaitOutcome()).isInstanceOf(Outcome.Done.class);
                assertThat(well.puts).hasSize(i);
            }
        }
    }

    @Test
    void aWriteWaitsForADeadMemberToComeBack() {
        int port = LoopbackPorts.free();
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints("http://127.0.0.1:" + port)
                .requestTimeout(Duration.ofSeconds(30))
                .build()) {
            assertThat(client.maintenance().status("127.0.0.1:" + port).awaitOutcome())
                    .isInstanceOf(Outcome.Refused.class);
            Pending<PutResult> put = client.kv().put("k", "v");
            try (FakeEtcd back = FakeEtcd.startAt(1, port)) {
                assertThat(put.awaitOutcome()).isInstanceOf(Outcome.Done.class);
                assertThat(back.puts).hasSize(1);
            }
        }
    }

    @Test
    void aDeadClusterIsNamedWithTheTroubleOfEachEndpoint() {
        String one = deadEndpoint();
        String two = deadEndpoint();
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints(one, two)
                .requestTimeout(Duration.ofMillis(400))
                .build()) {
            assertThatThrownBy(() -> client.kv().put("k", "v").await())
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining(one)
                    .hasMessageContaining(two)
                    .hasMessageContaining("put was not sent")
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void closingTheClientEndsCallsThatPause() {
        AxolotlClient client = AxolotlClient.builder()
                .endpoints(deadEndpoint())
                .requestTimeout(Duration.ofMinutes(10))
                .retryPolicy(new RetryPolicy(
                        Integer.MAX_VALUE, Duration.ofMinutes(5), Duration.ofMinutes(5), 0, java.util.Optional.empty()))
                .build();
        Pending<PutResult> put = client.kv().put("k", "v");
        client.close();
        assertThatThrownBy(put::await).isInstanceOf(ClientClosedException.class);
    }

    @Test
    void waitingOnANetworkThreadIsRefusedInsteadOfDeadlocking() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = client(only.endpoint())) {
            only.onRange = FakeEtcd.inTurn(FakeEtcd.never());
            CompletableFuture<GetResult> nested = client.kv()
                    .put("k", "v")
                    .thenApply(put -> client.kv().get("k").await());
            assertThatThrownBy(nested::join).hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anOversizedRequestIsNotSent() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = AxolotlClient.builder()
                        .endpoints(only.endpoint())
                        .maxRequestBytes(1_000)
                        .build()) {
            assertThatThrownBy(() -> client.kv().put("k", "v".repeat(1_000)).await())
                    .isInstanceOf(RequestTooLargeException.class)
                    .hasMessageContaining("above the limit of 1000 bytes");
            assertThat(only.puts).isEmpty();
        }
    }

    @Test
    void anAnswerOfManyMegabytesIsTaken() {
        try (FakeEtcd only = FakeEtcd.start(1);
                AxolotlClient client = client(only.endpoint())) {
            io.axolotl.client.proto.KeyValue large = io.axolotl.client.proto.KeyValue.newBuilder()
                    .setValue(com.google.protobuf.ByteString.copyFrom(new byte[16 << 20]))
                    .build();
            only.onRange = FakeEtcd.ok(request -> io.axolotl.client.proto.RangeResponse.newBuilder()
                    .addKvs(large)
                    .build());
            assertThat(client.kv()
                            .get("k")
                            .await()
                            .first()
                            .orElseThrow()
                            .value()
                            .size())
                    .isEqualTo(16 << 20);
        }
    }
}
