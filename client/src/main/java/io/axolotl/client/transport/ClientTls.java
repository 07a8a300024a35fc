package io.axolotl.client.transport;

import io.axolotl.client.tls.Credentials;
import io.axolotl.client.tls.LiveCredentials;
import io.axolotl.client.tls.PeerTrust;
import io.axolotl.client.tls.TlsFileException;
import io.axolotl.client.tls.TlsFiles;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a client secures its connections. The files are looked at again with each new connection: certificates may be
 * replaced while the client runs.
 *
 * <p>Safe for all threads.
 */
public final class ClientTls {
    private static final Logger log = LoggerFactory.getLogger(ClientTls.class);

    private final LiveCredentials<SslContext> live;

    private ClientTls(LiveCredentials<SslContext> live) {
        this.live = live;
    }

    /**
     * @param isBlind take whatever certificate the server shows
     * @throws TlsFileException if a file cannot be used
     */
    public static ClientTls open(TlsFiles files, boolean isBlind) throws TlsFileException {
        return new ClientTls(LiveCredentials.open(files, credentials -> context(credentials, isBlind)));
    }

    /** Servers that the Java platform trusts, and no certificate of its own. */
    public static ClientTls trustingThePlatform() {
        try {
            return open(TlsFiles.NONE, false);
        } catch (TlsFileException e) {
            throw new IllegalStateException("no file was to be read, and reading failed", e);
        }
    }

    private static SslContext context(Credentials credentials, boolean isBlind) throws TlsFileException {
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .trustManager(isBlind ? PeerTrust.blind() : new PeerTrust(credentials, PeerTrust.Permitted.ANY));
        Credentials.Identity identity = credentials.identity();
        if (identity != null) {
            builder.keyManager(identity.key(), identity.chain());
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new TlsFileException("these certificates cannot be used: " + e.getMessage(), e);
        }
    }

    /** For channels: each connection takes what the files hold when it begins. */
    public SslContext context() {
        return new LiveSslContext(() -> {
            if (live.refresh() instanceof LiveCredentials.Look.Kept kept) {
                log.warn("the TLS files have changed and cannot be used, the old ones are: {}", kept.why());
            }
            return live.current();
        });
    }
}
