package io.axolotl.server;

import io.axolotl.server.api.EtcdVersion;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.Customs;
import io.axolotl.server.config.LogOutput;
import io.axolotl.server.config.MemberUrl;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.UsageException;
import io.axolotl.server.launch.CapnslogEncoder;
import io.axolotl.server.launch.StopSignals;
import io.axolotl.server.launch.StopSignals.StopSignal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server under etcd's name. Test harnesses and scripts wait for certain lines of etcd's log before they go on, and the
 * lines differ between its two loggers: "ready to serve client requests" and "serving insecure client requests on" of the
 * one, "serving client traffic insecurely" and "published local member to cluster" of the other. Each is said in the form
 * that {@code --logger} asks for, once every kind of call is served.
 *
 * <p>It ends as etcd does: by the very signal that stopped it (SIGHUP too, which etcd does not handle at all), with 1 if it cannot start, with 2 for a command line that
 * cannot be read.
 *
 * <p>Stateless.
 */
final class EtcdGuise implements Guise {
    private static final int REFUSED = 1;
    private static final int BAD_USAGE = 2;

    private static final Logger MAIN = LoggerFactory.getLogger("etcdmain");
    private static final Logger EMBED = LoggerFactory.getLogger("embed");
    private static final Logger SERVER = LoggerFactory.getLogger("etcdserver");
    private static final Logger API = LoggerFactory.getLogger("etcdserver/api");
    private static final Logger SIGNALS = LoggerFactory.getLogger("pkg/osutil");

    @Override
    public Customs customs() {
        return Customs.ETCD;
    }

    /** The first line is for those who read etcd's version out of it. */
    @Override
    public String version() {
        return "etcd Version: " + EtcdVersion.SERVER + System.lineSeparator()
                + "Served by: axolotl " + AxolotlVersion.number() + System.lineSeparator()
                + "Java Version: " + Runtime.version() + System.lineSeparator()
                + "Java OS/Arch: " + System.getProperty("os.name") + "/" + System.getProperty("os.arch")
                + System.lineSeparator();
    }

    @Override
    public String refusal(ConfigException e) {
        return e instanceof UsageException
                ? e.getMessage() + System.lineSeparator() + "See 'etcd --help'."
                : "etcd: error verifying flags, " + e.getMessage() + ". See 'etcd --help'.";
    }

    @Override
    public int exitCode(ConfigException e) {
        return e instanceof UsageException ? BAD_USAGE : REFUSED;
    }

    @Override
    public void starting(ServerConfig config) {
        if (isStructured(config)) {
            EMBED.atInfo()
                    .addKeyValue("etcd-version", EtcdVersion.SERVER)
                    .addKeyValue("axolotl-version", AxolotlVersion.number())
                    .addKeyValue("java-version", Runtime.version())
                    .addKeyValue("max-cpu-available", Runtime.getRuntime().availableProcessors())
                    .addKeyValue("name", config.name())
                    .addKeyValue("data-dir", config.dataDir())
                    .addKeyValue("heartbeat-interval", config.heartbeatIntervalMillis() + "ms")
                    .addKeyValue("election-timeout", config.electionTimeoutMillis() + "ms")
                    .addKeyValue("listen-peer-urls", config.listenPeerUrls())
                    .addKeyValue("listen-client-urls", config.listenClientUrls())
                    .addKeyValue("advertise-client-urls", config.advertiseClientUrls())
                    .addKeyValue("initial-cluster-state", config.isNewCluster() ? "new" : "existing")
                    .log("starting an etcd server");
            return;
        }
        MAIN.info("etcd Version: {}", EtcdVersion.SERVER);
        MAIN.info("served by axolotl {} on Java {}", AxolotlVersion.number(), Runtime.version());
        EMBED.info("name = {}", config.name());
        EMBED.info("data dir = {}", config.dataDir());
        EMBED.info("heartbeat = {}ms", config.heartbeatIntervalMillis());
        EMBED.info("election = {}ms", config.electionTimeoutMillis());
        EMBED.info("advertise client URLs = {}", commaSeparated(config.advertiseClientUrls()));
    }

    @Override
    public void listening(ServerConfig config, Server server) {
        for (InetSocketAddress address : server.node().peerAddresses()) {
            if (isStructured(config)) {
                EMBED.atInfo().addKeyValue("address", text(address)).log("serving peer traffic");
            } else {
                EMBED.info("listening for peers on {}", text(address));
            }
        }
    }

    @Override
    public void ready(ServerConfig config, Server server) {
        String member = server.node().self().toString();
        String cluster = Long.toHexString(server.node().clusterId());
        String attributes = "{Name:" + config.name() + " ClientURLs:["
                + config.advertiseClientUrls().stream().map(MemberUrl::toString).collect(Collectors.joining(" "))
                + "]}";
        if (isStructured(config)) {
            SERVER.atInfo()
                    .addKeyValue("local-member-id", member)
                    .addKeyValue("local-member-attributes", attributes)
                    .addKeyValue("cluster-id", cluster)
                    .log("published local member to cluster through raft");
            API.atInfo()
                    .addKeyValue("cluster-version", EtcdVersion.CLUSTER_SHORT)
                    .log("enabled capabilities for version");
        } else {
            SERVER.info("published {} to cluster {}", attributes, cluster);
            API.info("enabled capabilities for version {}", EtcdVersion.CLUSTER_SHORT);
        }
        List<? extends SocketAddress> addresses = server.clientAddresses();
        long clear = config.listenClientUrls().stream()
                .filter(url -> url.toString().startsWith("http:"))
                .count();
        for (int i = 0; i < addresses.size(); i++) {
            // Those in clear text come first.
            serving(config, text(addresses.get(i)), i >= clear);
        }
    }

    private static void serving(ServerConfig config, String address, boolean isSecure) {
        EMBED.info("ready to serve client requests");
        if (isStructured(config)) {
            EMBED.atInfo()
                    .addKeyValue("traffic", "grpc+http")
                    .addKeyValue("address", address)
                    .log(
                            isSecure
                                    ? "serving client traffic securely"
                                    : "serving client traffic insecurely; this is strongly discouraged!");
        } else if (isSecure) {
            EMBED.info("serving client requests on {}", address);
        } else {
            EMBED.info(
                    CapnslogEncoder.NOTICE,
                    "serving insecure client requests on {}, this is strongly discouraged!",
                    address);
        }
    }

    @Override
    public void stopping(Optional<StopSignal> signal) {
        signal.ifPresent(received -> SIGNALS.atInfo()
                .addMarker(CapnslogEncoder.NOTICE)
                .log("received {} signal, shutting down...", received.description()));
    }

    @Override
    public void end(int exitCode, Optional<StopSignal> signal) {
        if (exitCode == 0 && signal.isPresent()) {
            StopSignals.endBy(signal.get());
        }
        Runtime.getRuntime().halt(exitCode);
    }

    private static boolean isStructured(ServerConfig config) {
        return config.logOutput().form() == LogOutput.Form.ZAP;
    }

    private static String commaSeparated(List<MemberUrl> urls) {
        return urls.stream().map(MemberUrl::toString).collect(Collectors.joining(","));
    }

    /** As Go writes an address: without a name, an IPv6 one in brackets. */
    private static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return String.valueOf(address);
        }
        String host = inet.getAddress().isAnyLocalAddress()
                ? "[::]"
                : inet.getAddress().getHostAddress();
        return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
}
