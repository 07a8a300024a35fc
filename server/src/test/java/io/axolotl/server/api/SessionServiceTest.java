package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import io.axolotl.client.PutResult;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.SessionsGrpc;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("pitfall 51: calls are numbered by metadata, and a failure says what the session knows")
class SessionServiceTest {
    private final Edge edge = new Edge();
    private final SessionsGrpc.SessionsBlockingStub sessions =
            SessionsGrpc.newBlockingStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);

    @AfterEach
    void close() {
        edge.close();
    }

    private long open() {
        return sessions.open(OpenSessionRequest.getDefaultInstance()).getId();
    }

    private KVGrpc.KVBlockingStub marked(String mark) {
        Metadata headers = new Metadata();
        headers.put(CallMark.ONCE, mark);
        return edge.kv.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private KVGrpc.KVBlockingStub numbered(long session, int slot, long sequence) {
        return marked(Long.toHexString(session) + "." + slot + "." + sequence);
    }

    /** @param mark in the trailers; null for none */
    private static void assertFails(EtcdError error, @Nullable String mark, ThrowingCallable call) {
        Assertions.assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getDescription()).isEqualTo(error.text());
            Metadata trailers = Objects.requireNonNull(e.getTrailers());
            assertThat(trailers.get(CallMark.ONCE)).isEqualTo(mark);
        });
    }

    @Test
    void aSessionHasAnIdAndSlots() {
        var opened = sessions.open(OpenSessionRequest.getDefaultInstance());
        assertThat(opened.getId()).isNotZero().isNotEqualTo(open());
        assertThat(opened.getSlots()).isEqualTo(1_024);
        assertThat(opened.getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
        assertThat(edge.node.store().sessionCount()).isEqualTo(2);
    }

    @Test
    void everyKindOfWriteIsAppliedOnceUnderItsNumber() {
        long session = open();
        PutResponse put = numbered(session, 0, 1).put(Edge.put("k", "v"));
        assertThat(numbered(session, 0, 1).put(Edge.put("k", "v"))).isEqualTo(put);
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(Edge.range("k")))
                .addSuccess(RequestOp.newBuilder().setRequestPut(Edge.put("k", "w")))
                .build();
        assertThat(numbered(session, 1, 1).txn(txn))
                .isEqualTo(numbered(session, 1, 1).txn(txn));
        assertThat(edge.kv.range(Edge.range("k").build()).getKvs(0).getVersion())
                .isEqualTo(2);
        DeleteRangeRequest delete =
                DeleteRangeRequest.newBuilder().setKey(Edge.bytes("k")).build();
        var deleted = numbered(session, 2, 1).deleteRange(delete);
        assertThat(deleted.getDeleted()).isEqualTo(1);
        assertThat(numbered(session, 2, 1).deleteRange(delete)).isEqualTo(deleted);
    }

    @Test
    @DisplayName("A16: a number that is used for another kind of call ends that call, and not the member")
    void aNumberIsOfOneCallAlone() {
        long session = open();
        PutResponse put = numbered(session, 0, 1).put(Edge.put("k", "v"));
        DeleteRangeRequest delete =
                DeleteRangeRequest.newBuilder().setKey(Edge.bytes("k")).build();
        assertFails(
                EtcdError.CALL_DIFFERS, "differs", () -> numbered(session, 0, 1).deleteRange(delete));
        assertFails(
                EtcdError.CALL_DIFFERS, "differs", () -> numbered(session, 0, 1).put(Edge.put("k", "w")));
        assertThat(numbered(session, 0, 1).put(Edge.put("k", "v"))).isEqualTo(put);
    }

    @Test
    void whoRepeatsTheOpeningFindsItsSession() {
        OpenSessionRequest request = OpenSessionRequest.newBuilder().setId(77).build();
        assertThat(sessions.open(request).getId()).isEqualTo(77);
        assertThat(sessions.open(request).getId()).isEqualTo(77);
        assertThat(edge.node.store().sessionCount()).isEqualTo(1);
    }

    @Test
    @DisplayName("A16: nobody fills the log with sessions for which there is no room")
    void aFullTableRefusesAtTheDoor() {
        for (long id = 1; id <= SessionService.MAX_SESSIONS; id++) {
            edge.node.propose(Caller.NOBODY, new Command.OpenSession(id, SessionService.MAX_SESSIONS), outcome -> {});
        }
        int before = edge.node.proposals.get();
        assertFails(EtcdError.TOO_MANY_SESSIONS, "full", this::open);
        assertThat(edge.node.proposals).hasValue(before);
        OpenSessionRequest repeat = OpenSessionRequest.newBuilder().setId(77).build();
        assertThat(sessions.open(repeat).getId()).isEqualTo(77);
    }

    @Test
    void failuresSayWhatTheSessionKnows() {
        long session = open();
        PutRequest leased = Edge.put("k", "v").toBuilder().setLease(9).build();
        assertFails(
                EtcdError.LEASE_NOT_FOUND,
                "settled",
                () -> numbered(session, 0, 2).put(leased));
        edge.lease.leaseGrant(LeaseGrantRequest.newBuilder().setID(9).setTTL(60).build());
        assertFails(
                EtcdError.LEASE_NOT_FOUND,
                "settled",
                () -> numbered(session, 0, 2).put(leased));
        assertFails(
                EtcdError.CALL_PASSED, "passed", () -> numbered(session, 0, 1).put(Edge.put("k", "v")));
        assertFails(
                EtcdError.SESSION_UNKNOWN,
                "no-session",
                () -> numbered(session + 1, 0, 1).put(Edge.put("k", "v")));
        assertFails(
                EtcdError.LEASE_NOT_FOUND,
                null,
                () -> edge.kv.put(leased.toBuilder().setLease(10).build()));
        assertFails(EtcdError.EMPTY_KEY, null, () -> numbered(session, 0, 3).put(Edge.put("", "v")));
    }

    @Test
    void aRepeatWhoseAnswerIsGoneSaysWhenItWasApplied() {
        long session = open();
        edge.kv.put(Edge.put("k", "x".repeat(5_000)));
        PutRequest put = Edge.put("k", "v").toBuilder().setPrevKv(true).build();
        long revision = numbered(session, 0, 1).put(put).getHeader().getRevision();
        Assertions.assertThatThrownBy(() -> numbered(session, 0, 1).put(put))
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
                    assertThat(Objects.requireNonNull(e.getTrailers()).get(CallMark.ONCE))
                            .isEqualTo("applied " + revision);
                });
    }

    @Test
    void aNumberThatIsNoneIsRefused() {
        for (String bad :
                new String[] {"", "1.2", "1.2.0", "0.0.1", "1.1024.1", "x.0.1", "1.0.1 ", "11111111111111111.0.1"}) {
            Assertions.assertThatThrownBy(() -> marked(bad).put(Edge.put("k", "v")))
                    .as(bad)
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        }
        assertThat(edge.node.proposals).hasValue(0);
    }

    @Test
    @DisplayName("MT-8: a learner opens no sessions")
    void aLearnerOpensNone() {
        edge.node.becomeLearner();
        Assertions.assertThatThrownBy(this::open)
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining(EtcdError.NOT_FOR_LEARNER.text());
    }

    @Test
    @DisplayName("pitfall 52: an answer that is lost is asked for again, and the put is applied once")
    void theClientAsksAgainForALostAnswer() {
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints("127.0.0.1:" + edge.address.getPort())
                .requestTimeout(Duration.ofSeconds(30))
                .retryPolicy(RetryPolicy.DEFAULT.withAttemptTimeout(Duration.ofMillis(300)))
                .build()) {
            client.kv().put("other", "v").await();
            edge.node.holdsAnswers = true;
            Pending<PutResult> put = client.kv().put("k", "v");
            int before = edge.node.proposals.get();
            while (edge.node.proposals.get() <= before) {
                Thread.onSpinWait();
            }
            edge.node.holdsAnswers = false;
            Outcome<PutResult> outcome = put.awaitOutcome();
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
            var kv = client.kv().get("k").await().kvs().get(0);
            assertThat(kv.version()).isEqualTo(1);
            assertThat(((Outcome.Done<PutResult>) outcome).result().header().revision())
                    .isEqualTo(kv.modRevision());
        }
    }
}
