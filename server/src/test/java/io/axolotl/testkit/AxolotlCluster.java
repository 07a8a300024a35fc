package io.axolotl.testkit;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.TlsOptions;
import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.raft.NodeView;
import io.axolotl.server.peer.PeerAddress;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One to five nodes in this process, and what can befall them. Nodes have numbers, from 1 on.
 *
 * <p>As a static field with {@code @RegisterExtension} it runs for all tests of the class, and is made whole again before each
 * ({@link #restore}); as a field of the instance, for each test anew. Without JUnit: {@link #start}, and {@link #close}.
 *
 * <p>Everything lies in a folder of its own, which goes when the cluster is closed; after a failed test it stays, and is told of
 * on stderr: {@code cluster.log} is what the nodes have logged and what was done to them, {@code n1}, {@code n2} and so on are
 * their data.
 *
 * <p>A fault is in force when its call returns, and ends with the call that undoes it. Safe for all threads.
 */
public final class AxolotlCluster
        implements BeforeAllCallback,
                AfterAllCallback,
                BeforeEachCallback,
                AfterEachCallback,
                ParameterResolver,
                AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AxolotlCluster.class);
    private static final int MOST_NODES = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final int size;
    private final Map<String, String> settings;
    private final boolean isSecure;

    /** These are guarded by this. */
    private @Nullable Ground ground;

    private @Nullable AxolotlClient client;

    /** Who cannot talk to whom: by node, the group that it is in. All are in group 0 if nothing is cut. */
    private final Map<Integer, Integer> groups = new TreeMap<>();

    private final Set<Integer> paused = new TreeSet<>();

    /** For whom JUnit has started it. */
    private @Nullable String owner;

    private boolean hasFailed;

    /** What exists from start to close. */
    private record Ground(
            Path folder,
            AutoCloseable log,
            MultiThreadIoEventLoopGroup loops,
            Socket nowhere,
            Map<Integer, KitNode> nodes,
            Map<Integer, Relay> clients,
            Map<Way, Relay> peers,
            Optional<Path> caFile) {}

    private record Way(int from, int to) {}

    /**
     * What a cluster is to be. One thread at a time may use it.
     *
     * <p>Differs from a server as it comes: a heartbeat every 50 ms and elections after 500 ms without one (100 and 1,000); a log in files of 1 MiB, and a
     * reserve against a full disk of 8 MiB (16 and 64); an operation of the disk may take an hour (a minute). All else is
     * as it comes, and can be set.
     */
    public static final class Builder {
        private int nodes = 1;
        private boolean isSecure;
        private final Map<String, String> settings = new LinkedHashMap<>(
                Map.of("heartbeat-interval", "50", "election-timeout", "500", "disk-hang-timeout", "3600000"));

        private Builder() {}

        /** @throws IllegalArgumentException unless one to five */
        public Builder nodes(int count) {
            if (count < 1 || count > MOST_NODES) {
                throw new IllegalArgumentException("a cluster of " + count + " nodes; 1 to " + MOST_NODES + " can run");
            }
            nodes = count;
            return this;
        }

        /**
         * Sets something on all nodes, as on the server's command line.
         *
         * @param name without the dashes, such as {@code quota-backend-bytes}; not one of those that say where a node is: the kit gives these
         */
        public Builder setting(String name, String value) {
            if (name.equals("name")
                    || name.equals("data-dir")
                    || name.endsWith("-urls")
                    || name.startsWith("initial-")) {
                throw new IllegalArgumentException("the setting " + name + " is given by the test kit itself");
            }
            settings.put(name, value);
            return this;
        }

        /** Clients are served by TLS alone, with a certificate of {@link AxolotlCluster#caFile}. */
        public Builder tls() {
            isSecure = true;
            return this;
        }

        /** Starts nothing yet. */
        public AxolotlCluster build() {
            return new AxolotlCluster(nodes, settings, isSecure);
        }
    }

    private AxolotlCluster(int size, Map<String, String> settings, boolean isSecure) {
        this.size = size;
        this.settings = Map.copyOf(settings);
        this.isSecure = isSecure;
    }

    public static Builder builder() {
        return new Builder();
    }

    // ---- life ----

    /**
     * Starts all nodes, and waits until each of them serves every call.
     *
     * @throws IllegalStateException if it runs, or if that takes longer than 30 s
     */
    public synchronized AxolotlCluster start() {
        if (ground != null) {
            throw new IllegalStateException("the cluster runs already");
        }
        hasFailed = false;
        Ground made = lay();
        ground = made;
        try {
            made.nodes.values().forEach(KitNode::start);
            awaitReady(made);
        } catch (RuntimeException e) {
            keep("the cluster could not be started");
            close();
            throw e;
        }
        return this;
    }

    private static void awaitReady(Ground ground) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        ground.nodes.forEach((number, node) -> {
            if (!node.awaitReady(deadlineNanos - System.nanoTime())) {
                throw new IllegalStateException("node " + number + " is not ready after " + PATIENCE.toSeconds() + " s"
                        + node.death().map(why -> "; it has ended: " + why).orElse(""));
            }
        });
    }

    private Ground lay() {
        try {
            Path folder = Files.createTempDirectory("axolotl-testkit-");
            Socket nowhere = new Socket();
            nowhere.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("axolotl-testkit", true), NioIoHandler.newFactory());
            Map<Integer, Relay> clients = new TreeMap<>();
            Map<Way, Relay> peers = new LinkedHashMap<>();
            for (int to : numbers()) {
                clients.put(to, new Relay(loops.next()));
                for (int from : numbers()) {
                    if (from != to) {
                        peers.put(new Way(from, to), new Relay(loops.next()));
                    }
                }
            }
            Optional<Path> caFile = isSecure ? Optional.of(writeCertificate(folder)) : Optional.empty();
            Ground made = new Ground(
                    folder,
                    KitLog.open(folder.resolve("cluster.log")),
                    loops,
                    nowhere,
                    new TreeMap<>(),
                    clients,
                    peers,
                    caFile);
            for (int number : numbers()) {
                made.nodes.put(number, node(made, number));
            }
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("there is no place for a cluster", e);
        }
    }

    private List<Integer> numbers() {
        return IntStream.rangeClosed(1, size).boxed().toList();
    }

    private static Path writeCertificate(Path folder) throws IOException {
        CertificateMaker.Made made = new CertificateMaker("axolotl-testkit")
                .hosts(List.of("localhost", "127.0.0.1"))
                .signedByItself();
        Files.writeString(folder.resolve("server.key"), made.keyPem());
        return Files.writeString(folder.resolve("server.pem"), made.certificatePem());
    }

    private KitNode node(Ground made, int number) {
        Map<String, String> line = new LinkedHashMap<>(settings);
        String scheme = isSecure ? "https://" : "http://";
        line.put("name", "n" + number);
        line.put("data-dir", made.folder.resolve("n" + number).toString());
        line.put("listen-client-urls", scheme + "127.0.0.1:0");
        line.put("advertise-client-urls", endpoint(made, number));
        // The settings want a port here; the node takes any (KitNode).
        line.put("listen-peer-urls", "http://127.0.0.1:2380");
        line.put("initial-advertise-peer-urls", peerUrl(number));
        line.put(
                "initial-cluster",
                numbers().stream().map(each -> "n" + each + "=" + peerUrl(each)).collect(Collectors.joining(",")));
        made.caFile.ifPresent(file -> {
            line.put("cert-file", file.toString());
            line.put("key-file", file.resolveSibling("server.key").toString());
        });
        return new KitNode(
                number,
                line.entrySet().stream()
                        .map(each -> "--" + each.getKey() + "=" + each.getValue())
                        .toList(),
                made.folder.resolve("native"),
                clientsOf(made, number),
                relays(made, way -> way.to == number),
                relays(made, way -> way.from == number),
                routeOf(number, made));
    }

    private static List<Relay> relays(Ground made, Predicate<Way> which) {
        return made.peers.entrySet().stream()
                .filter(each -> which.test(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** A name that leads nowhere but by {@link #routeOf}. */
    private static String peerUrl(int number) {
        return "http://n" + number + ".axolotl-testkit.invalid:2380";
    }

    private UnaryOperator<PeerAddress> routeOf(int from, Ground made) {
        return address -> made.peers.entrySet().stream()
                .filter(each -> each.getKey().from == from && address.toString().equals(peerUrl(each.getKey().to)))
                .findFirst()
                .map(each -> PeerAddress.inClear(way(made, each.getKey(), each.getValue())))
                .orElse(address);
    }

    /** Where nobody runs a connection is refused, unless nothing can be heard from there. */
    private InetSocketAddress way(Ground made, Way way, Relay relay) {
        KitNode to = made.nodes.get(way.to);
        boolean isSilent = relay.isHeld();
        return isSilent || (to != null && to.isRunning())
                ? relay.address()
                : (InetSocketAddress) made.nowhere.getLocalSocketAddress();
    }

    /** Ends all nodes at once, and removes what they have left, unless a test has failed. Does nothing if it does not run. */
    @Override
    public synchronized void close() {
        Ground ending = ground;
        if (ending == null) {
            return;
        }
        ground = null;
        if (client != null) {
            client.close();
            client = null;
        }
        ending.nodes.values().forEach(KitNode::kill);
        ending.clients.values().forEach(Relay::close);
        ending.peers.values().forEach(Relay::close);
        groups.clear();
        paused.clear();
        try {
            Future<?> unused =
                    ending.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
            ending.nowhere.close();
            ending.log.close();
            if (!hasFailed) {
                remove(ending.folder);
            }
        } catch (Exception e) {
            throw new IllegalStateException("the cluster in " + ending.folder + " could not be cleared away", e);
        }
    }

    private static void remove(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }

    private synchronized Ground ground() {
        Ground now = ground;
        if (now == null) {
            throw new IllegalStateException(
                    "the cluster does not run: start() it, or let JUnit do that by @RegisterExtension");
        }
        return now;
    }

    private KitNode node(int number) {
        KitNode node = ground().nodes.get(number);
        if (node == null) {
            throw new IllegalArgumentException("there is no node " + number + "; they are 1 to " + size);
        }
        return node;
    }

    // ---- what to do with it ----

    /** The numbers of all nodes, whether they run or not. */
    public List<Integer> nodes() {
        return numbers();
    }

    /** Where clients reach the nodes, in the order of their numbers; the same from start to close. */
    public List<String> endpoints() {
        Ground now = ground();
        return numbers().stream().map(number -> endpoint(now, number)).toList();
    }

    public String endpoint(int node) {
        return endpoints().get(node - 1);
    }

    private String endpoint(Ground now, int number) {
        return (isSecure ? "https://" : "http://") + "127.0.0.1:"
                + clientsOf(now, number).address().getPort();
    }

    private static Relay clientsOf(Ground ground, int number) {
        return Objects.requireNonNull(ground.clients.get(number));
    }

    /** A client of all nodes, with the standard options. One for all, closed with the cluster. */
    public synchronized AxolotlClient client() {
        AxolotlClient made = client;
        if (made == null) {
            var options = AxolotlClient.builder().endpoints(endpoints());
            ground().caFile.ifPresent(file -> options.tls(TlsOptions.trusting(file)));
            made = options.build();
            client = made;
        }
        return made;
    }

    /** The certificate of the servers. @throws IllegalStateException unless the cluster was built with {@link Builder#tls} */
    public Path caFile() {
        return ground().caFile.orElseThrow(() -> new IllegalStateException("the cluster was built without tls()"));
    }

    /** Where everything lies. */
    public Path folder() {
        return ground().folder;
    }

    /** Who leads with a majority behind it, as far as the faults let it: one that is cut off from it is not meant. */
    public synchronized OptionalInt leader() {
        Map<Integer, NodeView> views = new TreeMap<>();
        ground().nodes.forEach((number, node) -> {
            if (!paused.contains(number)) {
                node.view().ifPresent(view -> views.put(number, view));
            }
        });
        for (Map.Entry<Integer, NodeView> each : views.entrySet()) {
            NodeView view = each.getValue();
            if (view.isLeader()) {
                long behind = views.entrySet().stream()
                        .filter(other -> !areCut(each.getKey(), other.getKey()))
                        .filter(other -> other.getValue().term() == view.term())
                        .filter(other -> view.self().equals(other.getValue().leader()))
                        .count();
                if (2 * behind > size) {
                    return OptionalInt.of(each.getKey());
                }
            }
        }
        return OptionalInt.empty();
    }

    /** Waits for a {@link #leader}. @throws IllegalStateException if there is none after 30 s */
    public int awaitLeader() {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        OptionalInt leader = leader();
        while (leader.isEmpty()) {
            if (System.nanoTime() - deadlineNanos > 0 || Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("nobody leads after " + PATIENCE.toSeconds() + " s; running: "
                        + nodes().stream().filter(this::isRunning).toList() + ", paused: " + paused + ", groups: "
                        + groups);
            }
            LockSupport.parkNanos(POLL_NANOS);
            leader = leader();
        }
        return leader.getAsInt();
    }

    /** A node that runs and does not lead. @throws IllegalStateException if there is none */
    public int follower() {
        int leader = awaitLeader();
        return nodes().stream()
                .filter(number -> number != leader && isRunning(number))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no node but the leader " + leader + " runs"));
    }

    public boolean isRunning(int node) {
        return node(node).isRunning();
    }

    /** Why a node has ended by itself, where a process would have ended, since it was started last. */
    public Optional<String> death(int node) {
        return node(node).death();
    }

    // ---- faults ----

    /**
     * What {@code SIGKILL} is to a process: no answer leaves any more, its connections break, and nothing is finished, flushed or
     * synced. What it had written is in its folder. Does nothing if it does not run.
     */
    public void kill(int node) {
        log.info("node {} is killed", node);
        node(node).kill();
        endPause(node);
    }

    /** Ends a node in good order, as {@code SIGTERM} does. */
    public void stop(int node) {
        log.info("node {} is stopped", node);
        node(node).stop();
    }

    /**
     * Starts a node again on what it has left; one that runs is stopped in good order before. Returns when it has recovered, which
     * may be before it has a leader; {@link #awaitReady} waits for more.
     */
    public void restart(int node) {
        log.info("node {} is started again", node);
        KitNode starting = node(node);
        endPause(node);
        starting.stop();
        starting.start();
    }

    /** Waits until a node serves every call. @throws IllegalStateException if it does not after 30 s */
    public void awaitReady(int node) {
        if (!node(node).awaitReady(PATIENCE.toNanos())) {
            throw new IllegalStateException("node " + node + " is not ready after " + PATIENCE.toSeconds() + " s");
        }
    }

    /**
     * What {@code SIGSTOP} is to a process, seen from outside: nothing that is sent to it is answered, by connections that stay, and
     * nothing is written.
     */
    public synchronized void pause(int node) {
        log.info("node {} is paused", node);
        KitNode pausing = node(node);
        paused.add(node);
        holdWhatIsCut();
        pausing.troubles().standStill(true);
    }

    /** Lets a paused node go on: what was held arrives now. */
    public synchronized void resume(int node) {
        log.info("node {} goes on", node);
        endPause(node);
    }

    private synchronized void endPause(int node) {
        node(node).troubles().standStill(false);
        paused.remove(node);
        holdWhatIsCut();
    }

    /**
     * Cuts the nodes apart from each other: those of one group talk to each other alone, those of no group among themselves.
     * Clients reach all of them. Takes the place of an earlier partition.
     */
    @SafeVarargs
    public final synchronized void partition(Set<Integer>... together) {
        Map<Integer, Integer> next = new TreeMap<>();
        for (int i = 0; i < together.length; i++) {
            for (int number : together[i]) {
                KitNode unused = node(number);
                if (next.put(number, i + 1) != null) {
                    throw new IllegalArgumentException("node " + number + " is in two groups");
                }
            }
        }
        log.info("the nodes are cut apart, by their groups: {}", next);
        groups.clear();
        groups.putAll(next);
        holdWhatIsCut();
    }

    /** Cuts one node off from all others. */
    public void isolate(int node) {
        partition(Set.of(node));
    }

    /** Ends a partition: what was held arrives now. */
    public synchronized void heal() {
        log.info("the nodes reach each other again");
        groups.clear();
        holdWhatIsCut();
    }

    private boolean areCut(int one, int other) {
        return !groups.getOrDefault(one, 0).equals(groups.getOrDefault(other, 0));
    }

    private void holdWhatIsCut() {
        Ground now = ground();
        now.peers.forEach((way, relay) ->
                relay.hold(areCut(way.from, way.to) || paused.contains(way.from) || paused.contains(way.to)));
        now.clients.forEach((number, relay) -> relay.hold(paused.contains(number)));
    }

    /**
     * Breaks off the connections of all clients to this node, whatever is on its way in them: what was asked is done or not, and
     * nobody is told. New ones are taken at once.
     */
    public void breakConnections(int node) {
        log.info("the connections of clients to node {} are broken off", node);
        node(node).breakConnections();
    }

    /** From now on each sync of this node's log takes so long; zero for as long as the disk needs. */
    public void slowDisk(int node, Duration delay) {
        log.info("each sync of node {} takes {} ms", node, delay.toMillis());
        node(node).troubles().delaySyncs(delay);
    }

    /**
     * The disk of this node is full, as if somebody else's files had taken what was free: only what the node itself gives up can be
     * used again.
     */
    public void fillDisk(int node) {
        log.info("the disk of node {} is full", node);
        node(node).troubles().fill();
    }

    /** There is room on the disk of this node again. */
    public void freeDisk(int node) {
        log.info("the disk of node {} has room again", node);
        node(node).troubles().free();
    }

    /** Ends all faults, starts whoever does not run, and waits until every node serves every call. What clients wrote stays. */
    public synchronized void restore() {
        Ground now = ground();
        groups.clear();
        paused.clear();
        now.nodes.values().forEach(node -> {
            node.troubles().standStill(false);
            node.troubles().delaySyncs(Duration.ZERO);
            node.troubles().free();
        });
        holdWhatIsCut();
        now.nodes.values().forEach(KitNode::start);
        awaitReady(now);
        int unused = awaitLeader();
    }

    // ---- JUnit ----

    @Override
    public void beforeAll(ExtensionContext context) {
        startFor(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!startFor(context)) {
            restore();
        }
    }

    /** @return false if it runs already, for a class around this one or around this test */
    synchronized boolean startFor(ExtensionContext context) {
        if (ground != null) {
            return false;
        }
        owner = context.getUniqueId();
        start();
        return true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        ended(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        ended(context);
    }

    private synchronized void ended(ExtensionContext context) {
        if (ground == null) {
            return;
        }
        context.getExecutionException().ifPresent(failure -> keep(context.getDisplayName() + " has failed"));
        if (context.getUniqueId().equals(owner)) {
            close();
        }
    }

    private void keep(String why) {
        hasFailed = true;
        Path folder = ground().folder;
        System.err.println("Axolotl test kit: " + why + ". What the nodes have logged is in "
                + folder.resolve("cluster.log") + ", their data in " + folder.resolve("n1")
                + (size == 1 ? "" : " to " + folder.resolve("n" + size).getFileName()));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == AxolotlCluster.class || type == AxolotlClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == AxolotlCluster.class ? this : client();
    }
}
