package io.axolotl.server.http;

import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.ApiLimits;
import io.axolotl.server.api.Edge;
import io.axolotl.server.api.FakeNode;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** F.2 and F.4 as HTTP clients meet them on the client port. */
@Timeout(60)
class HttpFaceTest {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + edge.address.getPort() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    @Test
    @DisplayName("F.4: what is put by JSON is read by gRPC, and the other way round, also below /v3beta")
    void jsonAndGrpcAreOneStore() throws Exception {
        HttpResponse<String> put = post("/v3/kv/put", "{\"key\":\"Zm9v\",\"value\":\"YmFy\"}");
        assertThat(put.statusCode()).isEqualTo(200);
        assertThat(put.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(edge.kv.range(Edge.range("foo").build()).getKvs(0).getValue())
                .isEqualTo(Edge.bytes("bar"));
        edge.kv.put(put("foo", "baz"));
        assertThat(post("/v3beta/kv/range", "{\"key\":\"Zm9v\"}").body())
                .endsWith(
                        "\"revision\":\"3\",\"raft_term\":\"7\"},\"kvs\":[{\"key\":\"Zm9v\",\"create_revision\":\"2\","
                                + "\"mod_revision\":\"3\",\"version\":\"2\",\"value\":\"YmF6\"}],\"count\":\"1\"}");
    }

    @Test
    @DisplayName("F.4: calls by JSON are counted, refused and led as those by gRPC")
    void interceptorsAndCountersAreThoseOfGrpc() throws Exception {
        assertThat(post("/v3/kv/put", "{}").body()).contains("etcdserver: key is not provided");
        assertThat(get("/metrics").body())
                .contains("\ngrpc_server_handled_total{grpc_type=\"unary\",grpc_service=\"etcdserverpb.KV\","
                        + "grpc_method=\"Put\",grpc_code=\"InvalidArgument\"} 1\n");
        edge.node.leader = null;
        HttpResponse<String> led = send(request("/v3/kv/put")
                .header("Grpc-Metadata-hasleader", "true")
                .POST(BodyPublishers.ofString("{\"key\":\"YQ==\"}")));
        assertThat(led.statusCode()).isEqualTo(503);
        assertThat(led.body()).contains("\"error\":\"etcdserver: no leader\"", "\"code\":14");
    }

    @Test
    @DisplayName("F.4: unknown calls, wrong methods and preflights are answered as by etcd")
    void whatIsNoCallIsAnsweredAsByEtcd() throws Exception {
        assertThat(post("/v3/kv/nothing", "{}").statusCode()).isEqualTo(404);
        assertThat(post("/v3/kv/nothing", "{}").body()).isEqualTo("Not Found\n");
        assertThat(post("/v3alpha/kv/range", "{}").body()).isEqualTo("404 page not found\n");
        HttpResponse<String> wrong = get("/v3/kv/range");
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(wrong.headers().firstValue("allow")).hasValue("POST");
        HttpResponse<String> options = send(request("/v3/kv/range").method("OPTIONS", BodyPublishers.noBody()));
        assertThat(options.statusCode()).isEqualTo(200);
        assertThat(options.body()).isEmpty();
        assertThat(options.headers().firstValue("access-control-allow-origin")).hasValue("*");
        assertThat(options.headers().firstValue("access-control-allow-headers"))
                .hasValue("accept, content-type, authorization");
    }

    @Test
    @DisplayName("F.4: a watch's messages arrive one by one as they happen; its end is the client's")
    void aWatchIsFlushedPerMessage() throws Exception {
        HttpRequest watch = request("/v3/watch")
                .POST(BodyPublishers.ofString("{\"create_request\":{\"key\":\"YQ==\"}}"))
                .build();
        HttpResponse<InputStream> response = CLIENT.send(watch, BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("{\"result\":{\"header\":").endsWith("\"created\":true}}");
            for (int i = 0; i < 3; i++) {
                edge.kv.put(put("a", "v" + i));
                assertThat(lines.readLine()).contains("\"events\":[{\"kv\":{\"key\":\"YQ==\"");
            }
            assertThat(streams()).isEqualTo("1");
        }
        Awaitility.await("the watch of a client that has gone ends")
                .atMost(Duration.ofSeconds(20))
                .until(() -> streams().equals("0"));
    }

    private String streams() throws IOException, InterruptedException {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("etcd_debugging_mvcc_watch_stream_total "))
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName("F.4, LE-2: keep-alives are answered line by line, and the answer ends with the requests")
    void keepAlivesEndWithTheirRequests() throws Exception {
        assertThat(post("/v3/lease/grant", "{\"TTL\":\"60\",\"ID\":\"7\"}").body())
                .endsWith("\"ID\":\"7\",\"TTL\":\"60\"}");
        List<String> lines = post("/v3/lease/keepalive", "{\"ID\":7}{\"ID\":\"99\"}")
                .body()
                .lines()
                .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).endsWith("\"ID\":\"7\",\"TTL\":\"60\"}}");
        assertThat(lines.get(1)).endsWith("\"ID\":\"99\"}}");
    }

    @Test
    @DisplayName("MT-5, F.4: a snapshot comes in lines to a client that reads as it likes")
    void aSnapshotIsStreamed() throws Exception {
        edge.kv.put(put("a", "v".repeat(100_000)));
        List<String> lines =
                post("/v3/maintenance/snapshot", "{}").body().lines().toList();
        assertThat(lines).hasSizeGreaterThan(3).allMatch(line -> line.startsWith("{\"result\":{"));
        assertThat(lines.get(lines.size() - 1)).doesNotContain("remaining_bytes");
    }

    @Test
    @DisplayName("F.4: --cors: only the sites named may read answers")
    void onlyNamedSitesMayRead() throws Exception {
        reopen(new HttpAccess(Set.of("http://a.example"), Set.of(HttpAccess.ANY)));
        HttpResponse<String> named = send(request("/health").header("Origin", "http://a.example"));
        assertThat(named.headers().firstValue("access-control-allow-origin")).hasValue("http://a.example");
        HttpResponse<String> other = send(request("/health").header("Origin", "http://b.example"));
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.headers().map()).doesNotContainKey("access-control-allow-origin");
    }

    @Test
    @DisplayName("F.4: --host-whitelist: a name that is not this server's own is 421")
    void onlyNamedHostsAreServed() throws Exception {
        reopen(new HttpAccess(Set.of(HttpAccess.ANY), Set.of("127.0.0.1")));
        assertThat(get("/health").statusCode()).isEqualTo(200);
        reopen(new HttpAccess(Set.of(HttpAccess.ANY), Set.of("db.example", "::1")));
        HttpResponse<String> refused = get("/health");
        assertThat(refused.statusCode()).isEqualTo(421);
        assertThat(refused.body()).contains("127.0.0.1", "--host-whitelist");
        assertThat(post("/v3/kv/put", "{\"key\":\"YQ==\"}").statusCode()).isEqualTo(421);
        assertThat(edge.node.proposals).hasValue(0);
    }

    @Test
    @DisplayName("F.2: /livez and /readyz list their checks when asked, or when one has failed")
    void probesListTheirChecks() throws Exception {
        assertThat(get("/livez").body()).isEqualTo("ok\n");
        assertThat(get("/livez?verbose").body()).isEqualTo("[+]serializable_read ok\nok\n");
        assertThat(get("/readyz?verbose").body()).isEqualTo("""
                [+]data_corruption ok
                [+]serializable_read ok
                [+]linearizable_read ok
                [+]non_learner ok
                ok
                """);
        assertThat(get("/readyz/non_learner").body()).isEqualTo("ok\n");
        assertThat(get("/readyz/nothing").statusCode()).isEqualTo(404);
        assertThat(post("/livez", "").statusCode()).isEqualTo(405);

        edge.node.barrierFailure = Failure.TIMEOUT;
        HttpResponse<String> sick = get("/readyz");
        assertThat(sick.statusCode()).isEqualTo(503);
        assertThat(sick.body()).isEqualTo("""
                [+]data_corruption ok
                [+]serializable_read ok
                [-]linearizable_read failed: range error: etcdserver: request timed out
                [+]non_learner ok

                """);
        assertThat(get("/readyz?exclude=linearizable_read&exclude=nothing").statusCode())
                .isEqualTo(200);
        assertThat(get("/readyz?verbose&allowlist=non_learner&allowlist=serializable_read")
                        .body())
                .isEqualTo("[+]serializable_read ok\n[+]non_learner ok\nok\n");
        assertThat(get("/readyz/linearizable_read").statusCode()).isEqualTo(503);
        assertThat(get("/livez").statusCode())
                .as("a member without a quorum is alive")
                .isEqualTo(200);
        assertThat(get("/metrics").body())
                .contains("\netcd_server_healthcheck{type=\"readyz\",name=\"linearizable_read\"} 0\n")
                .contains("\netcd_server_healthcheck{type=\"livez\",name=\"serializable_read\"} 1\n")
                .contains(
                        "\netcd_server_healthchecks_total{type=\"readyz\",name=\"linearizable_read\",status=\"error\"} 2\n")
                .contains(
                        "\netcd_server_healthchecks_total{type=\"livez\",name=\"serializable_read\",status=\"success\"} 3\n");
    }

    @Test
    @DisplayName("F.2: a member in doubt, a corrupt cluster and a learner are alive and not ready")
    void whatMakesAMemberUnready() throws Exception {
        edge.node.isTrusted = false;
        assertThat(get("/readyz/data_corruption").body())
                .contains("[-]data_corruption failed: etcdserver: it is in doubt");
        edge.node.isTrusted = true;
        edge.node.propose(new Command.RaiseAlarm(new Alarm(7, AlarmKind.CORRUPT)), result -> {});
        assertThat(get("/readyz").body()).contains("[-]data_corruption failed: alarm activated: CORRUPT\n");
        edge.node.becomeLearner();
        assertThat(get("/readyz").body()).contains("[-]non_learner failed: not supported for learner\n");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").body())
                .contains("\netcd_debugging_server_alarms{server_id=\"7\",alarm_type=\"CORRUPT\"} 1\n")
                .contains("\netcd_network_known_peers{Local=\"" + FakeNode.SELF + "\",Remote=\"" + FakeNode.OTHER
                        + "\"} 1\n");
    }

    @Test
    @DisplayName("F.1: a port for HTTP alone, and one for metrics with health and metrics only")
    void portsWithoutGrpc() throws Exception {
        HttpPages pages = new HttpPages(
                StandardPages.forMetricsPort(Map.of("/health", ok("health"), "/version", ok("version"))),
                Map.of(),
                HttpAccess.UNCHECKED);
        HttpPort port = HttpPort.open(
                "test",
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                ClientPort.Secured.NONE,
                ConnectionBound.ofScrapers(10),
                HttpLimits.DEFAULT,
                pages);
        int number = ((InetSocketAddress) port.addresses().get(0)).getPort();
        URI base = URI.create("http://127.0.0.1:" + number);
        HttpResponse<String> health = send(HttpRequest.newBuilder(base.resolve("/health")));
        assertThat(health.body()).isEqualTo("health\n");
        assertThat(health.headers().map()).doesNotContainKey("access-control-allow-origin");
        assertThat(send(HttpRequest.newBuilder(base.resolve("/version"))).statusCode())
                .isEqualTo(404);
        assertThat(send(HttpRequest.newBuilder(base.resolve("/v3/kv/put")).POST(BodyPublishers.ofString("{}")))
                        .statusCode())
                .isEqualTo(404);
        port.close(Duration.ofSeconds(5));

        HttpPort again = HttpPort.open(
                "again",
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), number)),
                ClientPort.Secured.NONE,
                ConnectionBound.ofScrapers(10),
                HttpLimits.DEFAULT,
                HttpPages.none());
        assertThat(again.addresses()).as("the port is free again").hasSize(1);
        again.close(Duration.ZERO);
    }

    private static HttpPage ok(String text) {
        return exchange -> exchange.send(HttpAnswer.text(200, text));
    }

    private void reopen(HttpAccess access) {
        edge.close();
        edge = new Edge(
                ApiLimits.ofHeap(Edge.MAX_TXN_OPS, 2L << 30, Duration.ofSeconds(20)),
                HttpLimits.DEFAULT,
                ClientPort.Settings.PERMIT_KEEP_ALIVE,
                access);
    }
}
