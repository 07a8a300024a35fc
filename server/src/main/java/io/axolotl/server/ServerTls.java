package io.axolotl.server;

import io.axolotl.server.config.ConfigException;
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
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.identity.DataFolder;
import java.net.InetSocketAddress;
import java.time.Duration;
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

    private static final Duration MOST_WAIT = Duration.ofSeconds(1);

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
    static ServerTls open(ServerConfig config, Disk disk, FatalHandler fatal) {
        warnOfClearText(
                PortTls.Kind.CLIENTS,
                config.clientTls(),
                flat(List.of(config.listenClientUrls(), config.http().listenClientUrls())));
        warnOfClearText(PortTls.Kind.PEERS, config.peerTls(), config.listenPeerUrls());
        if (!config.clientTls().isSelfMade() && !config.peerTls().isSelfMade()) {
            return open(config, fatal);
        }
        // A second server of the same folder must not put keys of its own under the first one.
        try (DataFolder held = DataFolder.lock(disk, config.dataDir())) {
            log.debug("{} is held while keys are made in it, if there are none", held.root());
            return open(config, fatal);
        } catch (DiskException e) {
            throw new ConfigException("a self-made certificate cannot be kept: " + e.getMessage());
        }
    }

    private static ServerTls open(ServerConfig config, FatalHandler fatal) {
        PortTls clients = clients(config, fatal);
        PortTls peers = peers(config, fatal);
        List<PortTls> all = Stream.of(clients, peers).filter(Objects::nonNull).toList();
        StageThread watch = all.isEmpty() ? null : new StageThread("axolotl-tls", new CredentialsWatch(all), fatal);
        if (watch != null) {
            watch.start();
        }
        return new ServerTls(clients, peers, watch);
    }

    /** Null if there is no certificate, or nothing asks for one. */
    private static @Nullable PortTls clients(ServerConfig config, FatalHandler fatal) {
        if (!config.clientTls().isOn()) {
            return null;
        }
        List<MemberUrl> urls = flat(List.of(
                config.listenClientUrls(),
                config.http().listenClientUrls(),
                config.http().listenMetricsUrls(),
                config.advertiseClientUrls()));
        if (urls.stream().noneMatch(MemberUrl::isSecure)) {
            log.warn("there is a certificate for clients, and none of {} begins with https://: it is not used", urls);
            return null;
        }
        return open(PortTls.Kind.CLIENTS, config.clientTls(), config, urls, fatal);
    }

    /** Null if nothing was said of it. Else it is for connections that go out, whatever the URLs of this member are. */
    private static @Nullable PortTls peers(ServerConfig config, FatalHandler fatal) {
        if (!config.peerTls().isGiven()) {
            return null;
        }
        List<MemberUrl> urls =
                flat(List.of(config.listenPeerUrls(), List.of(config.self().peerUrl())));
        if (config.peerTls().isOn() && urls.stream().noneMatch(MemberUrl::isSecure)) {
            log.info("none of {} begins with https://: TLS is spoken to members whose URL does", urls);
        }
        return open(PortTls.Kind.PEERS, config.peerTls(), config, urls, fatal);
    }

    private static PortTls open(
            PortTls.Kind kind, TlsSettings settings, ServerConfig config, List<MemberUrl> urls, FatalHandler fatal) {
        List<String> hosts = urls.stream().map(MemberUrl::host).distinct().toList();
        return PortTls.open(
                kind, settings, config.dataDir(), hosts, ProcessThreads.factory("axolotl-tls-" + kind, fatal));
    }

    /** Metrics and health in clear text are usual, and ask nobody who he is anyhow. */
    private static void warnOfClearText(PortTls.Kind kind, TlsSettings settings, List<MemberUrl> listening) {
        for (MemberUrl url : listening) {
            if (settings.isClientCertAuth() && !url.isSecure()) {
                log.warn(
                        "{} that come by {} show no certificate, though one is asked for on https:// URLs: whoever"
                                + " reaches it is let in; write https://, or let a firewall guard it",
                        kind,
                        url);
            }
        }
    }

    private static List<MemberUrl> flat(List<List<MemberUrl>> lists) {
        return lists.stream().flatMap(List::stream).toList();
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

    /** Waits for the thread that looks at the files, but not for a disk that hangs. */
    @Override
    public void close() {
        if (watch != null) {
            watch.abort();
            if (!watch.join(MOST_WAIT)) {
                log.warn("the disk with the certificates hangs: whoever looks at them is left behind");
            }
        }
        Stream.of(clients, peers).filter(Objects::nonNull).forEach(PortTls::close);
    }
}
