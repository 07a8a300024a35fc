package io.axolotl.server.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection that sends nothing for too long, whose request trickles in too slowly (an attack that costs the
 * attacker a byte now and then), or that does not take its answer. While an answer is being made no clock runs: that time is ours.
 *
 * <p>Stands before the codec, where the first byte of a request is seen. Confined to the event loop of its channel.
 */
final class Http1Deadlines extends ChannelInboundHandlerAdapter {
    private enum Phase {
        IDLE,
        READING,
        ANSWERING,
        WRITING
    }

    private final HttpLimits limits;
    private Phase phase = Phase.IDLE;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> deadline;

    Http1Deadlines(HttpLimits limits) {
        this.limits = limits;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        answered();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (phase == Phase.IDLE) {
            enter(Phase.READING, limits.requestTimeout());
        }
        context.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopClock();
        context.fireChannelInactive();
    }

    /** A whole request has arrived. */
    void requested() {
        if (phase != Phase.WRITING) {
            phase = Phase.ANSWERING;
            stopClock();
        }
    }

    /** An answer is on its way out. What else the client asks for meanwhile does not stop this clock. */
    void writing() {
        enter(Phase.WRITING, limits.writeTimeout());
    }

    /** The answer is written, and the next request is already here. */
    void answering() {
        phase = Phase.ANSWERING;
        stopClock();
    }

    /** The answer is written and no other request waits. */
    void answered() {
        enter(Phase.IDLE, limits.idleTimeout());
    }

    private void enter(Phase next, Duration timeout) {
        phase = next;
        stopClock();
        ChannelHandlerContext here = context;
        if (here != null) {
            deadline = here.executor().schedule(() -> end(here), timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private static void end(ChannelHandlerContext context) {
        ChannelFuture unused = context.close();
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
