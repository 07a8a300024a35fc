package io.axolotl.server.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One plain request on a stream of an HTTP/2 connection. The public methods are safe for all threads and hop to the event
 * loop of the channel, to which all else is confined.
 */
final class Http2Exchange implements HttpExchange {
    private static final byte[] NOTHING = {};

    private final GrpcHttp2ConnectionHandler grpc;
    private final ChannelHandlerContext context;
    private final int id;
    private final String method;
    private final QueryStringDecoder target;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private final HttpPages pages;
    private final HttpLimits limits;
    private final HttpBudget budget;
    private final List<Map.Entry<String, String>> added = new ArrayList<>();
    private final AtomicBoolean isAnswered = new AtomicBoolean();
    private final ByteArrayOutputStream arriving = new ByteArrayOutputStream(0);
    private byte[] body = NOTHING;

    /** Of the budget. */
    private long heldBytes;

    /** The whole request has arrived, or was refused. */
    private boolean isServed;

    /** The stream is closed. */
    private boolean isOver;

    /** The last piece of the answer was written. */
    private boolean isWritten;

    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable Runnable onGone;

    Http2Exchange(
            GrpcHttp2ConnectionHandler grpc,
            ChannelHandlerContext context,
            int id,
            Http2Headers head,
            HttpPages pages,
            HttpLimits limits,
            HttpBudget budget) {
        this.grpc = grpc;
        this.context = context;
        this.id = id;
        CharSequence named = head.method();
        this.method = named == null ? "" : named.toString();
        this.target = new QueryStringDecoder(String.valueOf(head.path()));
        this.pages = pages;
        this.limits = limits;
        this.budget = budget;
        for (Map.Entry<CharSequence, CharSequence> header : head) {
            headers.add(Map.entry(header.getKey().toString(), header.getValue().toString()));
        }
        CharSequence authority = head.authority();
        if (authority != null) {
            headers.add(Map.entry("host", authority.toString()));
        }
        expectWithin(limits.requestTimeout());
    }

    // ---- deadlines ----

    private void expectWithin(Duration timeout) {
        stopClock();
        deadline = context.executor().schedule(this::giveUp, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void giveUp() {
        if (!isOver) {
            ChannelFuture unused = grpc.resetStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
            grpc.flush(context);
        }
    }

    // ---- the request ----

    void received(ByteBuf data, boolean isEnd) {
        int bytes = data.readableBytes();
        if (isServed) {
            return;
        }
        if (arriving.size() + bytes > limits.maxBodyBytes()) {
            refuse(HttpAnswer.text(
                    413, "413 Content Too Large: a request may have " + limits.maxBodyBytes() + " bytes"));
        } else if (!budget.take(bytes)) {
            refuse(Http1Collector.overloaded());
        } else {
            heldBytes += bytes;
            byte[] arrived = new byte[bytes];
            data.readBytes(arrived);
            arriving.writeBytes(arrived);
            arrived(isEnd);
        }
    }

    /** A part of the request is here. */
    void arrived(boolean isEnd) {
        if (!isEnd || isServed) {
            return;
        }
        body = arriving.toByteArray();
        if (isUndecodable()) {
            refuse(HttpAnswer.text(400, "400 Bad Request"));
        } else {
            isServed = true;
            stopClock();
            pages.serve(this);
        }
    }

    private void refuse(HttpAnswer answer) {
        isServed = true;
        stopClock();
        send(answer);
    }

    private boolean isUndecodable() {
        try {
            target.path();
            target.parameters();
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    /** The stream has ended, one way or the other. */
    void closed() {
        isOver = true;
        stopClock();
        budget.give(heldBytes);
        heldBytes = 0;
        Runnable action = onGone;
        onGone = null;
        if (action != null && !isWritten) {
            action.run();
        }
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return target.path();
    }

    @Override
    public List<String> query(String name) {
        return target.parameters().getOrDefault(name, List.of());
    }

    @Override
    public List<String> header(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return headers.stream()
                .filter(header -> header.getKey().equals(lower))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public List<Map.Entry<String, String>> headers() {
        return headers.stream()
                .filter(header -> !header.getKey().startsWith(":"))
                .toList();
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public SocketAddress client() {
        return context.channel().remoteAddress();
    }

    @Override
    public boolean isEncrypted() {
        return context.pipeline().get(SslHandler.class) != null;
    }

    @Override
    public Executor executor() {
        return context.executor();
    }

    @Override
    public void addHeader(String name, String value) {
        synchronized (added) {
            added.add(Map.entry(name.toLowerCase(Locale.ROOT), value));
        }
    }

    @Override
    public void onGone(Runnable action) {
        onLoop(() -> {
            if (isOver && !isWritten) {
                action.run();
            } else {
                onGone = action;
            }
        });
    }

    // ---- the answer ----

    @Override
    public void send(HttpAnswer answer) {
        requireFirst();
        onLoop(() -> write(answer));
    }

    @Override
    public HttpStream begin(int status, String contentType) {
        requireFirst();
        onLoop(() -> {
            if (!isOver) {
                writeHead(head(status, contentType));
                grpc.flush(context);
            }
        });
        return new Pieces();
    }

    private void requireFirst() {
        if (!isAnswered.compareAndSet(false, true)) {
            throw new IllegalStateException("request " + target.path() + " was answered before");
        }
    }

    private void onLoop(Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
        } else {
            context.executor().execute(task);
        }
    }

    private void write(HttpAnswer wanted) {
        if (isOver) {
            return;
        }
        HttpAnswer answer = wanted;
        if (answer.body().length > Http1Exchange.FREE_ANSWER_BYTES) {
            if (budget.take(answer.body().length)) {
                heldBytes += answer.body().length;
            } else {
                answer = Http1Collector.overloaded();
            }
        }
        Http2Headers head = head(answer.status(), answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (!answer.allow().isEmpty()) {
            head.set(HttpHeaderNames.ALLOW, answer.allow());
        }
        writeHead(head);
        writeLast(answer.body());
    }

    private Http2Headers head(int status, String contentType) {
        Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
        synchronized (added) {
            added.forEach(header -> head.add(header.getKey(), header.getValue()));
        }
        head.set("x-content-type-options", "nosniff");
        if (!contentType.isEmpty()) {
            head.set(HttpHeaderNames.CONTENT_TYPE, contentType);
        }
        return head;
    }

    private void writeHead(Http2Headers head) {
        ChannelFuture unused = grpc.encoder().writeHeaders(context, id, head, 0, false, context.newPromise());
    }

    private void writeLast(byte[] bytes) {
        isWritten = true;
        expectWithin(limits.writeTimeout());
        ChannelFuture unused =
                grpc.encoder().writeData(context, id, Unpooled.wrappedBuffer(bytes), 0, true, context.newPromise());
        grpc.flush(context);
    }

    /** The answer in pieces, each a frame or some. */
    private final class Pieces implements HttpStream {
        @Override
        public void write(byte[] piece, Runnable onTaken) {
            onLoop(() -> send(piece, onTaken));
        }

        private void send(byte[] piece, Runnable onTaken) {
            if (isOver) {
                return;
            }
            if (!budget.take(piece.length)) {
                giveUp();
                return;
            }
            heldBytes += piece.length;
            expectWithin(limits.writeTimeout());
            ChannelFuture unused = grpc.encoder()
                    .writeData(context, id, Unpooled.wrappedBuffer(piece), 0, false, context.newPromise())
                    .addListener(written -> taken(written.isSuccess(), piece.length, onTaken));
            grpc.flush(context);
        }

        private void taken(boolean isTaken, int bytes, Runnable onTaken) {
            if (isOver) {
                return;
            }
            heldBytes -= bytes;
            budget.give(bytes);
            if (isTaken) {
                stopClock();
                onTaken.run();
            }
        }

        @Override
        public void end() {
            onLoop(() -> {
                if (!isOver) {
                    writeLast(NOTHING);
                }
            });
        }
    }
}
