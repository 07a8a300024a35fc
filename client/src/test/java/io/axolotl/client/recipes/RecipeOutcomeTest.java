package io.axolotl.client.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import io.axolotl.client.UnknownOutcomeException;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a recipe says of a write whose answer was lost, at servers without sessions. */
@Timeout(60)
@DisplayName("GU-6: what may have been done is told as unknown, and not done again")
final class RecipeOutcomeTest {
    private static final FakeEtcd.Answer<TxnRequest, TxnResponse> LOST = FakeEtcd.fail(Status.Code.UNKNOWN, "lost");

    private final FakeEtcd server = FakeEtcd.start(1);
    private final AxolotlClient client = client(Duration.ofSeconds(30));

    private AxolotlClient client(Duration budget) {
        return AxolotlClient.builder()
                .endpoints(server.endpoint())
                .requestTimeout(budget)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private TxnResponse failedWith(String value) {
        return TxnResponse.newBuilder()
                .setHeader(server.header())
                .addResponses(ResponseOp.newBuilder()
                        .setResponseRange(RangeResponse.newBuilder()
                                .setHeader(server.header())
                                .addKvs(KeyValue.newBuilder()
                                        .setKey(ByteString.copyFromUtf8("n"))
                                        .setValue(ByteString.copyFromUtf8(value))
                                        .setModRevision(5))
                                .setCount(1)))
                .build();
    }

    @Test
    void anAdditionWithoutAnAnswerIsUnknownAndIsNotMadeAgain() {
        server.onTxn = LOST;
        assertThat(new Counter(client, Bytes.of("n")).add(1).awaitOutcome()).isInstanceOf(Outcome.Unknown.class);
        assertThat(server.txns).hasSize(1);
    }

    @Test
    void whatOthersAreAlwaysFasterThanIsTriedAgainAndRefusedWhenItsTimeIsOver() {
        server.onTxn = FakeEtcd.ok(request -> failedWith("3"));
        try (AxolotlClient hasty = client(Duration.ofMillis(500))) {
            assertThatThrownBy(
                            () -> Contest.win(hasty, "test", () -> CompletableFuture.completedFuture(Optional.empty()))
                                    .get())
                    .hasCauseInstanceOf(ContendedException.class);
        }
        Pending<Long> adding = new Counter(client, Bytes.of("n")).add(1);
        while (server.txns.size() < 3) {
            assertThat(adding).isNotDone();
        }
        adding.cancel(true);
    }

    @Test
    void anAdditionThatWasGivenUpIsUnknownAndStops() {
        server.onTxn = FakeEtcd.never();
        Pending<Long> adding = new Counter(client, Bytes.of("n")).add(1);
        assertThat(adding.cancel(true)).isTrue();
        assertThatThrownBy(adding::await).isInstanceOf(UnknownOutcomeException.class);
    }

    @Test
    void anOfferWithoutAnAnswerIsUnknownAndIsNotMadeAgain() {
        server.onTxn = LOST;
        assertThat(new FifoQueue(client, Bytes.of("q")).offer(Bytes.of("item")).awaitOutcome())
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(server.txns).hasSize(1);
    }

    @Test
    void aReadThatFailsIsRefused() {
        server.onRange = FakeEtcd.fail(Status.Code.UNKNOWN, "lost");
        assertThat(new FifoQueue(client, Bytes.of("q")).size().awaitOutcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(new FifoQueue(client, Bytes.of("q")).offer(Bytes.of("item")).awaitOutcome())
                .isInstanceOf(Outcome.Refused.class);
    }
}
