package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus with the rules in deploy/prometheus scrapes three real nodes. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PrometheusTest {
    private static final Duration BOUND = Duration.ofMinutes(2);

    /**
     * What etcd's published alerts read: names, labels that they match or sum away, and how many series there must be at least on
     * three idle nodes, one of which leads.
     */
    private static final List<String> SERIES = List.of(
            "up{job=~\".*etcd.*\"} 3",
            "etcd_server_has_leader{job=~\".*etcd.*\"} 3",
            "etcd_server_leader_changes_seen_total{job=~\".*etcd.*\"} 3",
            "etcd_server_proposals_failed_total{job=~\".*etcd.*\"} 3",
            "etcd_server_quota_backend_bytes{job=~\".*etcd.*\"} 3",
            "etcd_mvcc_db_total_size_in_bytes{job=~\".*etcd.*\"} 3",
            "etcd_mvcc_db_total_size_in_use_in_bytes{job=~\".*etcd.*\"} 3",
            "etcd_network_peer_sent_failures_total{job=~\".*etcd.*\",To!=\"\"} 6",
            "etcd_network_peer_round_trip_time_seconds_bucket{job=~\".*etcd.*\",To!=\"\",le=\"+Inf\"} 6",
            "etcd_disk_wal_fsync_duration_seconds_bucket{job=~\".*etcd.*\",le=\"+Inf\"} 3",
            "etcd_disk_backend_commit_duration_seconds_bucket{job=~\".*etcd.*\",le=\"+Inf\"} 3",
            "grpc_server_handled_total{job=~\".*etcd.*\",grpc_type=\"unary\",grpc_method=\"Range\",grpc_service!=\"\",grpc_code=\"OK\"} 3",
            "grpc_server_started_total{job=~\".*etcd.*\",grpc_type=\"bidi_stream\",grpc_service=\"etcdserverpb.Watch\"} 3");

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path folder;

    @Test
    @DisplayName(
            "F.3: three nodes are scraped, the shipped rules are evaluated and silent, and etcd's published alerts find their series")
    void threeNodesAreScraped(ProcessCluster cluster) throws IOException, InterruptedException {
        assumeTrue(Target.onPath("prometheus"), "prometheus is not installed (Debian: apt-get install prometheus)");
        Files.copy(PrometheusRulesTest.FOLDER.resolve("axolotl.rules.yml"), folder.resolve("axolotl.rules.yml"));
        String targets = cluster.nodes().stream()
                .map(node -> "'" + URI.create(node.clientUrl()).getAuthority() + "'")
                .collect(Collectors.joining(","));
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
                rule_files: [axolotl.rules.yml]
                scrape_configs:
                  - job_name: axolotl-etcd
                    static_configs: [{targets: [%s]}]
                """.formatted(targets));
        String address = "127.0.0.1:" + LoopbackPorts.free();
        Process prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=" + address,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Children.adopt(prometheus);
        try {
            for (String line : SERIES) {
                int blank = line.lastIndexOf(' ');
                int least = Integer.parseInt(line.substring(blank + 1));
                Await.fact(line, BOUND, () -> {
                    assertThat(prometheus.isAlive()).as(log()).isTrue();
                    return series(address, line.substring(0, blank)) >= least;
                });
            }
            Await.fact(
                    "all rules to be evaluated", BOUND, () -> evaluated(address).equals(alerts()));
        } finally {
            prometheus.destroyForcibly().waitFor();
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Set<String> alerts() {
        try {
            return PrometheusRulesTest.alerts();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int series(String address, String query) {
        return ask(address, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
                .map(data -> data.getAsJsonArray("result").size())
                .orElse(0);
    }

    /** Rules that were evaluated without an error; none of them may fire on three healthy nodes. */
    private static Set<String> evaluated(String address) {
        Set<String> names = new TreeSet<>();
        JsonArray groups = ask(address, "/api/v1/rules")
                .map(data -> data.getAsJsonArray("groups"))
                .orElseGet(JsonArray::new);
        for (JsonElement group : groups) {
            for (JsonElement each : group.getAsJsonObject().getAsJsonArray("rules")) {
                JsonObject rule = each.getAsJsonObject();
                if (rule.get("health").getAsString().equals("ok")) {
                    assertThat(rule.get("state").getAsString())
                            .as(rule.toString())
                            .isNotEqualTo("firing");
                    names.add(rule.get("name").getAsString());
                }
            }
        }
        return names;
    }

    private static Optional<JsonObject> ask(String address, String path) {
        try {
            HttpResponse<String> response = CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://" + address + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? Optional.of(JsonParser.parseString(response.body())
                            .getAsJsonObject()
                            .getAsJsonObject("data"))
                    : Optional.empty();
        } catch (IOException notYet) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
