package io.axolotl.server.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 connection. Requests may be pipelined: one is answered at a time, in order, and the next once the client
 * has taken that answer; some are read ahead, then reading stops until the queue is short again. So a connection holds
 * one answer and about one body, whatever the client asks for and however slowly it reads.
 *
 * <p>An answer in pieces may go on for days. Reading goes on meanwhile, for only who reads notices that the client has
 * gone; a client that sends more than the queue takes behind such a request is cut off.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http1Connection extends SimpleChannelInboundHandler<Http1Request> {
    private static final Logger log = LoggerFactory.getLogger(Http1Connection.class);

    private final HttpPages pages;
    private final HttpLimits limits;
    private final HttpBudget budget;
    private final Http1Deadlines deadlines;
    private final BooleanSupplier isDraining;
    private final Queue<Http1Exchange> waiting = new ArrayDeque<>();

    /** Of the bodies of those that wait. */
    private long waitingBytes;

    private @Nullable Http1Exchange answering;
    private boolean isDispatching;

    /** The present answer comes in pieces. */
    private boolean isStreaming;

    /** An answer said that it is the last of this connection. */
    private boolean isEnding;

    private @Nullable ChannelHandlerContext context;

    Http1Connection(
            HttpPages pages,
            HttpLimits limits,
            HttpBudget budget,
            Http1Deadlines deadlines,
            BooleanSupplier isDraining) {
        this.pages = pages;
        this.limits = limits;
        this.budget = budget;
        this.deadlines = deadlines;
        this.isDraining = isDraining;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Http1Request request) {
        deadlines.requested();
        waiting.add(new Http1Exchange(this, context, request));
        waitingBytes += request.body().length;
        if (isFull()) {
            if (isStreaming) {
                ChannelFuture unused = context.close();
                return;
            }
            context.channel().config().setAutoRead(false);
        }
        answerWaiting();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (answering != null) {
            answering.giveAll();
            answering.over(false);
            answering = null;
        }
        waiting.forEach(Http1Exchange::giveAll);
        waiting.clear();
        isEnding = true;
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.warn("closing HTTP connection of {}: {}", context.channel().remoteAddress(), cause.toString());
        }
        ChannelFuture unused = context.close();
    }

    /** Whether the present answer comes in pieces. */
    boolean isStreaming() {
        return isStreaming;
    }

    /** For the graceful end of the server. */
    void closeIfIdle() {
        if (answering == null && context != null) {
            ChannelFuture unused = context.close();
        }
    }

    private boolean isFull() {
        return waiting.size() >= limits.maxPipelined() || waitingBytes >= limits.maxBodyBytes();
    }

    /** Answers in order, as far as answers come at once; a loop and no recursion, for there may be many. */
    private void answerWaiting() {
        if (isDispatching) {
            return;
        }
        isDispatching = true;
        while (answering == null && !isEnding && !waiting.isEmpty()) {
            Http1Exchange next = waiting.remove();
            answering = next;
            waitingBytes -= next.body().length;
            HttpAnswer refusal = next.refusal();
            if (refusal == null) {
                pages.serve(next);
            } else {
                next.send(refusal);
            }
        }
        isDispatching = false;
        if (answering == null && !isEnding) {
            deadlines.answered();
        }
    }

    // ---- of the exchanges ----

    HttpBudget budget() {
        return budget;
    }

    /** Whether the server is about to end, so that this answer is the last. */
    boolean isDraining() {
        return isDraining.getAsBoolean();
    }

    /** An answer, or a piece of one, is on its way out. */
    void writing() {
        deadlines.writing();
    }

    /** An answer in pieces begins. */
    void streaming() {
        isStreaming = true;
        if (context != null) {
            context.channel().config().setAutoRead(true);
        }
    }

    /** The client has taken a piece, and the next is not here yet. */
    void pieceTaken() {
        deadlines.answering();
    }

    /** The client has taken the whole answer, or will never do so. */
    void written(Http1Exchange exchange, ChannelFuture written, boolean isLast) {
        if (exchange != answering) {
            return;
        }
        exchange.giveAll();
        answering = null;
        isStreaming = false;
        isEnding = isLast || !written.isSuccess();
        if (isEnding) {
            ChannelFuture unused = written.channel().close();
        } else {
            deadlines.answering();
            if (context != null && !isFull()) {
                context.channel().config().setAutoRead(true);
            }
            answerWaiting();
        }
    }
}
