package io.axolotl.server.http;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Turnstile} in an HTTP/2 connection. Whom it turns away gets trailers and nothing else, as grpc would send them, and
 * what still comes on that stream is dropped. Such a call is counted as every other.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http2Turnstile extends Http2FrameListenerDecorator {
    private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
    private static final AsciiString CLIENT_API_VERSION = AsciiString.cached("client-api-version");
    private static final Metadata.Key<String> CLIENT_API_VERSION_KEY =
            Metadata.Key.of(CLIENT_API_VERSION.toString(), Metadata.ASCII_STRING_MARSHALLER);

    /** As grpc's specification has it. */
    private static final int MAX_TIMEOUT_DIGITS = 8;

    private final GrpcHttp2ConnectionHandler grpc;
    private final Turnstile turnstile;
    private final ServerStreamTracer.Factory tracers;
    private final Http2Headers refusal;
    private final Http2Connection.PropertyKey isTurnedAway;

    private Http2Turnstile(
            GrpcHttp2ConnectionHandler grpc,
            Turnstile turnstile,
            ServerStreamTracer.Factory tracers,
            Http2FrameListener calls) {
        super(calls);
        this.grpc = grpc;
        this.turnstile = turnstile;
        this.tracers = tracers;
        this.refusal = trailersOnly(turnstile.refusal());
        this.isTurnedAway = grpc.connection().newKey();
    }

    /** Before the first frame is read. */
    static void install(GrpcHttp2ConnectionHandler grpc, Turnstile turnstile, ServerStreamTracer.Factory tracers) {
        grpc.decoder()
                .frameListener(new Http2Turnstile(
                        grpc, turnstile, tracers, grpc.decoder().frameListener()));
    }

    private static Http2Headers trailersOnly(Status status) {
        String message = status.getDescription() == null ? "" : status.getDescription();
        return ReadOnlyHttp2Headers.serverHeaders(
                true,
                AsciiString.cached("200"),
                HttpHeaderNames.CONTENT_TYPE,
                AsciiString.cached("application/grpc"),
                AsciiString.cached("grpc-status"),
                AsciiString.of(String.valueOf(status.getCode().value())),
                AsciiString.cached("grpc-message"),
                AsciiString.of(message));
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean isEnd)
            throws Http2Exception {
        if (!isTurnedAway(context, id, headers)) {
            super.onHeadersRead(context, id, headers, padding, isEnd);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int id,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean isExclusive,
            int padding,
            boolean isEnd)
            throws Http2Exception {
        if (!isTurnedAway(context, id, headers)) {
            super.onHeadersRead(context, id, headers, dependency, weight, isExclusive, padding, isEnd);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean isEnd)
            throws Http2Exception {
        Http2Stream stream = grpc.connection().stream(id);
        return stream != null && stream.getProperty(isTurnedAway) != null
                ? data.readableBytes() + padding
                : super.onDataRead(context, id, data, padding, isEnd);
    }

    private boolean isTurnedAway(ChannelHandlerContext context, int id, Http2Headers headers) {
        Http2Stream stream = grpc.connection().stream(id);
        if (stream == null) {
            return false;
        }
        if (stream.getProperty(isTurnedAway) != null) {
            // Trailers, of which nothing is needed.
            return true;
        }
        CharSequence path = headers.path();
        if (path == null
                || stream.isTrailersReceived()
                || !turnstile.turnsAway(path, timeoutNanos(headers.get(TIMEOUT)))) {
            return false;
        }
        stream.setProperty(isTurnedAway, true);
        count(path.subSequence(1, path.length()).toString(), headers.get(CLIENT_API_VERSION));
        var unused = grpc.encoder().writeHeaders(context, id, refusal, 0, true, context.newPromise());
        return true;
    }

    private void count(String method, @Nullable CharSequence clientVersion) {
        Metadata metadata = new Metadata();
        if (clientVersion != null) {
            metadata.put(CLIENT_API_VERSION_KEY, clientVersion.toString());
        }
        tracers.newServerStreamTracer(method, metadata).streamClosed(turnstile.refusal());
    }

    /** What cannot be read is for grpc to refuse, and says nothing of time. */
    static long timeoutNanos(@Nullable CharSequence text) {
        if (text == null || text.length() < 2 || text.length() > MAX_TIMEOUT_DIGITS + 1) {
            return Long.MAX_VALUE;
        }
        long amount = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return Long.MAX_VALUE;
            }
            amount = amount * 10 + digit;
        }
        return switch (text.charAt(text.length() - 1)) {
            case 'H' -> TimeUnit.HOURS.toNanos(amount);
            case 'M' -> TimeUnit.MINUTES.toNanos(amount);
            case 'S' -> TimeUnit.SECONDS.toNanos(amount);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(amount);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(amount);
            case 'n' -> amount;
            default -> Long.MAX_VALUE;
        };
    }
}
