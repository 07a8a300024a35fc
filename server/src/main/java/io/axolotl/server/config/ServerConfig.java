package io.axolotl.server.config;

import io.axolotl.server.config.InitialCluster.FoundingMember;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server's settings, checked against each other. Immutable.
 *
 * @param self this member's place in {@code initialCluster}
 * @param isNewCluster whether an empty data folder founds a cluster, or may only join one
 * @param heartbeatIntervalMillis between a leader's heartbeats
 * @param electionTimeoutMillis without a leader until an election; at least five heartbeats
 * @param priority 1 to {@value #MAX_PRIORITY}: the member with the highest leads when it is well
 * @param isLeaseReads whether a leader answers linearizable reads alone for a while
 * @param leaseDriftMillis taken off such a while for clocks that run unevenly
 * @param diskHangMillis after which a disk operation that does not come back ends the process
 * @param snapshots when they are made, what stays of the log, how fast they are sent
 * @param quotaBytes most bytes of the store; negative for no limit
 * @param diskReserveBytes space kept for when the disk is full; 0 for none
 * @param maxRequestBytes largest encoded command
 * @param maxTxnOps most operations of a transaction on its widest level
 * @param maxLearners most learners that the cluster may have (CL-1)
 * @param isReconfigurationStrict whether changes of the membership that endanger the quorum are refused (CL-2)
 * @param watchProgressInterval between two notices to a watch that asks for them (WA-9)
 * @param scrubIntervalMinutes between two passes that look for damage
 * @param scrubMibPerSecond at most how fast a pass reads; 0 for none
 * @param autoCompaction how much history is kept when nobody compacts
 * @param logLevel DEBUG, INFO, WARN or ERROR
 * @param logOutput how lines of the log look and where they go
 * @param keepAlive pings on the connections of clients
 * @param acceptedHistory entries whose effects on this member's state are right by the operator's word; null for none
 * @param clientTls how secure URLs for clients are served
 * @param peerTls how secure URLs of members are served and reached
 * @param maxClientConnections most at a time; 0 to judge by the heap and by how many files the process may open
 * @param maxConcurrentStreams most calls at a time on one of them
 * @param http what is served by plain HTTP beside gRPC, and where
 * @param tokens what users are given for their password
 * @param isCertificateAName whether a client's certificate says which user it is: only where clients must show one by flag, as with
 *     etcd, not where an authority alone asks for it (AU-12)
 */
public record ServerConfig(
        FoundingMember self,
        InitialCluster initialCluster,
        boolean isNewCluster,
        Path dataDir,
        List<MemberUrl> listenClientUrls,
        List<MemberUrl> advertiseClientUrls,
        List<MemberUrl> listenPeerUrls,
        int heartbeatIntervalMillis,
        int electionTimeoutMillis,
        int priority,
        boolean isLeaseReads,
        int leaseDriftMillis,
        int diskHangMillis,
        Snapshots snapshots,
        long quotaBytes,
        long diskReserveBytes,
        int maxRequestBytes,
        int maxTxnOps,
        int maxLearners,
        boolean isReconfigurationStrict,
        Duration watchProgressInterval,
        int scrubIntervalMinutes,
        int scrubMibPerSecond,
        Retention autoCompaction,
        String logLevel,
        LogOutput logOutput,
        KeepAlive keepAlive,
        @Nullable EntryRange acceptedHistory,
        TlsSettings clientTls,
        TlsSettings peerTls,
        int maxClientConnections,
        int maxConcurrentStreams,
        HttpFace http,
        TokenSettings tokens,
        boolean isCertificateAName) {
    /** What a quota of 0 means (QU-3). */
    public static final long DEFAULT_QUOTA_BYTES = 2L << 30;

    public static final int MAX_PRIORITY = 100;

    /** A quarter of it is left when the last entry is taken: room for one more file of the log. */
    static final long LEAST_RESERVE_BYTES = 64L << 20;

    private static final int MAX_ELECTION_TIMEOUT_MILLIS = 50_000;
    private static final int MAX_DISK_HANG_MILLIS = 3_600_000;
    private static final int MAX_MAX_REQUEST_BYTES = 64 << 20;
    private static final int MAX_MAX_LEARNERS = 64;
    private static final List<String> LOG_LEVELS =
            List.of("debug", "info", "warn", "error", "dpanic", "panic", "fatal");

    /**
     * Settings of snapshots. Immutable.
     *
     * @param count most applied entries between two of them
     * @param replayMillis one is made when replaying what came since the last is predicted to take this long
     * @param logBytes or when that takes this much of the log
     * @param catchupEntries most entries that stay in the log before a snapshot
     * @param catchupBytes and most of the log that they take
     * @param transferBytesPerSecond bound on sending them, to all peers together; 0 for none
     */
    public record Snapshots(
            int count,
            int replayMillis,
            long logBytes,
            int catchupEntries,
            long catchupBytes,
            long transferBytesPerSecond) {
        private static Snapshots of(SettingTexts texts) {
            return new Snapshots(
                    texts.number(Setting.SNAPSHOT_COUNT, 1, Integer.MAX_VALUE),
                    texts.number(Setting.SNAPSHOT_REPLAY_MILLIS, 1, Integer.MAX_VALUE),
                    texts.longNumber(Setting.SNAPSHOT_LOG_BYTES, 1 << 20),
                    texts.number(Setting.SNAPSHOT_CATCHUP_ENTRIES, 0, Integer.MAX_VALUE),
                    texts.longNumber(Setting.SNAPSHOT_CATCHUP_BYTES, 0),
                    texts.longNumber(Setting.SNAPSHOT_TRANSFER_BYTES_PER_SECOND, 0));
        }
    }

    /**
     * What history is kept when older is compacted by itself. Immutable.
     *
     * @param amount revisions, or nanoseconds; 0 to compact nothing
     */
    public record Retention(boolean isOfRevisions, long amount) {}

    public String name() {
        return self.name();
    }

    /** How long a call may wait for a commit or a read barrier, as with etcd: 5 s and two elections (contract D). */
    public int requestTimeoutMillis() {
        return 5_000 + 2 * electionTimeoutMillis;
    }

    /**
     * Reads settings given as texts; what is missing takes its standard.
     *
     * @throws ConfigException if a value is malformed, or two do not go together
     */
    static ServerConfig of(Map<Setting, String> given) {
        SettingTexts texts = new SettingTexts(given);
        String name = texts.required(Setting.NAME);
        if (name.contains(",") || name.contains("=")) {
            throw new ConfigException("--name is \"" + name + "\"; it may contain neither comma nor equals sign");
        }
        List<MemberUrl> advertisePeer = texts.reachableUrls(Setting.INITIAL_ADVERTISE_PEER_URLS);
        if (advertisePeer.size() != 1) {
            throw new ConfigException("--initial-advertise-peer-urls has " + advertisePeer.size()
                    + " URLs; give the one that the other members use");
        }
        InitialCluster cluster = InitialCluster.parse(
                texts.required(Setting.INITIAL_CLUSTER_TOKEN),
                texts.or(Setting.INITIAL_CLUSTER, name + "=" + advertisePeer.get(0)));
        List<MemberUrl> listenPeer = texts.bindableUrls(Setting.LISTEN_PEER_URLS);
        listenPeer.forEach(url -> url.requireFixedPort(Setting.LISTEN_PEER_URLS.flag()));
        List<MemberUrl> listenClient = texts.bindableUrls(Setting.LISTEN_CLIENT_URLS);
        requireDisjoint(listenClient, listenPeer);
        if (texts.isGiven(Setting.LISTEN_CLIENT_URLS) && !texts.isGiven(Setting.ADVERTISE_CLIENT_URLS)) {
            throw new ConfigException("--listen-client-urls is set and --advertise-client-urls is not;"
                    + " say under which URL clients reach this member");
        }
        TlsSettings clientTls = TlsSettings.ofClients(texts);
        clientTls.requireFor(listenClient, Setting.LISTEN_CLIENT_URLS, "--cert-file", "--auto-tls");
        HttpFace http = HttpFace.of(
                texts, Stream.concat(listenClient.stream(), listenPeer.stream()).toList());
        clientTls.requireFor(http.listenClientUrls(), Setting.LISTEN_CLIENT_HTTP_URLS, "--cert-file", "--auto-tls");
        clientTls.requireFor(http.listenMetricsUrls(), Setting.LISTEN_METRICS_URLS, "--cert-file", "--auto-tls");
        TlsSettings peerTls = TlsSettings.ofPeers(texts);
        peerTls.requireFor(listenPeer, Setting.LISTEN_PEER_URLS, "--peer-cert-file", "--peer-auto-tls");
        int heartbeat = texts.number(Setting.HEARTBEAT_INTERVAL, 1, MAX_ELECTION_TIMEOUT_MILLIS);
        int election = texts.number(Setting.ELECTION_TIMEOUT, 1, MAX_ELECTION_TIMEOUT_MILLIS);
        if (election < 5 * heartbeat) {
            throw new ConfigException("--election-timeout is " + election + " ms and --heartbeat-interval " + heartbeat
                    + " ms; an election must wait for at least five heartbeats, so raise the one to " + 5 * heartbeat
                    + " or lower the other to " + election / 5);
        }
        boolean isLeaseReads =
                texts.oneOf(Setting.READ_MODE, List.of("quorum", "lease")).equals("lease");
        long reserve = texts.longNumber(Setting.DISK_RESERVE_BYTES);
        if (reserve != 0 && reserve < LEAST_RESERVE_BYTES) {
            throw new ConfigException("--disk-reserve-bytes is " + reserve + "; give at least " + LEAST_RESERVE_BYTES
                    + ", for a quarter of it must hold a file of the log, or 0 for no reserve");
        }
        long quota = texts.longNumber(Setting.QUOTA_BACKEND_BYTES);
        return new ServerConfig(
                selfOf(cluster, name, advertisePeer.get(0)),
                cluster,
                texts.oneOf(Setting.INITIAL_CLUSTER_STATE, List.of("new", "existing"))
                        .equals("new"),
                Path.of(texts.or(Setting.DATA_DIR, name + ".etcd")),
                listenClient,
                texts.reachableUrls(Setting.ADVERTISE_CLIENT_URLS),
                listenPeer,
                heartbeat,
                election,
                texts.number(Setting.PRIORITY, 1, MAX_PRIORITY),
                isLeaseReads,
                leaseDriftMillis(texts, isLeaseReads, election),
                texts.number(Setting.DISK_HANG_TIMEOUT, 2_000, MAX_DISK_HANG_MILLIS),
                Snapshots.of(texts),
                quota == 0 ? DEFAULT_QUOTA_BYTES : quota,
                reserve,
                texts.number(Setting.MAX_REQUEST_BYTES, 1, MAX_MAX_REQUEST_BYTES),
                texts.number(Setting.MAX_TXN_OPS, 1, Integer.MAX_VALUE),
                texts.number(Setting.MAX_LEARNERS, 0, MAX_MAX_LEARNERS),
                texts.isOn(Setting.STRICT_RECONFIG_CHECK),
                texts.duration(Setting.WATCH_PROGRESS_NOTIFY_INTERVAL, Duration.ofMillis(100)),
                texts.number(Setting.SCRUB_INTERVAL_MINUTES, 1, 1_000_000),
                texts.number(Setting.SCRUB_MIB_PER_SECOND, 0, 100_000),
                RetentionText.parse(
                        texts.oneOf(Setting.AUTO_COMPACTION_MODE, List.of("periodic", "revision"))
                                .equals("revision"),
                        texts.required(Setting.AUTO_COMPACTION_RETENTION)),
                logLevel(texts),
                LogOutput.of(texts),
                KeepAlive.of(texts),
                acceptedHistory(texts.or(Setting.ACCEPT_HISTORY, "")),
                clientTls,
                peerTls,
                texts.number(Setting.MAX_CLIENT_CONNECTIONS, 0, 10_000_000),
                (int) Math.min(Integer.MAX_VALUE, texts.longNumber(Setting.MAX_CONCURRENT_STREAMS, 1)),
                http,
                TokenSettings.of(texts),
                texts.isOn(Setting.CLIENT_CERT_AUTH));
    }

    private static String logLevel(SettingTexts texts) {
        if (texts.isOn(Setting.DEBUG)) {
            return "DEBUG";
        }
        String level = texts.oneOf(Setting.LOG_LEVEL, LOG_LEVELS);
        // Nothing is worse than an error here: what etcd says before a panic, we say as one.
        return List.of("dpanic", "panic", "fatal").contains(level) ? "ERROR" : level.toUpperCase(Locale.ROOT);
    }

    private static @Nullable EntryRange acceptedHistory(String text) {
        try {
            return text.isEmpty() ? null : EntryRange.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--accept-history: " + e.getMessage()
                    + "; give the entries that this member names" + " when it stops for a divergence");
        }
    }

    private static int leaseDriftMillis(SettingTexts texts, boolean isLeaseReads, int electionMillis) {
        if (!isLeaseReads && texts.isGiven(Setting.READ_LEASE_DRIFT)) {
            throw new ConfigException(
                    "--read-lease-drift is set and --read-mode is quorum; set --read-mode to lease, or leave it out");
        }
        int drift = texts.number(Setting.READ_LEASE_DRIFT, 0, electionMillis - 1);
        return drift == 0 ? electionMillis / 10 : drift;
    }

    private static FoundingMember selfOf(InitialCluster cluster, String name, MemberUrl advertised) {
        for (FoundingMember member : cluster.members()) {
            if (member.name().equals(name)) {
                if (!member.peerUrl().equals(advertised)) {
                    throw new ConfigException("--initial-cluster has " + name + " at " + member.peerUrl()
                            + ", and --initial-advertise-peer-urls says " + advertised + "; both must be the same");
                }
                return member;
            }
        }
        throw new ConfigException("--name is " + name + ", which is not in --initial-cluster ("
                + String.join(
                        ", ",
                        cluster.members().stream().map(FoundingMember::name).toList())
                + "); add " + name + "=" + advertised + " there on every member, or use one of those names");
    }

    private static void requireDisjoint(List<MemberUrl> clients, List<MemberUrl> peers) {
        for (MemberUrl client : clients) {
            for (MemberUrl peer : peers) {
                if (client.clashesWith(peer)) {
                    throw new ConfigException("--listen-client-urls has " + client + " and --listen-peer-urls " + peer
                            + "; clients and members need ports of their own (2379 and 2380 by custom)");
                }
            }
        }
    }
}
