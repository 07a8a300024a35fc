package io.axolotl.server.ports;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SelectStrategy;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Pitfall 62: a request that has waited in its socket has less time than it says. */
class ArrivalsTest {
    /** Of all tests, since what a loop knows outlives a test. */
    private static final AtomicLong clock = new AtomicLong(1_000);

    private final List<Long> waited = new ArrayList<>();

    private EmbeddedChannel connection() {
        return new EmbeddedChannel(new Arrivals(clock::get), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                waited.add(Arrivals.waitedNanos(clock.get()));
                ((ByteBuf) message).release();
            }
        });
    }

    /** The loop looks what is there. */
    private int step(int ready, boolean hasTasks) throws Exception {
        return Arrivals.nextStep(() -> ready, hasTasks, clock::get);
    }

    private void after(long nanos) {
        clock.addAndGet(nanos);
    }

    /** There was no more. */
    private static ByteBuf rest() {
        return Unpooled.buffer(16).writeInt(1);
    }

    /** There may be more. */
    private static ByteBuf full() {
        return Unpooled.buffer(4).writeInt(1);
    }

    @Test
    void whatWakesASleepingLoopHasNotWaited() throws Exception {
        EmbeddedChannel connection = connection();
        assertThat(step(0, false)).isEqualTo(SelectStrategy.SELECT);
        after(50_000);
        assertThat(connection.writeInbound(rest())).isFalse();
        after(7);
        EmbeddedChannel second = connection();
        second.writeInbound(rest());
        assertThat(waited).as("the second may have come when the first did").containsExactly(0L, 0L);
        after(10);
        connection.writeInbound(rest());
        assertThat(waited.get(2)).isEqualTo(17);
    }

    @Test
    void whatIsReadBehindAFullBufferMayBeAsOldAsTheFirstOfIt() throws Exception {
        EmbeddedChannel connection = connection();
        assertThat(step(0, false)).isEqualTo(SelectStrategy.SELECT);
        after(100);
        connection.writeInbound(rest());
        for (int turn = 0; turn < 3; turn++) {
            after(1_000);
            assertThat(step(1, false)).isEqualTo(1);
            connection.writeInbound(full());
        }
        after(1_000);
        connection.writeInbound(rest());
        after(1_000);
        connection.writeInbound(rest());
        assertThat(waited).containsExactly(0L, 1_000L, 2_000L, 3_000L, 4_000L, 1_000L);
    }

    @Test
    @DisplayName("who asks once in a while of a loop that is never idle has waited for no more than two turns")
    void aSilentConnectionIsNotTakenForALateOne() throws Exception {
        EmbeddedChannel busy = connection();
        EmbeddedChannel seldom = connection();
        assertThat(step(1, false)).isEqualTo(1);
        seldom.writeInbound(rest());
        waited.clear();
        for (int turn = 0; turn < 100; turn++) {
            after(1_000);
            assertThat(step(1, false)).isEqualTo(1);
            after(10);
            busy.writeInbound(rest());
        }
        after(5);
        seldom.writeInbound(rest());
        assertThat(waited.get(100)).as("since the loop looked last but one").isEqualTo(1_010 + 15);
        after(1_000);
        assertThat(step(1, false)).isEqualTo(1);
        seldom.writeInbound(full());
        after(1_000);
        assertThat(step(1, false)).isEqualTo(1);
        seldom.writeInbound(full());
        assertThat(waited.get(102)).as("behind what was not read to the end").isEqualTo(2_000);
    }

    @Test
    void aTurnThatFindsNothingToReadBoundsTheWaitThoughTheLoopHasTasks() throws Exception {
        EmbeddedChannel connection = connection();
        after(500);
        assertThat(step(0, true)).isZero();
        after(30);
        connection.writeInbound(rest());
        assertThat(waited).containsExactly(30L);
    }

    @Test
    @DisplayName("a call that comes from no socket, or later from another thread, has not waited")
    void outsideOfAReadNothingHasWaited() {
        EmbeddedChannel connection = connection();
        after(1_000);
        connection.writeInbound(full());
        assertThat(waited).containsExactly(1_000L);
        assertThat(Arrivals.waitedNanos(clock.get())).isZero();
    }
}
