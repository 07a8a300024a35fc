package io.axolotl.client.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * Stands for whatever context is the newest when a connection begins. Each context remembers its own sessions, so with new
 * files no connection goes on with a session of the old ones: a certificate that was taken back stays out.
 *
 * <p>Safe for all threads.
 */
public final class LiveSslContext extends SslContext {
    private final Supplier<SslContext> newest;

    public LiveSslContext(Supplier<SslContext> newest) {
        this.newest = newest;
    }

    @Override
    public boolean isClient() {
        return newest.get().isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return newest.get().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // there is no other way to say it
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return newest.get().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return newest.get().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return newest.get().newEngine(allocator, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return newest.get().sessionContext();
    }
}
