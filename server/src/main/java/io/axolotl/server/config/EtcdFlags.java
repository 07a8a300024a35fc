package io.axolotl.server.config;

import io.axolotl.server.config.EtcdFlag.Fate;
import io.axolotl.server.config.EtcdFlag.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every flag of etcd 3.4.23, in the order of its help, and those that came until 3.6. One declarative list: a test holds it
 * against {@code etcd --help}, another against the document that people read. Immutable.
 */
public final class EtcdFlags {
    private static final String IN_DATA_DIR =
            "the log is a folder of --data-dir; to give it a disk of its own, mount one at DATA_DIR/member/wal before the first start";
    private static final String FILES_GO =
            "files are removed as soon as nothing needs them; what stays for members that are"
                    + " behind is set by --snapshot-catchup-entries and --snapshot-catchup-bytes";
    private static final String BATCHES =
            "the state is written with each batch of committed entries, and made durable with the snapshots";
    private static final String MEMBERS_BY_HAND =
            "there is no discovery; name the members in --initial-cluster, the same on every member";
    private static final String NO_V2 =
            "only the v3 API is served; move the data to v3 with etcd 3.4 and etcdctl migrate first";
    private static final String NO_PROXY = "there is no v2 proxy; let clients connect to the members";
    private static final String ALWAYS_CHECKED =
            "members compare a digest of what they applied all the time, and one that differs serves nothing";
    private static final String SLOW_BY_METRICS =
            "there is no such warning; the histograms of /metrics tell how long applying takes";
    private static final String NO_TRACING = "there is no tracing; /metrics has the time of every stage";
    private static final String SPARE_SYNC = "a write is not acknowledged before it is synced; leave it out";

    private static final List<EtcdFlag> FLAGS_3_4 = List.of(
            // Member.
            served("name", Form.TEXT, "default"),
            served("data-dir", Form.TEXT, "${name}.etcd"),
            refused("wal-dir", Form.TEXT, "", IN_DATA_DIR),
            served(
                    "snapshot-count",
                    Form.NUMBER,
                    "100000",
                    "an upper bound, 1,000,000 by default; time to replay and bytes of log usually call for one earlier"),
            served("heartbeat-interval", Form.NUMBER, "100"),
            served("election-timeout", Form.NUMBER, "1000"),
            noEffect(
                    "initial-election-tick-advance",
                    Form.SWITCH,
                    "true",
                    "a member that alone votes campaigns at its first start 600 ms after it listens for peers, or after an election timeout if that is less; others wait for a leader for a whole election timeout"),
            served("listen-peer-urls", Form.TEXT, "http://localhost:2380"),
            served("listen-client-urls", Form.TEXT, "http://localhost:2379"),
            noEffect("max-snapshots", Form.NUMBER, "5", FILES_GO),
            noEffect("max-wals", Form.NUMBER, "5", FILES_GO),
            served("quota-backend-bytes", Form.NUMBER, "0", "0 is 2 GiB, negative is no limit"),
            noEffect("backend-batch-interval", Form.DURATION, "", BATCHES, "0", "0s"),
            noEffect("backend-batch-limit", Form.NUMBER, "0", BATCHES),
            served("max-txn-ops", Form.NUMBER, "128"),
            served("max-request-bytes", Form.NUMBER, "1572864", "at most 64 MiB"),
            served("max-concurrent-streams", Form.NUMBER, "math.MaxUint32", "10,000 by default"),
            served("grpc-keepalive-min-time", Form.DURATION, "5s"),
            served("grpc-keepalive-interval", Form.DURATION, "2h"),
            served("grpc-keepalive-timeout", Form.DURATION, "20s"),
            // Clustering.
            served(
                    "initial-advertise-peer-urls",
                    Form.TEXT,
                    "http://localhost:2380",
                    "one URL, the one that the other members use"),
            served("initial-cluster", Form.TEXT, "default=http://localhost:2380", "at most seven members"),
            served("initial-cluster-state", Form.TEXT, "new"),
            served("initial-cluster-token", Form.TEXT, "etcd-cluster"),
            served("advertise-client-urls", Form.TEXT, "http://localhost:2379", "required with --listen-client-urls"),
            refused("discovery", Form.TEXT, "", MEMBERS_BY_HAND),
            noEffect("discovery-fallback", Form.TEXT, "proxy", MEMBERS_BY_HAND, "exit"),
            refused("discovery-proxy", Form.TEXT, "", MEMBERS_BY_HAND),
            refused("discovery-srv", Form.TEXT, "", MEMBERS_BY_HAND),
            refused("discovery-srv-name", Form.TEXT, "", MEMBERS_BY_HAND),
            served("strict-reconfig-check", Form.SWITCH, "true"),
            noEffect("pre-vote", Form.SWITCH, "false", "there is always a pre-vote", "true"),
            served("auto-compaction-retention", Form.TEXT, "0", "in mode `revision` a number, no duration"),
            served("auto-compaction-mode", Form.TEXT, "periodic"),
            refused("enable-v2", Form.SWITCH, "false", NO_V2),
            // Security.
            served("cert-file", Form.TEXT, ""),
            served("key-file", Form.TEXT, ""),
            served("client-cert-auth", Form.SWITCH, "false"),
            served("client-crl-file", Form.TEXT, ""),
            served("client-cert-allowed-hostname", Form.TEXT, ""),
            served("trusted-ca-file", Form.TEXT, ""),
            served("auto-tls", Form.SWITCH, "false"),
            served("peer-cert-file", Form.TEXT, ""),
            served("peer-key-file", Form.TEXT, ""),
            served("peer-client-cert-auth", Form.SWITCH, "false"),
            served("peer-trusted-ca-file", Form.TEXT, ""),
            served("peer-cert-allowed-cn", Form.TEXT, ""),
            served("peer-cert-allowed-hostname", Form.TEXT, ""),
            served("peer-auto-tls", Form.SWITCH, "false"),
            served("peer-crl-file", Form.TEXT, ""),
            served("cipher-suites", Form.TEXT, ""),
            served("cors", Form.TEXT, "*"),
            served("host-whitelist", Form.TEXT, "*"),
            // Auth.
            served("auth-token", Form.TEXT, "simple"),
            served("bcrypt-cost", Form.NUMBER, "10"),
            served("auth-token-ttl", Form.NUMBER, "300"),
            // Profiling and monitoring.
            noEffect(
                    "enable-pprof",
                    Form.SWITCH,
                    "false",
                    "profiles are taken by the Java machine: jcmd PID JFR.start, or jcmd PID Thread.print"),
            served("metrics", Form.TEXT, "basic"),
            served("listen-metrics-urls", Form.TEXT, ""),
            // Logging.
            served("logger", Form.TEXT, "capnslog", "`axolotl` is our own form, and the standard of `axolotl server`"),
            served("log-outputs", Form.TEXT, "default", "stderr, stdout and files; `default` is stderr"),
            served("log-level", Form.TEXT, "info", "`dpanic`, `panic` and `fatal` are as `error`"),
            // The v2 proxy.
            refused("proxy", Form.TEXT, "off", NO_PROXY),
            noEffect("proxy-failure-wait", Form.NUMBER, "5000", NO_PROXY),
            noEffect("proxy-refresh-interval", Form.NUMBER, "30000", NO_PROXY),
            noEffect("proxy-dial-timeout", Form.NUMBER, "1000", NO_PROXY),
            noEffect("proxy-write-timeout", Form.NUMBER, "5000", NO_PROXY),
            noEffect("proxy-read-timeout", Form.NUMBER, "0", NO_PROXY),
            // Experimental.
            noEffect("experimental-initial-corrupt-check", Form.SWITCH, "false", ALWAYS_CHECKED, "true"),
            noEffect("experimental-corrupt-check-time", Form.DURATION, "0s", ALWAYS_CHECKED),
            refused("experimental-enable-v2v3", Form.TEXT, "", NO_V2),
            noEffect(
                    "experimental-backend-bbolt-freelist-type",
                    Form.TEXT,
                    "array",
                    "the store is RocksDB, which has no such list"),
            noEffect(
                    "experimental-enable-lease-checkpoint",
                    Form.SWITCH,
                    "false",
                    "what is left of a lease is always written down",
                    "true"),
            noEffect(
                    "experimental-compaction-batch-limit",
                    Form.NUMBER,
                    "1000",
                    "a compaction steps aside for reads and writes by itself"),
            noEffect(
                    "experimental-peer-skip-client-san-verification",
                    Form.SWITCH,
                    "false",
                    "a member that connects is held to --peer-cert-allowed-cn or --peer-cert-allowed-hostname if one is given, and to its"
                            + " address never"),
            alias(
                    "experimental-watch-progress-notify-interval",
                    Form.DURATION,
                    "10m",
                    Setting.WATCH_PROGRESS_NOTIFY_INTERVAL),
            noEffect("experimental-warning-apply-duration", Form.DURATION, "100ms", SLOW_BY_METRICS),
            // Unsafe.
            refused(
                    "force-new-cluster",
                    Form.SWITCH,
                    "false",
                    "it may bring back what was never acknowledged and lose what was; save a snapshot of a member that is left"
                            + " with axolotl snapshot save, and make a new cluster of it with axolotl snapshot restore"),
            // Deprecated.
            served("debug", Form.SWITCH, "false", "as --log-level=debug"),
            noEffect("log-package-levels", Form.TEXT, "", "--log-level holds for all packages"));

    private static final List<EtcdFlag> LATER_FLAGS = List.of(
            served("max-learners", Form.NUMBER, "1"),
            served("watch-progress-notify-interval", Form.DURATION, "10m"),
            served("snapshot-catchup-entries", Form.NUMBER, "5000", "an upper bound, 100,000 by default"),
            served("listen-client-http-urls", Form.TEXT, ""),
            served("tls-min-version", Form.TEXT, "TLS1.2"),
            served("tls-max-version", Form.TEXT, ""),
            alias("experimental-max-learners", Form.NUMBER, "1", Setting.MAX_LEARNERS),
            alias("experimental-snapshot-catchup-entries", Form.NUMBER, "5000", Setting.SNAPSHOT_CATCHUP_ENTRIES),
            refused("unsafe-no-fsync", Form.SWITCH, "false", SPARE_SYNC),
            noEffect(
                    "feature-gates",
                    Form.TEXT,
                    "",
                    "what its gates of corruption checks and leases switch on is always on; the others have no counterpart"),
            noEffect(
                    "log-format",
                    Form.TEXT,
                    "json",
                    "--logger names the form: axolotl, capnslog or zap, which is JSON"),
            refused(
                    "enable-log-rotation",
                    Form.SWITCH,
                    "false",
                    "files of the log are not rotated; write to stderr and let journald or the container engine rotate"),
            noEffect("log-rotation-config-json", Form.TEXT, "", "files of the log are not rotated"),
            noEffect("initial-corrupt-check", Form.SWITCH, "false", ALWAYS_CHECKED, "true"),
            noEffect("corrupt-check-time", Form.DURATION, "0s", ALWAYS_CHECKED),
            noEffect("compact-hash-check-time", Form.DURATION, "1m0s", ALWAYS_CHECKED),
            noEffect("experimental-compact-hash-check-enabled", Form.SWITCH, "false", ALWAYS_CHECKED, "true"),
            noEffect("experimental-compact-hash-check-time", Form.DURATION, "1m0s", ALWAYS_CHECKED),
            noEffect(
                    "experimental-enable-lease-checkpoint-persist",
                    Form.SWITCH,
                    "false",
                    "what is left of a lease is always written down",
                    "true"),
            noEffect(
                    "compaction-batch-limit",
                    Form.NUMBER,
                    "1000",
                    "a compaction steps aside for reads and writes by itself"),
            noEffect(
                    "compaction-sleep-interval",
                    Form.DURATION,
                    "10ms",
                    "a compaction steps aside for reads and writes by itself"),
            noEffect("warning-apply-duration", Form.DURATION, "100ms", SLOW_BY_METRICS),
            noEffect("warning-unary-request-duration", Form.DURATION, "300ms", SLOW_BY_METRICS),
            noEffect("experimental-warning-unary-request-duration", Form.DURATION, "300ms", SLOW_BY_METRICS),
            noEffect(
                    "bootstrap-defrag-threshold-megabytes",
                    Form.NUMBER,
                    "0",
                    "RocksDB gives space back while it runs; there is nothing to defragment at a start"),
            noEffect("backend-bbolt-freelist-type", Form.TEXT, "map", "the store is RocksDB, which has no such list"),
            noEffect(
                    "memory-mlock",
                    Form.SWITCH,
                    "false",
                    "the store is not mapped into memory; set LimitMEMLOCK for the heap"),
            noEffect("experimental-memory-mlock", Form.SWITCH, "false", "the store is not mapped into memory"),
            refused(
                    "enable-grpc-gateway",
                    Form.SWITCH,
                    "true",
                    "the JSON gateway is part of the client port; to keep it from people, filter POST /v3/ in front of it"),
            noEffect("v2-deprecation", Form.TEXT, "not-yet", NO_V2, "write-only", "write-only-drop-data", "gone"),
            refused(
                    "socket-reuse-port",
                    Form.SWITCH,
                    "false",
                    "two servers on one port would each get a part of the calls"),
            noEffect("socket-reuse-address", Form.SWITCH, "false", "the address is always reused", "true"),
            noEffect("raft-read-timeout", Form.DURATION, "5s", "connections between members are watched by heartbeats"),
            noEffect(
                    "raft-write-timeout", Form.DURATION, "5s", "connections between members are watched by heartbeats"),
            noEffect("downgrade-check-time", Form.DURATION, "5s", "there is no older format to go to"),
            refused("enable-distributed-tracing", Form.SWITCH, "false", NO_TRACING),
            refused("experimental-enable-distributed-tracing", Form.SWITCH, "false", NO_TRACING),
            refused("discovery-endpoints", Form.TEXT, "", MEMBERS_BY_HAND),
            refused("discovery-token", Form.TEXT, "", MEMBERS_BY_HAND));

    private EtcdFlags() {}

    /** Those of {@code etcd --help} of 3.4.23, in its order. */
    public static List<EtcdFlag> ofHelp() {
        return FLAGS_3_4;
    }

    /** All, no two with one name. */
    public static List<EtcdFlag> all() {
        List<EtcdFlag> all = new ArrayList<>(FLAGS_3_4);
        all.addAll(LATER_FLAGS);
        return List.copyOf(all);
    }

    /** Those that no {@link Setting} has the name of: what they mean is said here alone. */
    static List<EtcdFlag> foreign() {
        return all().stream()
                .filter(flag -> Setting.byKey(flag.name()).isEmpty())
                .toList();
    }

    /** The foreign flag of this name, without dashes. */
    static Optional<EtcdFlag> foreign(String name) {
        return foreign().stream().filter(flag -> flag.name().equals(name)).findFirst();
    }

    private static EtcdFlag served(String name, Form form, String standard) {
        return served(name, form, standard, "");
    }

    private static EtcdFlag served(String name, Form form, String standard, String note) {
        return new EtcdFlag(name, form, standard, Fate.SERVED, List.of(), note);
    }

    private static EtcdFlag alias(String name, Form form, String standard, Setting setting) {
        return new EtcdFlag(name, form, standard, Fate.ALIAS, List.of(), setting.key());
    }

    private static EtcdFlag noEffect(String name, Form form, String standard, String why, String... harmless) {
        return new EtcdFlag(name, form, standard, Fate.NO_EFFECT, List.of(harmless), why);
    }

    private static EtcdFlag refused(String name, Form form, String standard, String why, String... harmless) {
        return new EtcdFlag(name, form, standard, Fate.REFUSED, List.of(harmless), why);
    }
}
