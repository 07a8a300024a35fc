package io.axolotl.server.http;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
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
final class Http2Turnstile extends Http2Branch<Boolean> {
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

    private Http2Turnstile(GrpcHttp2ConnectionHandler grpc, Turnstile turnstile, ServerStreamTracer.Factory tracers) {
        super(grpc);
        this.grpc = grpc;
        this.turnstile = turnstile;
        this.tracers = tracers;
        this.refusal = trailersOnly(turnstile.refusal());
    }

    /** Before the first frame is read. */
    static void install(GrpcHttp2ConnectionHandler grpc, Turnstile turnstile, ServerStreamTracer.Factory tracers) {
        grpc.decoder().frameListener(new Http2Turnstile(grpc, turnstile, tracers));
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
    boolean begins(ChannelHandlerContext context, Http2Stream stream, Http2Headers headers, boolean isEnd) {
        CharSequence path = headers.path();
        if (path == null
                || stream.isTrailersReceived()
                || !turnstile.turnsAway(path, timeoutNanos(headers.get(TIMEOUT)))) {
            return false;
        }
        take(stream, true);
        count(path.subSequence(1, path.length()).toString(), headers.get(CLIENT_API_VERSION));
        var unused = grpc.encoder().writeHeaders(context, stream.id(), refusal, 0, true, context.newPromise());
        return true;
    }

    @Override
    void trailed(Boolean taken, boolean isEnd) {
        // Nothing of it is needed.
    }

    @Override
    void received(Boolean taken, ByteBuf data, boolean isEnd) {
        // Nothing of it is needed.
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
