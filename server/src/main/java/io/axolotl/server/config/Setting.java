package io.axolotl.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can be set, under etcd's names.
 */
enum Setting {
    NAME("name", Kind.TEXT, "default", "human-readable name of this member"),
    DATA_DIR("data-dir", Kind.TEXT, "${name}.etcd", "folder for everything that this member stores"),
    LISTEN_CLIENT_URLS(
            "listen-client-urls",
            Kind.TEXT,
            "http://localhost:2379",
            "where to listen for clients, separated by commas"),
    ADVERTISE_CLIENT_URLS(
            "advertise-client-urls",
            Kind.TEXT,
            "http://localhost:2379",
            "how clients reach this member; required with --listen-client-urls"),
    LISTEN_PEER_URLS("listen-peer-urls", Kind.TEXT, "http://localhost:2380", "where to listen for the other members"),
    INITIAL_ADVERTISE_PEER_URLS(
            "initial-advertise-peer-urls",
            Kind.TEXT,
            "http://localhost:2380",
            "how the other members reach this one; the same as in --initial-cluster"),
    INITIAL_CLUSTER(
            "initial-cluster",
            Kind.TEXT,
            "${name}=${initial-advertise-peer-urls}",
            "all members of a new cluster, as name=url,name=url; the same on every member"),
    INITIAL_CLUSTER_STATE(
            "initial-cluster-state", Kind.TEXT, "new", "'new' to found the cluster, 'existing' to join a running one"),
    INITIAL_CLUSTER_TOKEN(
            "initial-cluster-token",
            Kind.TEXT,
            "etcd-cluster",
            "tells clusters with equal URLs apart; the same on every member"),
    HEARTBEAT_INTERVAL("heartbeat-interval", Kind.NUMBER, "100", "milliseconds between a leader's heartbeats"),
    ELECTION_TIMEOUT(
            "election-timeout", Kind.NUMBER, "1000", "milliseconds without a leader until an election; at most 50000"),
    PRIORITY(
            "priority",
            Kind.NUMBER,
            "100",
            "1 to 100: of several members the one with the highest leads, if it is well; the others wait longer to campaign"),
    READ_MODE(
            "read-mode",
            Kind.TEXT,
            "quorum",
            "'quorum' confirms linearizable reads with a majority; 'lease' lets a leader answer them alone for a while, and"
                    + " rests on clocks that run evenly; the same on every member"),
    READ_LEASE_DRIFT(
            "read-lease-drift",
            Kind.NUMBER,
            "0",
            "milliseconds taken off a lease for clocks that run unevenly; 0 is a tenth of the election timeout"),
    DISK_HANG_TIMEOUT(
            "disk-hang-timeout",
            Kind.NUMBER,
            "60000",
            "milliseconds after which a disk operation that does not come back ends the process"),
    SNAPSHOT_COUNT("snapshot-count", Kind.NUMBER, "1000000", "most applied entries between two snapshots"),
    SNAPSHOT_REPLAY_MILLIS(
            "snapshot-replay-millis",
            Kind.NUMBER,
            "5000",
            "a snapshot is made when replaying what came since the last would take this long"),
    SNAPSHOT_LOG_BYTES(
            "snapshot-log-bytes",
            Kind.NUMBER,
            "536870912",
            "a snapshot is made when what came since the last takes this much of the log"),
    SNAPSHOT_CATCHUP_ENTRIES(
            "snapshot-catchup-entries",
            Kind.NUMBER,
            "100000",
            "most entries that stay in the log before a snapshot, for members that are behind"),
    SNAPSHOT_CATCHUP_BYTES(
            "snapshot-catchup-bytes", Kind.NUMBER, "67108864", "and most bytes of the log that they may take"),
    SNAPSHOT_TRANSFER_BYTES_PER_SECOND(
            "snapshot-transfer-bytes-per-second",
            Kind.NUMBER,
            "209715200",
            "bound on sending snapshots, to all members together; 0 is no bound"),
    QUOTA_BACKEND_BYTES(
            "quota-backend-bytes", Kind.NUMBER, "0", "most bytes of the store; 0 is 2 GiB, negative is no limit"),
    DISK_RESERVE_BYTES(
            "disk-reserve-bytes",
            Kind.NUMBER,
            "67108864",
            "space kept for when the disk is full, so that reads and deletes go on; 0 is none"),
    MAX_REQUEST_BYTES("max-request-bytes", Kind.NUMBER, "1572864", "largest request, in bytes as stored in the log"),
    MAX_TXN_OPS("max-txn-ops", Kind.NUMBER, "128", "most operations of one transaction"),
    GRPC_KEEPALIVE_MIN_TIME(
            "grpc-keepalive-min-time",
            Kind.TEXT,
            "5s",
            "how long a client must wait between two pings; one that pings more often is disconnected"),
    GRPC_KEEPALIVE_INTERVAL(
            "grpc-keepalive-interval",
            Kind.TEXT,
            "2h",
            "after how much silence of a connection its client is pinged; 0s for never"),
    GRPC_KEEPALIVE_TIMEOUT(
            "grpc-keepalive-timeout",
            Kind.TEXT,
            "20s",
            "how long the answer to such a ping may take before the connection is closed"),
    MAX_LEARNERS("max-learners", Kind.NUMBER, "1", "most learners that the cluster may have at a time"),
    STRICT_RECONFIG_CHECK(
            "strict-reconfig-check",
            Kind.SWITCH,
            "true",
            "refuse changes of the members that would endanger the quorum"),
    WATCH_PROGRESS_NOTIFY_INTERVAL(
            "watch-progress-notify-interval",
            Kind.TEXT,
            "10m",
            "how often watches that ask for it are told how far they are while nothing else happens; at least 100ms"),
    SCRUB_INTERVAL_MINUTES(
            "scrub-interval-minutes",
            Kind.NUMBER,
            "1440",
            "minutes between two passes that look for damage in files that nobody reads"),
    SCRUB_MIB_PER_SECOND(
            "scrub-mib-per-second", Kind.NUMBER, "8", "at most how fast such a pass reads; 0 switches it off"),
    AUTO_COMPACTION_MODE(
            "auto-compaction-mode",
            Kind.TEXT,
            "periodic",
            "what --auto-compaction-retention counts: 'periodic' for time, 'revision' for revisions"),
    AUTO_COMPACTION_RETENTION(
            "auto-compaction-retention",
            Kind.TEXT,
            "0",
            "history that is kept while older is compacted by itself: hours or a duration as 30m, or revisions; 0 is off"),
    LOG_LEVEL("log-level", Kind.TEXT, "info", "debug, info, warn or error"),
    LOGGER(
            "logger",
            Kind.TEXT,
            "${form}",
            "how lines of the log look: 'axolotl', or etcd's 'capnslog' or 'zap' (JSON)"),
    LOG_OUTPUTS(
            "log-outputs",
            Kind.TEXTS,
            "default",
            "where they go: 'stderr', which is the default, 'stdout', or files, separated by commas"),
    DEBUG("debug", Kind.SWITCH, "false", "as --log-level=debug"),
    ACCEPT_HISTORY(
            "accept-history",
            Kind.TEXT,
            "",
            "entries such as 1025-1088 in which this member's state is right and that of others wrong, by the operator's"
                    + " word; to be left out again once all serve"),
    CERT_FILE(
            "cert-file", Kind.TEXT, "", "certificate that clients are shown, in PEM form; read again when it changes"),
    KEY_FILE("key-file", Kind.TEXT, "", "private key of it, without a password"),
    TRUSTED_CA_FILE(
            "trusted-ca-file",
            Kind.TEXT,
            "",
            "authorities of the certificates that clients must show; read again when it changes"),
    CLIENT_CERT_AUTH(
            "client-cert-auth", Kind.SWITCH, "false", "clients must show a certificate of a trusted authority"),
    CLIENT_CERT_ALLOWED_HOSTNAME(
            "client-cert-allowed-hostname", Kind.TEXTS, "", "host that a client's certificate must be for"),
    CLIENT_CRL_FILE("client-crl-file", Kind.TEXT, "", "list of revoked certificates of clients, in PEM or DER form"),
    AUTO_TLS("auto-tls", Kind.SWITCH, "false", "make a certificate for clients if none is given"),
    PEER_CERT_FILE("peer-cert-file", Kind.TEXT, "", "certificate that the other members are shown, as --cert-file"),
    PEER_KEY_FILE("peer-key-file", Kind.TEXT, "", "private key of it, without a password"),
    PEER_TRUSTED_CA_FILE(
            "peer-trusted-ca-file", Kind.TEXT, "", "authorities of the certificates that the other members must show"),
    PEER_CLIENT_CERT_AUTH(
            "peer-client-cert-auth", Kind.SWITCH, "false", "members that connect must show a certificate too"),
    PEER_CERT_ALLOWED_CN(
            "peer-cert-allowed-cn",
            Kind.TEXTS,
            "",
            "common names that another member's certificate may have, by commas"),
    PEER_CERT_ALLOWED_HOSTNAME(
            "peer-cert-allowed-hostname", Kind.TEXTS, "", "host that another member's certificate must be for"),
    PEER_CRL_FILE("peer-crl-file", Kind.TEXT, "", "list of revoked certificates of members, in PEM or DER form"),
    PEER_AUTO_TLS(
            "peer-auto-tls",
            Kind.SWITCH,
            "false",
            "make a certificate for the other members if none is given; hides the traffic, and proves nothing"),
    SELF_SIGNED_CERT_VALIDITY(
            "self-signed-cert-validity",
            Kind.NUMBER,
            "1",
            "years that certificates of --auto-tls and --peer-auto-tls last"),
    TLS_MIN_VERSION("tls-min-version", Kind.TEXT, "TLS1.2", "oldest TLS that is spoken: TLS1.2 or TLS1.3"),
    TLS_MAX_VERSION("tls-max-version", Kind.TEXT, "TLS1.3", "newest TLS that is spoken"),
    CIPHER_SUITES(
            "cipher-suites",
            Kind.TEXTS,
            "",
            "cipher suites for TLS1.2, by commas; if empty, those with forward secrecy and authentication"),
    MAX_CLIENT_CONNECTIONS(
            "max-client-connections",
            Kind.NUMBER,
            "0",
            "most connections of clients at a time; 0 is by the heap and by how many files the process may open"),
    MAX_CONCURRENT_STREAMS(
            "max-concurrent-streams", Kind.NUMBER, "10000", "most calls at a time on one connection of a client"),
    LISTEN_CLIENT_HTTP_URLS(
            "listen-client-http-urls",
            Kind.TEXT,
            "",
            "where to listen for plain HTTP (JSON, health, metrics) instead of on --listen-client-urls, which then serve gRPC"
                    + " only"),
    LISTEN_METRICS_URLS(
            "listen-metrics-urls",
            Kind.TEXT,
            "",
            "where else to answer /metrics, /health, /livez and /readyz, and nothing more"),
    METRICS("metrics", Kind.TEXT, "basic", "'extensive' adds the durations of calls, method by method"),
    CORS(
            "cors",
            Kind.TEXT,
            "*",
            "sites whose scripts may read answers to HTTP requests, separated by commas; * for all"),
    HOST_WHITELIST(
            "host-whitelist",
            Kind.TEXT,
            "*",
            "names under which HTTP clients without TLS may address this member, separated by commas; * for all"),
    AUTH_TOKEN(
            "auth-token",
            Kind.TEXT,
            "simple",
            "what users are given for their password: 'simple', or 'jwt,sign-method=RS256,pub-key=file,priv-key=file,ttl=5m';"
                    + " the same on every member"),
    AUTH_TOKEN_TTL(
            "auth-token-ttl", Kind.NUMBER, "300", "seconds after which a simple token that nobody shows is forgotten"),
    BCRYPT_COST(
            "bcrypt-cost", Kind.NUMBER, "10", "how slow the hash of a password is, as a power of two: from 4 to 31");

    enum Kind {
        TEXT,
        /** Several texts, separated by commas; in a file also a list. */
        TEXTS,
        NUMBER,
        /** True or false; true if it is named without a value. */
        SWITCH
    }

    private final String key;
    private final Kind kind;
    private final String standard;
    private final String description;

    Setting(String key, Kind kind, String standard, String description) {
        this.key = key;
        this.kind = kind;
        this.standard = standard;
        this.description = description;
    }

    static Optional<Setting> byKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    /** The name in a file; the flag without its dashes. */
    String key() {
        return key;
    }

    String flag() {
        return "--" + key;
    }

    /** The name in the environment, without prefix. */
    String variable() {
        return key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    boolean isOfUrls() {
        return key.endsWith("-urls");
    }

    Kind kind() {
        return kind;
    }

    /** What it is if nobody sets it; {@code ${...}} names another setting. */
    String standard() {
        return standard;
    }

    String description() {
        return description;
    }
}
