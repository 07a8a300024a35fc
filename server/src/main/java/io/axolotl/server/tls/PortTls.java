package io.axolotl.server.tls;

import io.axolotl.client.tls.Credentials;
import io.axolotl.client.tls.LiveCredentials;
import io.axolotl.client.tls.PeerTrust;
import io.axolotl.client.tls.TlsFileException;
import io.axolotl.client.tls.TlsFiles;
import io.axolotl.client.transport.LiveSslContext;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.TlsSettings;
import io.grpc.netty.GrpcSslContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one kind of port speaks TLS: what is shown, who is trusted, and the threads that work out handshakes.
 *
 * <p>Safe for all threads.
 */
public final class PortTls implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PortTls.class);

    /** A session that goes on asks for no certificate again, so it must not outlive one by much. */
    private static final long SESSION_SECONDS = 300;

    private static final int HANDSHAKE_THREADS = 2;

    /** Some seconds of work. Who comes when it is full is cut off at once and comes again. */
    private static final int MAX_WAITING_HANDSHAKES = 4096;

    private static final List<String> HTTP1 = List.of("http/1.1");
    private static final List<String> HTTP2 = List.of("h2");
    private static final List<String> HTTP2_OR_HTTP1 = List.of("h2", "http/1.1");
    private static final Duration EXPIRES_SOON = Duration.ofDays(14);
    private static final long WARN_EVERY_NANOS = TimeUnit.DAYS.toNanos(1);

    /** Which port it is. */
    public enum Kind {
        CLIENTS("clients"),
        PEERS("peers");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** What can be agreed on, the best first. */
        private List<String> protocols() {
            return this == CLIENTS ? HTTP2_OR_HTTP1 : HTTP2;
        }

        /** The folder of a self-made certificate, as with etcd. */
        String folder() {
            return this == CLIENTS ? "client" : "peer";
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** @param accepting null without a certificate: nobody can be taken in then, and others still be connected to */
    private record Contexts(@Nullable Accepting accepting, SslContext connecting) {}

    /** For connections that come in, and for those that come in to speak HTTP/1.1 alone. */
    private record Accepting(SslContext any, SslContext http1) {}

    private final Kind kind;
    private final LiveCredentials<Contexts> live;

    /** Where handshakes that come in are worked out; refuses when too many wait. */
    private final ThreadPoolExecutor handshakes;

    private final RejectionLog rejections;

    /** When to say again that a certificate is about to expire, or has. Guarded by the lock of this object. */
    private long nextWarningNanos = System.nanoTime() + WARN_EVERY_NANOS;

    private PortTls(Kind kind, LiveCredentials<Contexts> live, ThreadFactory threads) {
        this.kind = kind;
        this.live = live;
        this.handshakes = new ThreadPoolExecutor(
                HANDSHAKE_THREADS,
                HANDSHAKE_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING_HANDSHAKES),
                threads);
        handshakes.allowCoreThreadTimeOut(true);
        this.rejections = new RejectionLog(kind.toString(), System::nanoTime);
    }

    /**
     * Reads the files, or makes a certificate if the settings ask for that; who asks for that holds the lock of the data
     * folder meanwhile.
     *
     * @param hosts what a self-made certificate is for
     * @param threads make those that work out handshakes
     * @throws ConfigException if a file cannot be used, or a cipher suite is not known
     */
    public static PortTls open(
            Kind kind, TlsSettings settings, Path dataDir, List<String> hosts, ThreadFactory threads) {
        List<String> suites = CipherSuites.of(settings.cipherSuites(), settings.versions());
        try {
            TlsFiles files = files(kind, settings, dataDir, hosts);
            LiveCredentials<Contexts> live =
                    LiveCredentials.open(files, credentials -> contexts(kind, settings, suites, credentials));
            log.info("TLS for {}: {}", kind, live.credentials().summary());
            warnOfExpiry(kind, live.credentials());
            return new PortTls(kind, live, threads);
        } catch (TlsFileException e) {
            throw new ConfigException("TLS for " + kind + ": " + e.getMessage());
        }
    }

    private static TlsFiles files(Kind kind, TlsSettings settings, Path dataDir, List<String> hosts)
            throws TlsFileException {
        if (!settings.isSelfMade()) {
            return new TlsFiles(settings.certFile(), settings.keyFile(), settings.trustedCaFile(), settings.crlFile());
        }
        SelfMadeCertificate made = SelfMadeCertificate.in(
                dataDir.resolve("fixtures").resolve(kind.folder()), hosts, settings.selfMadeYears());
        return new TlsFiles(made.certificate(), made.key(), settings.trustedCaFile(), settings.crlFile());
    }

    private static Contexts contexts(Kind kind, TlsSettings settings, List<String> suites, Credentials credentials)
            throws TlsFileException {
        Credentials.Identity identity = credentials.identity();
        PeerTrust trust = new PeerTrust(
                credentials, new PeerTrust.Permitted(settings.allowedCommonNames(), settings.allowedHosts()));
        SslContextBuilder connecting = standard(SslContextBuilder.forClient(), settings, suites)
                .trustManager(settings.isSelfMade() ? PeerTrust.blind() : trust);
        try {
            if (identity == null) {
                return new Contexts(null, connecting.build());
            }
            SslContextBuilder accepting = standard(
                            SslContextBuilder.forServer(identity.key(), identity.chain()), settings, suites)
                    .trustManager(trust)
                    .clientAuth(settings.isClientCertAuth() ? ClientAuth.REQUIRE : ClientAuth.NONE)
                    .sessionTimeout(SESSION_SECONDS);
            return new Contexts(
                    new Accepting(
                            accepting
                                    .applicationProtocolConfig(alpn(kind.protocols()))
                                    .build(),
                            accepting.applicationProtocolConfig(alpn(HTTP1)).build()),
                    connecting.keyManager(identity.key(), identity.chain()).build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new TlsFileException("these certificates cannot be used: " + e.getMessage(), e);
        }
    }

    /** Who agrees on none of these gets none. */
    private static ApplicationProtocolConfig alpn(List<String> protocols) {
        return new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols);
    }

    private static SslContextBuilder standard(SslContextBuilder builder, TlsSettings settings, List<String> suites) {
        SslContextBuilder configured =
                GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(settings.versions());
        return suites.isEmpty() ? configured : configured.ciphers(suites);
    }

    /** The first handler of a connection that comes in now. */
    SslHandler acceptingHandler(ByteBufAllocator allocator) {
        return new SslHandler(accepting().any().newEngine(allocator), handshakes);
    }

    /** Begins a connection that comes in now to a port that speaks HTTP/1.1 and nothing else: other handlers come behind. */
    public void secure(ChannelPipeline empty) {
        SSLEngine engine = accepting().http1().newEngine(empty.channel().alloc());
        empty.addLast(new SslHandler(engine, handshakes), new TlsFailures(rejections));
    }

    private Accepting accepting() {
        return Objects.requireNonNull(live.current().accepting(), "there is no certificate to show");
    }

    /** Whether there is a certificate to show to those who connect. */
    public boolean isAccepting() {
        return live.current().accepting() != null;
    }

    /** For connections to others: each takes the newest when it begins. */
    public SslContext connecting() {
        return new LiveSslContext(() -> live.current().connecting());
    }

    RejectionLog rejections() {
        return rejections;
    }

    public Kind kind() {
        return kind;
    }

    /** Looks at the files and tells what has become of them, and once a day of a certificate that expires. Reads from the disk. */
    public synchronized void refresh() {
        LiveCredentials.Look look = live.refresh();
        if (look instanceof LiveCredentials.Look.Renewed renewed) {
            log.info(
                    "TLS for {} has new files; from now on: {}",
                    kind,
                    renewed.credentials().summary());
            warnOfExpiry(kind, renewed.credentials());
        } else if (look instanceof LiveCredentials.Look.Kept kept) {
            log.warn(
                    "TLS for {}: the files have changed and cannot be used, so what was read before stays: {}",
                    kind,
                    kept.why());
        }
        if (System.nanoTime() - nextWarningNanos >= 0) {
            nextWarningNanos = System.nanoTime() + WARN_EVERY_NANOS;
            warnOfExpiry(kind, live.credentials());
        }
    }

    private static void warnOfExpiry(Kind kind, Credentials credentials) {
        Instant now = Instant.now();
        credentials.doubts(now, EXPIRES_SOON).forEach(doubt -> log.warn("TLS for {}: {}", kind, doubt));
        Credentials.Identity identity = credentials.identity();
        if (identity == null) {
            return;
        }
        Instant end = identity.certificate().getNotAfter().toInstant();
        if (end.isBefore(now)) {
            log.error(
                    "TLS for {}: the certificate has expired on {}, and others will refuse it; replace its file",
                    kind,
                    end);
        } else if (end.isBefore(now.plus(EXPIRES_SOON))) {
            log.warn("TLS for {}: the certificate expires on {}; replace its file before", kind, end);
        }
    }

    /** Works out no more handshakes. */
    @Override
    public void close() {
        handshakes.shutdown();
    }
}
