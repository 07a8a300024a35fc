package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A connection to a client that reads slowly, or not at all. */
class Http1ConnectionTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30), 8192, 8192, 4);

    private final AtomicInteger made = new AtomicInteger();
    private final SlowClient client = new SlowClient();
    private final Http1Deadlines deadlines = new Http1Deadlines(LIMITS);
    private final EmbeddedChannel channel = new EmbeddedChannel(
            client,
            deadlines,
            new Http1Connection(
                    new HttpPages(Map.of("/page", exchange -> {
                        made.incrementAndGet();
                        exchange.send(HttpAnswer.text(200, "an answer"));
                    })),
                    LIMITS,
                    deadlines,
                    () -> false));

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

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
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
