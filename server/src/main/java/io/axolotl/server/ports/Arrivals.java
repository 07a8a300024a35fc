package io.axolotl.server.ports;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SelectStrategy;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.IntSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.LongSupplier;

/**
 * How long, at most, what is being read has waited in its socket. A request tells how much time it has, counted from when it was
 * sent; one that comes out of a full socket has less of it, and nothing in it says so. A server that does not know serves those
 * whose callers have given up, one after the other, for as long as more is sent than it can do.
 *
 * <p>Whatever is read has come after its connection was last read to the end, and after its event loop last found nothing to read on any
 * connection. On a connection of which nothing was read in the turn before, it has come after that turn began, or it would have been. The
 * latest of these is what counts.
 *
 * <p>The first handler of a connection, whose event loop is made by {@link #loops()}. Confined to that loop.
 */
public final class Arrivals extends ChannelInboundHandlerAdapter {
    private static final FastThreadLocal<Loop> LOOP = new FastThreadLocal<>() {
        @Override
        protected Loop initialValue() {
            return new Loop();
        }
    };

    /** What an event loop knows. Confined to its thread. */
    private static final class Loop {
        /** Whether nothing was there to read when it looked last, and it went to sleep. */
        private boolean isAsleep;

        /** When nothing was there to read. */
        private long quietNanos;

        /** Turns are counted; in each the loop looks what there is to read, and reads of it. */
        private long turn;

        /** Before it looked, in this turn and in the one before. */
        private long lookedNanos;

        private long lookedBeforeNanos;

        private boolean isReading;

        /** What is being read came after that. */
        private long arrivedAfterNanos;
    }

    private final LongSupplier clock;

    /** When all that had come was read. */
    private long emptyNanos;

    /** In which turn of the loop it was read last; none yet if negative. */
    private long readInTurn = -1;

    Arrivals() {
        this(System::nanoTime);
    }

    Arrivals(LongSupplier clock) {
        this.clock = clock;
        this.emptyNanos = clock.getAsLong();
    }

    /** Event loops that know when there was nothing to read. */
    public static IoHandlerFactory loops() {
        return NioIoHandler.newFactory(SelectorProvider.provider(), () -> Arrivals::nextStep);
    }

    private static int nextStep(IntSupplier readyNow, boolean hasTasks) throws Exception {
        return nextStep(readyNow, hasTasks, System::nanoTime);
    }

    /** Looks before it sleeps: that costs a call of the system where there is nothing to do, and none where there is. */
    static int nextStep(IntSupplier readyNow, boolean hasTasks, LongSupplier clock) throws Exception {
        Loop loop = LOOP.get();
        loop.turn++;
        loop.lookedBeforeNanos = loop.lookedNanos;
        loop.lookedNanos = clock.getAsLong();
        int ready = readyNow.get();
        if (ready > 0) {
            return ready;
        }
        loop.isAsleep = !hasTasks;
        loop.quietNanos = clock.getAsLong();
        return hasTasks ? 0 : SelectStrategy.SELECT;
    }

    /** How long what this thread is reading has waited at most, in nanoseconds; 0 where nothing is being read. */
    public static long waitedNanos() {
        return waitedNanos(System.nanoTime());
    }

    static long waitedNanos(long nowNanos) {
        Loop loop = LOOP.get();
        return loop.isReading ? Math.max(0, nowNanos - loop.arrivedAfterNanos) : 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Loop loop = LOOP.get();
        long nowNanos = clock.getAsLong();
        if (loop.isAsleep) {
            loop.isAsleep = false;
            loop.quietNanos = nowNanos;
        }
        // A buffer that is not full has all that there was.
        boolean isAll = message instanceof ByteBuf read && read.isWritable();
        loop.arrivedAfterNanos = later(emptyNanos, loop.quietNanos);
        if (readInTurn >= 0 && readInTurn < loop.turn - 1) {
            loop.arrivedAfterNanos = later(loop.arrivedAfterNanos, loop.lookedBeforeNanos);
        }
        readInTurn = loop.turn;
        loop.isReading = true;
        try {
            context.fireChannelRead(message);
        } finally {
            loop.isReading = false;
        }
        if (isAll) {
            emptyNanos = nowNanos;
        }
    }

    private static long later(long one, long other) {
        return other - one > 0 ? other : one;
    }
}
