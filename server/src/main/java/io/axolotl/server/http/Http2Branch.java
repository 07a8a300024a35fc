package io.axolotl.server.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes some of the streams of an HTTP/2 connection out before grpc sees them. Whether a stream is taken is decided by its
 * first headers; from then on all that comes on it is for whoever took it.
 *
 * <p>Confined to the event loop of its channel.
 *
 * @param <T> what is known of a stream that was taken
 */
abstract class Http2Branch<T> extends Http2FrameListenerDecorator {
    private final GrpcHttp2ConnectionHandler grpc;
    private final Http2Connection.PropertyKey key;

    /** Stands in front of whoever was to have the frames until now. */
    Http2Branch(GrpcHttp2ConnectionHandler grpc) {
        super(grpc.decoder().frameListener());
        this.grpc = grpc;
        this.key = grpc.connection().newKey();
    }

    /**
     * The first headers of a stream.
     *
     * @return whether the stream is taken; {@link #take} was called then, or the stream has been reset
     */
    abstract boolean begins(ChannelHandlerContext context, Http2Stream stream, Http2Headers headers, boolean isEnd);

    /** Trailers on a stream that was taken. */
    abstract void trailed(T taken, boolean isEnd);

    /** Data on a stream that was taken; to be read at once. */
    abstract void received(T taken, ByteBuf data, boolean isEnd);

    final void take(Http2Stream stream, T as) {
        stream.setProperty(key, as);
    }

    /** Null if the stream was not taken. */
    final @Nullable T taken(Http2Stream stream) {
        return stream.getProperty(key);
    }

    @Override
    public final void onHeadersRead(
            ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean isEnd)
            throws Http2Exception {
        if (!takes(context, id, headers, isEnd)) {
            super.onHeadersRead(context, id, headers, padding, isEnd);
        }
    }

    @Override
    public final void onHeadersRead(
            ChannelHandlerContext context,
            int id,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean isExclusive,
            int padding,
            boolean isEnd)
            throws Http2Exception {
        if (!takes(context, id, headers, isEnd)) {
            super.onHeadersRead(context, id, headers, dependency, weight, isExclusive, padding, isEnd);
        }
    }

    private boolean takes(ChannelHandlerContext context, int id, Http2Headers headers, boolean isEnd) {
        Http2Stream stream = grpc.connection().stream(id);
        if (stream == null) {
            return false;
        }
        T taken = taken(stream);
        if (taken == null) {
            return begins(context, stream, headers, isEnd);
        }
        trailed(taken, isEnd);
        return true;
    }

    @Override
    public final int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean isEnd)
            throws Http2Exception {
        Http2Stream stream = grpc.connection().stream(id);
        T taken = stream == null ? null : taken(stream);
        if (taken == null) {
            return super.onDataRead(context, id, data, padding, isEnd);
        }
        int bytes = data.readableBytes() + padding;
        received(taken, data, isEnd);
        return bytes;
    }
}
