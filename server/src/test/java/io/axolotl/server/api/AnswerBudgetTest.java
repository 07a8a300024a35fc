package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RangeStreamResponse;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.server.wire.FakeServerCall;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Answers are bounded in memory: each by itself, and all that are not sent yet. */
class AnswerBudgetTest {
    private static final int KEYS = 100;
    private static final int MAX_ANSWER_BYTES = 20_000;

    @Test
    @DisplayName("an answer beyond the bound is refused, and says what to do; smaller ones and streams are not")
    void oneAnswerIsBounded() {
        try (Edge edge = filled(MAX_ANSWER_BYTES, 1 << 20)) {
            RangeRequest all = range("k", "l").build();
            assertRefused(EtcdError.ANSWER_TOO_LARGE, () -> edge.kv.range(all));
            assertThat(EtcdError.ANSWER_TOO_LARGE.text()).contains("limit", "RangeStream");
            assertRefused(
                    EtcdError.ANSWER_TOO_LARGE,
                    () -> edge.kv.range(all.toBuilder().setSerializable(true).build()));
            assertThat(edge.kv.range(all.toBuilder().setLimit(5).build()).getCount())
                    .isEqualTo(KEYS);
            assertThat(edge.kv.range(all.toBuilder().setCountOnly(true).build()).getCount())
                    .isEqualTo(KEYS);

            RangeResponse.Builder joined = RangeResponse.newBuilder();
            edge.kv.rangeStream(all).forEachRemaining(piece -> joined.mergeFrom(piece.getRangeResponse()));
            assertThat(joined.getKvsCount()).isEqualTo(KEYS);
            assertThat(joined.getCount()).isEqualTo(KEYS);
        }
    }

    @Test
    @DisplayName("the ranges of a transaction share the bound of its answer")
    void aTransactionIsOneAnswer() {
        try (Edge edge = filled(MAX_ANSWER_BYTES, 1 << 20)) {
            RequestOp few = RequestOp.newBuilder()
                    .setRequestRange(range("k", "l").setLimit(10))
                    .build();
            assertThat(edge.kv
                            .txn(TxnRequest.newBuilder().addSuccess(few).build())
                            .getSucceeded())
                    .isTrue();
            assertRefused(
                    EtcdError.ANSWER_TOO_LARGE,
                    () -> edge.kv.txn(TxnRequest.newBuilder()
                            .addSuccess(few)
                            .addSuccess(few)
                            .build()));
        }
    }

    @Test
    @DisplayName("what was sent is given back: many answers one after the other need the room of one")
    void sentAnswersAreGivenBack() {
        try (Edge edge = filled(MAX_ANSWER_BYTES, MAX_ANSWER_BYTES)) {
            for (int i = 0; i < 20; i++) {
                assertThat(edge.kv.range(range("k", "l").setLimit(10).build()).getKvsCount())
                        .isEqualTo(10);
                assertRefused(
                        EtcdError.ANSWER_TOO_LARGE,
                        () -> edge.kv.range(range("k", "l").build()));
            }
        }
    }

    @Test
    void unsentAnswersAreBoundedTogether() {
        AnswerBudget budget = new AnswerBudget(100, 150);
        FakeCall slow = new FakeCall();
        AnswerBudget.Answer first = budget.begin(slow, () -> {});
        AnswerBudget.Answer second = budget.begin(new FakeCall(), () -> {});
        first.holds(100);
        Assertions.assertThatThrownBy(() -> first.holds(1)).hasMessage(EtcdError.ANSWER_TOO_LARGE.text());
        second.holds(50);
        Assertions.assertThatThrownBy(() -> second.holds(1)).hasMessage(EtcdError.TOO_MANY_ANSWERS.text());
        slow.cancel();
        second.holds(50);
        Assertions.assertThatThrownBy(() -> first.holds(1)).isInstanceOf(AnswerBudget.Exceeded.class);
        second.restart();
        second.holds(100);
    }

    private static Edge filled(long maxAnswerBytes, long maxUnsentBytes) {
        Edge edge = new Edge(
                new ApiLimits(Edge.MAX_TXN_OPS, -1, Duration.ofSeconds(20), maxAnswerBytes, maxUnsentBytes),
                HttpLimits.DEFAULT,
                ClientPort.Settings.PERMIT_KEEP_ALIVE);
        for (int i = 0; i < KEYS; i++) {
            edge.kv.put(PutRequest.newBuilder()
                    .setKey(bytes(String.format("k%03d", i)))
                    .setValue(ByteString.copyFrom(new byte[1000]))
                    .build());
        }
        return edge;
    }

    /** A call that can be cancelled. */
    private static final class FakeCall extends FakeServerCall<RangeStreamResponse> {
        private Runnable onCancel = () -> {};

        void cancel() {
            onCancel.run();
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = handler;
        }
    }
}
