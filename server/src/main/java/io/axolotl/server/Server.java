package io.axolotl.server;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.Availability;
import io.axolotl.raft.RaftConfig;
import io.axolotl.server.api.ApiLimits;
import io.axolotl.server.api.AuthSettings;
import io.axolotl.server.api.EtcdApi;
import io.axolotl.server.api.GrpcMetrics;
import io.axolotl.server.api.HealthCheck;
import io.axolotl.server.api.ReadPool;
import io.axolotl.server.api.ReconfigurationRules;
import io.axolotl.server.api.admission.Admission;
import io.axolotl.server.api.watch.WatchLimits;
import io.axolotl.server.auth.JwtKeys;
import io.axolotl.server.auth.JwtTokens;
import io.axolotl.server.auth.Passwords;
import io.axolotl.server.auth.SimpleTokens;
import io.axolotl.server.auth.Tokens;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.EntryRange;
import io.axolotl.server.config.InitialCluster.FoundingMember;
import io.axolotl.server.config.MemberUrl;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.TokenSettings;
import io.axolotl.server.driver.SnapshotPolicy;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.gateway.Gateway;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.ConnectionLimits;
import io.axolotl.server.http.HttpAccess;
import io.axolotl.server.http.StandardPages;
import io.axolotl.server.http.Turnstile;
import io.axolotl.server.metrics.ProcessMetrics;
import io.axolotl.server.peer.ClusterInquiry;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.server.peer.PeerSecurity;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.ports.ConnectionPlan;
import io.axolotl.server.recovery.JoinPlan;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.recovery.StoreRepair;
import io.axolotl.server.scrub.ScrubMetrics;
import io.axolotl.server.scrub.ScrubSettings;
import io.axolotl.server.scrub.Scrubber;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.stage.StageThread;
import io.axolotl.server.upkeep.CompactionSettings;
import io.axolotl.server.upkeep.Upkeep;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A node and its client port, wired from a {@link ServerConfig}; wiring and life cycle only.
 *
 * <p>The client port opens as soon as the node has recovered (design part 4, step 9). What needs no quorum works from that
 * moment: status, health, metrics, serializable reads. Calls that need a leader wait for one, up to the request timeout.
 * {@link #awaitReady} tells when all of them are served, which is when etcd opens its port.
 *
 * <p>Safe for all threads.
 */
public final class Server {
    private static final int READ_THREADS = 2;
    private static final int EVENT_LOOPS = 2;

    /** How long calls that are under way may take to end when the server stops. */
    private static final Duration STOP_GRACE = Duration.ofSeconds(3);

    private final Node node;
    private final ReadPool reads;
    private final EtcdApi api;
    private final ClientPort clientPort;
    private final HttpFront http;
    private final StageThread watchThread;
    private final Scrubber scrubber;
    private final StageThread upkeep;
    private final ServerTls tls;
    private final Passwords passwords;
    private final AtomicBoolean isStopped = new AtomicBoolean();

    private Server(
            Node node,
            ReadPool reads,
            EtcdApi api,
            ClientPort clientPort,
            HttpFront http,
            StageThread watchThread,
            Scrubber scrubber,
            StageThread upkeep,
            ServerTls tls,
            Passwords passwords) {
        this.node = node;
        this.reads = reads;
        this.api = api;
        this.clientPort = clientPort;
        this.http = http;
        this.watchThread = watchThread;
        this.scrubber = scrubber;
        this.upkeep = upkeep;
        this.tls = tls;
        this.passwords = passwords;
    }

    /**
     * Recovers the node, joins the peers and opens the client port.
     *
     * @param fatal hears of what this server cannot survive
     * @throws io.axolotl.server.recovery.RecoveryFailedException if the data folder cannot be used
     * @throws UncheckedIOException if a port cannot be listened on
     */
    public static Server start(ServerConfig config, FatalHandler fatal) {
        return start(
                config,
                NodeConfig.Surroundings.real(new MetricRegistry(), config.dataDir(), fatal),
                UnaryOperator.identity());
    }

    /**
     * As {@link #start(ServerConfig, FatalHandler)}, on other ground: for what runs several servers in one process.
     *
     * @param adjusting what is not to be set by anybody else
     */
    public static Server start(
            ServerConfig config, NodeConfig.Surroundings ground, UnaryOperator<NodeConfig> adjusting) {
        ConnectionPlan connections = connections(config.maxClientConnections());
        Tokens tokens = tokens(config.tokens());
        MetricRegistry registry = ground.metrics();
        ProcessMetrics.register(registry);
        FatalHandler last = new StoreRepair(ground.disk(), DataFolder.db(config.dataDir())).condemning(ground.fatal());
        NodeConfig.Surroundings around = ground.with(last);
        FolderModes.warnIfOthersMayRead(config.dataDir());
        ServerTls tls = ServerTls.open(config, around.disk(), last);
        Node node;
        try {
            node = Node.start(adjusting.apply(nodeConfig(config, tls.security(config), around)));
        } catch (RuntimeException e) {
            tls.close();
            throw e;
        }
        ReadPool reads = new ReadPool("axolotl-" + node.self() + "-read", READ_THREADS, last);
        Passwords passwords = new Passwords(
                "axolotl-" + node.self() + "-password", config.tokens().bcryptCost(), last);
        EtcdApi api = new EtcdApi(
                around.between().clients(node),
                ApiLimits.ofHeap(
                        config.maxTxnOps(), config.quotaBytes(), Duration.ofMillis(config.requestTimeoutMillis())),
                WatchLimits.of(
                        config.maxRequestBytes(),
                        config.watchProgressInterval(),
                        Duration.ofMillis(config.electionTimeoutMillis())),
                new ReconfigurationRules(config.isReconfigurationStrict(), config.maxLearners()),
                reads,
                new AuthSettings(tokens, passwords, config.isCertificateAName()),
                registry);
        GrpcMetrics tracer =
                new GrpcMetrics(registry, api.services(), config.http().isExtensive());
        ConnectionBound clients = ConnectionBound.ofClients(connections.clients());
        HttpFront http = new HttpFront(
                config,
                StandardPages.of(new HealthCheck(node, reads), reads, registry),
                Gateway.open(api.services(), tracer, config.maxRequestBytes(), reads::offer),
                tls.clients(),
                new HttpAccess(
                        config.http().corsOrigins(),
                        config.http().hostNames(),
                        () -> config.isCertificateAName() && node.store().auth().isEnabled()),
                clients,
                ConnectionBound.ofScrapers(connections.scrapers()));
        try {
            http.open();
            ClientPort port = ClientPort.open(
                    new ClientPort.Settings(
                            ServerTls.addresses(config.listenClientUrls(), false),
                            EVENT_LOOPS,
                            config.maxRequestBytes(),
                            config.keepAlive().leastInterval(),
                            http.limits(),
                            ConnectionLimits.standard(config.maxConcurrentStreams())
                                    .withPings(
                                            config.keepAlive().interval(),
                                            config.keepAlive().timeout()),
                            clients,
                            new ClientPort.Secured(
                                    ServerTls.addresses(config.listenClientUrls(), true), tls.clients())),
                    api.services(),
                    tracer,
                    turnstile(api.admission()),
                    http.pagesOfClientPort());
            StageThread watchThread = new StageThread("axolotl-" + node.self() + "-watch", api.watches(), last);
            watchThread.start();
            return new Server(
                    node,
                    reads,
                    api,
                    port,
                    http,
                    watchThread,
                    scrubber(config, node, registry, last),
                    upkeep(config, node, api, last),
                    tls,
                    passwords);
        } catch (IOException e) {
            node.stop();
            http.abort();
            reads.close();
            tls.close();
            passwords.close();
            throw new UncheckedIOException(
                    "cannot listen for clients on " + http.urls() + ": " + e.getMessage()
                            + "; is another process using the port?",
                    e);
        }
    }

    private static Turnstile turnstile(Admission admission) {
        return new Turnstile() {
            @Override
            public boolean turnsAway(CharSequence path, long timeoutNanos) {
                return admission.turnsAway(path, timeoutNanos);
            }

            @Override
            public Status refusal() {
                return Admission.refusal();
            }
        };
    }

    private static ConnectionPlan connections(int wantedClients) {
        try {
            ConnectionPlan plan = ConnectionPlan.ofProcess(wantedClients);
            plan.warnIfTight();
            return plan;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static Tokens tokens(TokenSettings settings) {
        TokenSettings.Signed signed = settings.signed();
        if (signed == null) {
            return new SimpleTokens(TimeUnit.SECONDS.toNanos(settings.simpleTtlSeconds()), System::nanoTime);
        }
        try {
            return new JwtTokens(
                    JwtKeys.read(signed.method(), signed.publicKey(), signed.privateKey()),
                    signed.ttl(),
                    InstantSource.system());
        } catch (JwtKeys.UnusableException e) {
            throw new ConfigException("--auth-token cannot be used: " + e.getMessage());
        }
    }

    private static Scrubber scrubber(ServerConfig config, Node node, MetricRegistry registry, FatalHandler fatal) {
        ScrubSettings settings = new ScrubSettings(
                TimeUnit.MINUTES.toNanos(config.scrubIntervalMinutes()), (long) config.scrubMibPerSecond() << 20);
        Scrubber scrubber = new Scrubber(settings, node.scrubbed(), node::isBusy, new ScrubMetrics(registry), fatal);
        if (settings.isOn()) {
            scrubber.start("axolotl-" + node.self() + "-scrub");
        }
        return scrubber;
    }

    private static StageThread upkeep(ServerConfig config, Node node, EtcdApi api, FatalHandler fatal) {
        ServerConfig.Retention kept = config.autoCompaction();
        CompactionSettings compaction = new CompactionSettings(
                kept.isOfRevisions() ? CompactionSettings.Mode.REVISION : CompactionSettings.Mode.PERIODIC,
                kept.amount());
        Upkeep upkeep = new Upkeep(node, api.quota()::look, compaction, System::nanoTime);
        StageThread thread = new StageThread("axolotl-" + node.self() + "-upkeep", upkeep, fatal);
        thread.start();
        return thread;
    }

    private static NodeConfig nodeConfig(ServerConfig config, PeerSecurity security, NodeConfig.Surroundings around) {
        return NodeConfig.of(
                config.name(),
                List.of(config.self().peerUrl().toString()),
                config.advertiseClientUrls().stream().map(MemberUrl::toString).toList(),
                config.isNewCluster() ? founder(config, security, around) : joiner(config, security, around),
                config.dataDir(),
                ServerTls.addresses(config.listenPeerUrls(), false),
                RaftConfig.defaults()
                        .withTimeouts(
                                TimeUnit.MILLISECONDS.toNanos(config.heartbeatIntervalMillis()),
                                TimeUnit.MILLISECONDS.toNanos(config.electionTimeoutMillis()))
                        .withAvailability(availability(config)),
                Tuning.defaults()
                        .withSnapshots(policyOf(config.snapshots()))
                        .withMaxPayloadBytes(config.maxRequestBytes())
                        .withDiskHang(TimeUnit.MILLISECONDS.toNanos(config.diskHangMillis()))
                        .withReserveBytes(config.diskReserveBytes())
                        .withAcceptedHistory(acceptedHistory(config)),
                config.snapshots().transferBytesPerSecond(),
                security,
                around);
    }

    private static @Nullable Divergence acceptedHistory(ServerConfig config) {
        EntryRange entries = config.acceptedHistory();
        return entries == null ? null : new Divergence(entries.first() - 1, entries.last());
    }

    private static SnapshotPolicy policyOf(ServerConfig.Snapshots settings) {
        return new SnapshotPolicy(
                settings.count(),
                TimeUnit.MILLISECONDS.toNanos(settings.replayMillis()),
                settings.logBytes(),
                settings.catchupEntries(),
                settings.catchupBytes());
    }

    private static Availability availability(ServerConfig config) {
        Availability quorum = Availability.standard().withReluctance(ServerConfig.MAX_PRIORITY - config.priority());
        return config.isLeaseReads()
                ? quorum.withLeaseReads(TimeUnit.MILLISECONDS.toNanos(config.leaseDriftMillis()))
                : quorum;
    }

    /** The founders as all members know them before they have told their names and client URLs (CL-5). */
    static Origin.Place place(ServerConfig config) {
        List<MemberAttributes> founders = config.initialCluster().members().stream()
                .map(member -> new MemberAttributes(
                        member.id().value(), "", List.of(member.peerUrl().toString()), List.of(), false))
                .toList();
        return NodeConfig.place(
                config.initialCluster().clusterId(), config.self().id(), founders);
    }

    private static Origin founder(ServerConfig config, PeerSecurity security, NodeConfig.Surroundings around) {
        return new Origin.Founder(
                place(config),
                () -> ClusterInquiry.askFounders(
                        otherPeers(config, around), security, ProcessThreads.factory("axolotl-found", around.fatal())));
    }

    private static Origin joiner(ServerConfig config, PeerSecurity security, NodeConfig.Surroundings around) {
        List<MemberUrl> urls = config.initialCluster().members().stream()
                .map(FoundingMember::peerUrl)
                .toList();
        MemberUrl own = config.self().peerUrl();
        return new Origin.Joiner(() -> JoinPlan.place(
                own.toString(),
                urls.stream().map(MemberUrl::toString).toList(),
                ClusterInquiry.ask(
                        otherPeers(config, around), security, ProcessThreads.factory("axolotl-join", around.fatal()))));
    }

    private static List<PeerAddress> otherPeers(ServerConfig config, NodeConfig.Surroundings around) {
        MemberUrl own = config.self().peerUrl();
        return config.initialCluster().members().stream()
                .map(FoundingMember::peerUrl)
                .filter(url -> !url.equals(own))
                .map(ServerTls::addressOf)
                .map(around.route())
                .toList();
    }

    /**
     * Waits until this member has applied everything that was committed when it started, which takes a leader.
     *
     * @return false if that has not come about in time
     */
    public boolean awaitReady(long timeout, TimeUnit unit) throws InterruptedException {
        return node.awaitUp(timeout, unit);
    }

    /** Ends when this member has been removed from its cluster and should be stopped. */
    public CompletableFuture<String> removal() {
        return node.removal();
    }

    public Node node() {
        return node;
    }

    /** Where plain HTTP is served on ports of its own: for clients, then for metrics. */
    public List<SocketAddress> httpAddresses() {
        return http.addresses();
    }

    /** Where clients are really listened for. */
    public List<? extends SocketAddress> clientAddresses() {
        return clientPort.addresses();
    }

    /**
     * Ends in good order: clients are told to go elsewhere, leadership is handed over, what was taken on is finished and
     * answered, the state is made durable. Takes some seconds at most.
     */
    public void stop() throws InterruptedException {
        end(node::stop, STOP_GRACE);
    }

    /**
     * Ends at once: nothing is handed over or made durable, and whatever waits for an answer is given up, as {@link Node#abort}. For
     * what runs several servers in one process.
     */
    public void abort() throws InterruptedException {
        end(node::abort, Duration.ZERO);
    }

    private void end(Runnable endOfNode, Duration grace) throws InterruptedException {
        if (!isStopped.compareAndSet(false, true)) {
            return;
        }
        scrubber.stop();
        upkeep.stopAndJoin();
        api.enterTerminalState();
        clientPort.shutdown();
        http.shutdown();
        try {
            endOfNode.run();
        } finally {
            // Before the loops that their answers go through.
            passwords.close();
            reads.drain(1, TimeUnit.SECONDS);
            clientPort.close(grace);
            http.close(grace);
            watchThread.stopAndJoin();
            tls.close();
        }
    }
}
