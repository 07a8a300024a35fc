package io.axolotl.server;

import io.axolotl.server.config.MemberUrl;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.TlsSettings;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.server.peer.PeerSecurity;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.stage.StageThread;
import io.axolotl.server.tls.CredentialsWatch;
import io.axolotl.server.tls.PortTls;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of both ports of a server, and the thread that looks at its files. Safe for all threads.
 */
final class ServerTls implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

    private final @Nullable PortTls clients;
    private final @Nullable PortTls peers;
    private final @Nullable StageThread watch;

    private ServerTls(@Nullable PortTls clients, @Nullable PortTls peers, @Nullable StageThread watch) {
        this.clients = clients;
        this.peers = peers;
        this.watch = watch;
    }

    /**
     * Reads the files of all ports that have some, and begins to look at them.
     *
     * @throws io.axolotl.server.config.ConfigException if one cannot be used
     */
    static ServerTls open(ServerConfig config, FatalHandler fatal) {
        PortTls clients = open(
                PortTls.Kind.CLIENTS,
                config.clientTls(),
                config,
                Stream.of(
                                config.listenClientUrls(),
                                config.http().listenClientUrls(),
                                config.http().listenMetricsUrls(),
                                config.advertiseClientUrls())
                        .flatMap(List::stream)
                        .toList(),
                fatal);
        PortTls peers = open(
                PortTls.Kind.PEERS,
                config.peerTls(),
                config,
                Stream.concat(
                                config.listenPeerUrls().stream(),
                                Stream.of(config.self().peerUrl()))
                        .toList(),
                fatal);
        List<PortTls> all = Stream.of(clients, peers).filter(Objects::nonNull).toList();
        StageThread watch = all.isEmpty() ? null : new StageThread("axolotl-tls", new CredentialsWatch(all), fatal);
        if (watch != null) {
            watch.start();
        }
        return new ServerTls(clients, peers, watch);
    }

    /** Null if there is no certificate, or nothing asks for one. */
    private static @Nullable PortTls open(
            PortTls.Kind kind, TlsSettings settings, ServerConfig config, List<MemberUrl> urls, FatalHandler fatal) {
        if (!settings.isOn()) {
            return null;
        }
        if (urls.stream().noneMatch(MemberUrl::isSecure)) {
            log.warn("there is a certificate for {}, and none of {} begins with https://: it is not used", kind, urls);
            return null;
        }
        List<String> hosts = urls.stream().map(MemberUrl::host).distinct().toList();
        return PortTls.open(
                kind, settings, config.dataDir(), hosts, ProcessThreads.factory("axolotl-tls-" + kind, fatal));
    }

    @Nullable PortTls clients() {
        return clients;
    }

    PeerSecurity security(ServerConfig config) {
        return peers == null ? PeerSecurity.NONE : new PeerSecurity(peers, addresses(config.listenPeerUrls(), true));
    }

    /** Those of the URLs that ask for TLS, or those that do not. */
    static List<InetSocketAddress> addresses(List<MemberUrl> urls, boolean isSecure) {
        return urls.stream()
                .filter(url -> url.isSecure() == isSecure)
                .map(MemberUrl::socketAddress)
                .toList();
    }

    static PeerAddress addressOf(MemberUrl url) {
        return new PeerAddress(url.unresolvedAddress(), url.isSecure());
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.stopAndJoin();
        }
        Stream.of(clients, peers).filter(Objects::nonNull).forEach(PortTls::close);
    }
}
