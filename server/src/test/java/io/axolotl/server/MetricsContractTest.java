package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F.3: what a whole server shows to scrapers, line by line of the contract; and F.1's ports, on which it does. */
@Timeout(120)
class MetricsContractTest {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"");

    /** Each line: type, labels in alphabetical order or -, names. Where etcd's meaning is ours. */
    private static final String CONTRACT = """
            gauge - etcd_server_has_leader etcd_server_is_leader etcd_server_is_learner etcd_server_quota_backend_bytes
            gauge - etcd_server_proposals_committed_total etcd_server_proposals_applied_total etcd_server_proposals_pending
            gauge - etcd_server_snapshot_apply_in_progress_total
            counter - etcd_server_leader_changes_seen_total etcd_server_proposals_failed_total etcd_server_slow_apply_total
            counter - etcd_server_slow_read_indexes_total etcd_server_read_indexes_failed_total
            counter - etcd_server_health_success etcd_server_health_failures
            gauge server_version etcd_server_version
            gauge cluster_version etcd_cluster_version
            gauge server_id etcd_server_id
            gauge name,type etcd_server_healthcheck
            counter name,status,type etcd_server_healthchecks_total
            histogram success etcd_server_range_duration_seconds
            counter client_api_version,type etcd_server_client_requests_total
            histogram - etcd_disk_wal_fsync_duration_seconds etcd_disk_wal_write_duration_seconds
            gauge - etcd_disk_wal_write_bytes_total etcd_disk_defrag_inflight
            histogram - etcd_disk_backend_commit_duration_seconds etcd_disk_backend_defrag_duration_seconds
            histogram - etcd_snap_db_save_total_duration_seconds
            gauge - etcd_mvcc_db_total_size_in_bytes etcd_mvcc_db_total_size_in_use_in_bytes
            counter - etcd_mvcc_put_total etcd_mvcc_delete_total
            histogram - etcd_mvcc_hash_duration_seconds etcd_mvcc_hash_rev_duration_seconds
            gauge - etcd_debugging_mvcc_keys_total etcd_debugging_mvcc_watch_stream_total etcd_debugging_mvcc_watcher_total
            gauge - etcd_debugging_mvcc_slow_watcher_total etcd_debugging_mvcc_pending_events_total
            gauge - etcd_debugging_mvcc_current_revision etcd_debugging_mvcc_compact_revision
            gauge - etcd_debugging_mvcc_total_put_size_in_bytes etcd_debugging_auth_revision
            counter - etcd_debugging_mvcc_events_total etcd_debugging_lease_granted_total
            counter - etcd_debugging_lease_renewed_total etcd_debugging_lease_revoked_total
            counter - etcd_debugging_server_lease_expired_total
            gauge alarm_type,server_id etcd_debugging_server_alarms
            counter - etcd_network_client_grpc_received_bytes_total etcd_network_client_grpc_sent_bytes_total
            counter To etcd_network_peer_sent_bytes_total etcd_network_peer_sent_failures_total
            counter From etcd_network_peer_received_bytes_total etcd_network_peer_received_failures_total
            histogram To etcd_network_peer_round_trip_time_seconds
            gauge Local,Remote etcd_network_active_peers etcd_network_known_peers
            counter Local,Remote etcd_network_disconnected_peers_total
            gauge To etcd_network_snapshot_send_inflights_total
            counter To etcd_network_snapshot_send_success etcd_network_snapshot_send_failures
            histogram To etcd_network_snapshot_send_total_duration_seconds
            gauge From etcd_network_snapshot_receive_inflights_total
            counter From etcd_network_snapshot_receive_success etcd_network_snapshot_receive_failures
            histogram From etcd_network_snapshot_receive_total_duration_seconds
            counter grpc_method,grpc_service,grpc_type grpc_server_started_total grpc_server_msg_received_total
            counter grpc_method,grpc_service,grpc_type grpc_server_msg_sent_total
            counter grpc_code,grpc_method,grpc_service,grpc_type grpc_server_handled_total
            histogram grpc_method,grpc_service,grpc_type grpc_server_handling_seconds
            gauge - process_resident_memory_bytes process_open_fds process_max_fds process_start_time_seconds
            counter - process_cpu_seconds_total
            gauge - os_fd_used os_fd_limit go_goroutines
            """;

    /** Metrics of F.3 that mean something this server does not do, or does elsewhere; docs/monitoring.md says of each why. */
    static final Set<String> LEFT_OUT = Set.of(
            "etcd_server_heartbeat_send_failures_total",
            "etcd_server_apply_duration_seconds",
            "etcd_server_learner_promote_successes",
            "etcd_server_learner_promote_failures",
            "etcd_server_feature_enabled",
            "etcd_server_request_duration_seconds",
            "etcd_disk_backend_snapshot_duration_seconds",
            "etcd_snap_db_fsync_duration_seconds",
            "etcd_snap_fsync_duration_seconds",
            "etcd_mvcc_db_open_read_transactions",
            "etcd_mvcc_range_total",
            "etcd_mvcc_txn_total",
            "etcd_debugging_mvcc_db_compaction_keys_total",
            "etcd_network_server_stream_failures_total");

    @TempDir
    static Path folder;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ConcurrentLinkedQueue<String> FATAL = new ConcurrentLinkedQueue<>();
    private static final List<Server> SERVERS = new ArrayList<>();

    /** What a scrape found: type by family, and the sets of labels of its samples. */
    private record Page(Map<String, String> types, Map<String, Set<String>> labels) {
        static Page of(String text) {
            Map<String, String> types = new TreeMap<>();
            Map<String, Set<String>> labels = new TreeMap<>();
            for (String line : text.lines().toList()) {
                if (line.startsWith("# TYPE ")) {
                    String[] words = line.split(" ", -1);
                    types.put(words[2], words[3]);
                } else if (!line.startsWith("#")) {
                    Matcher sample = SAMPLE.matcher(line);
                    assertThat(sample.matches()).as(line).isTrue();
                    labels.computeIfAbsent(family(sample.group(1), types), f -> new TreeSet<>())
                            .add(labelNames(sample.group(2)));
                }
            }
            return new Page(types, labels);
        }

        private static String family(String name, Map<String, String> types) {
            String base = name.replaceAll("_(bucket|sum|count)$", "");
            return "histogram".equals(types.get(base)) ? base : name;
        }

        private static String labelNames(String labels) {
            Set<String> names = new TreeSet<>();
            Matcher label = LABEL.matcher(labels == null ? "" : labels);
            while (label.find()) {
                names.add(label.group(1));
            }
            names.remove("le");
            return names.isEmpty() ? "-" : String.join(",", names);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        List<List<String>> lines = TestServers.commandLines(folder, 2);
        List<String> first = new ArrayList<>(lines.get(0));
        first.add("--listen-metrics-urls=http://127.0.0.1:0");
        first.add("--listen-client-http-urls=http://127.0.0.1:0");
        first.add("--metrics=extensive");
        SERVERS.add(Server.start(TestServers.config(first), (what, cause) -> FATAL.add(what + ": " + cause)));
        SERVERS.add(Server.start(TestServers.config(lines.get(1)), (what, cause) -> FATAL.add(what + ": " + cause)));
        for (Server server : SERVERS) {
            assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        for (Server server : SERVERS) {
            server.stop();
        }
        assertThat(FATAL).isEmpty();
    }

    private static URI http(int port, String path) {
        InetSocketAddress address =
                (InetSocketAddress) SERVERS.get(0).httpAddresses().get(port);
        return URI.create("http://127.0.0.1:" + address.getPort() + path);
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(http(0, path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    @DisplayName("F.3: names, types and labels are etcd's where the meaning is")
    void metricsAreThoseOfTheContract() throws Exception {
        assertThat(get(http(0, "/readyz")).statusCode()).isEqualTo(200);
        assertThat(get(http(0, "/livez")).statusCode()).isEqualTo(200);
        assertThat(post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"Yg==\"}").statusCode())
                .isEqualTo(200);
        assertThat(post("/v3/kv/deleterange", "{\"key\":\"YQ==\"}").statusCode())
                .isEqualTo(200);
        assertThat(post("/v3/lease/grant", "{\"TTL\":60,\"ID\":5}").statusCode())
                .isEqualTo(200);
        assertThat(post("/v3/lease/revoke", "{\"ID\":5}").statusCode()).isEqualTo(200);
        String alarm = "\"memberID\":\"7\",\"alarm\":\"NOSPACE\"}";
        assertThat(post("/v3/maintenance/alarm", "{\"action\":\"ACTIVATE\"," + alarm)
                        .statusCode())
                .isEqualTo(200);

        String text = get(http(1, "/metrics")).body();

        assertThat(post("/v3/maintenance/alarm", "{\"action\":\"DEACTIVATE\"," + alarm)
                        .statusCode())
                .isEqualTo(200);
        Page page = Page.of(text);
        CONTRACT.lines().forEach(line -> {
            String[] words = line.strip().split(" ", -1);
            for (String name : List.of(words).subList(2, words.length)) {
                assertThat(page.types).as("type of " + name).containsEntry(name, words[0]);
                assertThat(page.labels).as("labels of " + name).containsEntry(name, Set.of(words[1]));
            }
        });
        assertThat(page.types.keySet()).as("what is left out on purpose").doesNotContainAnyElementsOf(LEFT_OUT);
        assertThat(text)
                .contains("\netcd_mvcc_put_total 1\n", "\netcd_mvcc_delete_total 1\n")
                .contains("\netcd_debugging_mvcc_total_put_size_in_bytes 2\n", "\netcd_debugging_mvcc_keys_total 0\n")
                .contains("\netcd_debugging_lease_granted_total 1\n", "\netcd_debugging_lease_revoked_total 1\n");
    }

    @Test
    @DisplayName("docs/monitoring.md explains every metric that is here, and every one of F.3 that is not")
    void everyMetricIsExplained() throws Exception {
        Set<String> names =
                new TreeSet<>(Page.of(get(http(1, "/metrics")).body()).types.keySet());
        names.addAll(LEFT_OUT);
        String guide = Files.readString(Path.of("..", "docs", "monitoring.md"));
        assertThat(names).hasSizeGreaterThan(100).allSatisfy(name -> {
            if (!name.startsWith("jvm_")) {
                assertThat(guide).contains("`" + name);
            }
        });
    }

    @Test
    @DisplayName("F.1: with --listen-client-http-urls the client port serves gRPC only, and says where else to look")
    void portsServeWhatTheyAreFor() throws Exception {
        InetSocketAddress client =
                (InetSocketAddress) SERVERS.get(0).clientAddresses().get(0);
        assertThat(get(URI.create("http://127.0.0.1:" + client.getPort() + "/health"))
                        .statusCode())
                .isEqualTo(404);
        assertThat(get(http(0, "/version")).statusCode()).isEqualTo(200);
        assertThat(get(http(1, "/version")).statusCode()).isEqualTo(404);
        assertThat(get(http(1, "/health")).body()).startsWith("{\"health\":\"true\"");
        assertThat(get(http(1, "/readyz/linearizable_read")).body()).isEqualTo("ok\n");
        InetSocketAddress shared =
                (InetSocketAddress) SERVERS.get(1).clientAddresses().get(0);
        assertThat(get(URI.create("http://127.0.0.1:" + shared.getPort() + "/health"))
                        .statusCode())
                .isEqualTo(200);
    }
}
