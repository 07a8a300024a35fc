package io.axolotl.server;

import io.axolotl.server.config.HttpFace;
import io.axolotl.server.config.MemberUrl;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.gateway.Gateway;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpAccess;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.server.http.HttpPage;
import io.axolotl.server.http.HttpPages;
import io.axolotl.server.http.HttpPort;
import io.axolotl.server.http.StandardPages;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.tls.PortTls;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may ask for what by plain HTTP on which port (contract F.1): everything on the client port, unless
 * {@code --listen-client-http-urls} moves it to ports of its own; metrics and health on those of
 * {@code --listen-metrics-urls} too, where nobody's origin or host name is looked at, as with etcd.
 *
 * <p>Opened and closed by one thread.
 */
final class HttpFront {
    private static final Logger log = LoggerFactory.getLogger(HttpFront.class);

    private final ServerConfig config;
    private final HttpFace face;
    private final Map<String, HttpPage> read;
    private final HttpPages pages;
    private final Gateway gateway;
    private final @Nullable PortTls tls;
    private final ConnectionBound clients;
    private final ConnectionBound scrapers;
    private final List<HttpPort> ports = new ArrayList<>();

    /**
     * @param tls for {@code https} URLs; null if there are none
     * @param access who may send requests from where
     * @param clients bound on connections of clients, here and on the client port
     * @param scrapers bound on connections of who reads metrics
     */
    HttpFront(
            ServerConfig config,
            Map<String, HttpPage> read,
            Gateway gateway,
            @Nullable PortTls tls,
            HttpAccess access,
            ConnectionBound clients,
            ConnectionBound scrapers) {
        this.clients = clients;
        this.scrapers = scrapers;
        this.tls = tls;
        this.config = config;
        this.face = config.http();
        this.read = read;
        this.gateway = gateway;
        this.pages = new HttpPages(read, gateway.pages(), access);
    }

    HttpLimits limits() {
        return HttpLimits.DEFAULT.forRequestsOf(config.maxRequestBytes());
    }

    HttpPages pagesOfClientPort() {
        return face.listenClientUrls().isEmpty() ? pages : HttpPages.none();
    }

    /** @throws IOException if an address cannot be bound; then nothing of this listens */
    void open() throws IOException {
        try {
            open("http", face.listenClientUrls(), clients, pages);
            open(
                    "metrics",
                    face.listenMetricsUrls(),
                    scrapers,
                    new HttpPages(StandardPages.forMetricsPort(read), Map.of(), HttpAccess.UNCHECKED));
        } catch (IOException e) {
            shutdown();
            throw e;
        }
    }

    private void open(String name, List<MemberUrl> urls, ConnectionBound bound, HttpPages served) throws IOException {
        if (!urls.isEmpty()) {
            HttpPort port = HttpPort.open(
                    name,
                    ServerTls.addresses(urls, false),
                    new ClientPort.Secured(ServerTls.addresses(urls, true), tls),
                    bound,
                    limits(),
                    served);
            ports.add(port);
            log.info("listening for {} by HTTP on {}", name.equals("http") ? "clients" : "scrapers", port.addresses());
        }
    }

    /** All that clients are listened for on, for messages. */
    List<MemberUrl> urls() {
        List<MemberUrl> all = new ArrayList<>(config.listenClientUrls());
        all.addAll(face.listenClientUrls());
        all.addAll(face.listenMetricsUrls());
        return all;
    }

    /** Where its own ports really listen. */
    List<SocketAddress> addresses() {
        return ports.stream().flatMap(port -> port.addresses().stream()).toList();
    }

    /** Takes no new connections. */
    void shutdown() {
        ports.forEach(HttpPort::shutdown);
    }

    /** The server cannot start. */
    void abort() {
        shutdown();
        gateway.close();
    }

    /** Ends what is left after {@code grace}. When the client port is closed, too: it leads to the same gateway. */
    void close(Duration grace) throws InterruptedException {
        for (HttpPort port : ports) {
            port.close(grace);
        }
        gateway.close();
    }
}
