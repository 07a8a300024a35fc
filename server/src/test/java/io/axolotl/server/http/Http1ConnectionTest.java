package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A connection to a client that reads slowly, or not at all. */
class Http1ConnectionTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30), 8192, 8192, 4);

    private final AtomicInteger made = new AtomicInteger();
    private final SlowClient client = new SlowClient();
    private final HttpBudget budget = new HttpBudget(20_000);
    private final Stream stream = new Stream();
    private final Http1Deadlines deadlines = new Http1Deadlines(LIMITS);
    private final Http1Connection connection = new Http1Connection(
            new HttpPages(
                    Map.of("/page", exchange -> {
                        made.incrementAndGet();
                        exchange.send(HttpAnswer.text(200, "an answer"));
                    }),
                    Map.of("/v3/stream", stream::begin),
                    HttpAccess.UNCHECKED),
            LIMITS,
            budget,
            deadlines,
            () -> false);
    private final EmbeddedChannel channel = new EmbeddedChannel(
            client, deadlines, new Http1Collector(LIMITS, budget, connection::isStreaming), connection);

    @AfterEach
    void close() {
        client.loseAll();
        channel.finishAndReleaseAll();
    }

    @Test
    @DisplayName("a client that pipelines and never reads costs one answer, and its requests stay in the socket")
    void theNextAnswerIsMadeWhenTheLastIsTaken() {
        channel.freezeTime();
        for (int i = 0; i < 10; i++) {
            request();
        }
        assertThat(made).hasValue(1);
        assertThat(channel.config().isAutoRead()).isFalse();

        for (int taken = 1; taken < 10; taken++) {
            client.takeOne();
            assertThat(made).hasValue(taken + 1);
        }
        client.takeOne();
        assertThat(made).hasValue(10);
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aClientThatDoesNotTakeItsAnswerIsCutOffWhateverElseItAsksFor() {
        channel.freezeTime();
        request();
        pass(29);
        request();
        assertThat(channel.isOpen()).isTrue();
        pass(2);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatTakesItsAnswersInTimeMayGoOn() {
        channel.freezeTime();
        for (int i = 0; i < 5; i++) {
            request();
            pass(29);
            client.takeOne();
            pass(29);
        }
        assertThat(channel.isOpen()).isTrue();
        pass(61);
        assertThat(channel.isOpen()).as("idle").isFalse();
    }

    @Test
    @DisplayName(
            "F.4: a stream's next piece waits until the last is taken, and its client may be silent for days between pieces")
    void aStreamCostsOnePiece() {
        channel.freezeTime();
        call("");
        stream.write(5_000);
        assertThat(budget.heldBytes()).isEqualTo(5_000);
        assertThat(stream.taken).hasValue(0);
        client.takeOne();
        client.takeOne();
        assertThat(stream.taken).hasValue(1);
        assertThat(budget.heldBytes()).isZero();
        pass(100_000);
        assertThat(channel.isOpen()).isTrue();

        stream.write(1);
        pass(31);
        assertThat(channel.isOpen()).as("a piece that is not taken").isFalse();
        assertThat(stream.gone).hasValue(1);
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void whoSendsMoreThanTheQueueTakesBehindAStreamIsCutOff() {
        call("");
        for (int i = 0; i < 3; i++) {
            request();
            assertThat(channel.isOpen()).isTrue();
        }
        request();
        assertThat(channel.isOpen()).isFalse();
        assertThat(stream.gone).hasValue(1);
        assertThat(made).as("what stood behind it").hasValue(0);
    }

    @Test
    void whoSendsABodyBehindAStreamIsCutOff() {
        call("");
        DefaultHttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/v3/stream");
        channel.writeInbound(head, new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[3_000])));
        assertThat(channel.isOpen()).isTrue();
        channel.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[3_000])));
        assertThat(channel.isOpen()).isFalse();
        assertThat(stream.gone).hasValue(1);
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void aRequestBehindAStreamIsAnsweredWhenTheStreamHasEnded() {
        call("");
        request();
        stream.current().end();
        assertThat(made).hasValue(0);
        client.takeOne();
        client.takeOne();
        assertThat(made).hasValue(1);
        assertThat(stream.gone).hasValue(0);
    }

    @Test
    @DisplayName(
            "bodies are bounded for all connections together, and given back when they are answered or their client goes")
    void bodiesComeOutOfOneBudget() {
        call("x".repeat(8_000));
        assertThat(budget.heldBytes()).isEqualTo(8_000);
        assertThat(budget.take(12_000)).isTrue();
        call("y".repeat(100));
        client.takeOne();
        stream.current().end();
        client.takeOne();
        assertThat(client.lastStatus).as("the one that found no room").isEqualTo(503);
        client.takeOne();
        assertThat(channel.isOpen()).isFalse();
        assertThat(budget.heldBytes()).isEqualTo(12_000);
    }

    @Test
    void aBodyThatHasArrivedInPartIsGivenBackWhenItsClientGoes() {
        DefaultHttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/v3/stream");
        channel.writeInbound(head, new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[3_000])));
        assertThat(budget.heldBytes()).isEqualTo(3_000);
        ChannelFuture unused = channel.close();
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void aLongBodyIsRefusedWhereItBecomesTooLongAndNothingOfItIsKept() {
        DefaultHttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/v3/stream");
        channel.writeInbound(head);
        for (int i = 0; i < 5; i++) {
            channel.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[2_000])));
        }
        assertThat(client.lastStatus).isEqualTo(413);
        assertThat(budget.heldBytes()).isZero();
        client.takeOne();
        assertThat(channel.isOpen()).isFalse();
    }

    /** A page that answers in pieces, as told. */
    private static final class Stream {
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger gone = new AtomicInteger();
        private @Nullable HttpStream current;

        void begin(HttpExchange exchange) {
            exchange.onGone(gone::incrementAndGet);
            current = exchange.begin(200, HttpAnswer.JSON);
        }

        HttpStream current() {
            return Objects.requireNonNull(current);
        }

        void write(int bytes) {
            current().write(new byte[bytes], taken::incrementAndGet);
        }
    }

    private void call(String body) {
        channel.writeInbound(new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.POST,
                "/v3/stream",
                Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII)));
    }

    private void request() {
        channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/page"));
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    /** Holds back what is written until the client takes it. */
    private static final class SlowClient extends ChannelOutboundHandlerAdapter {
        private final Queue<ChannelPromise> untaken = new ArrayDeque<>();
        private int lastStatus;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                lastStatus = response.status().code();
            }
            ReferenceCountUtil.release(message);
            untaken.add(promise);
        }

        void takeOne() {
            untaken.remove().setSuccess();
        }

        void loseAll() {
            for (ChannelPromise promise = untaken.poll(); promise != null; promise = untaken.poll()) {
                promise.setFailure(new java.io.IOException("connection reset"));
            }
        }
    }
}
