package io.axolotl.jepsen.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.axolotl.jepsen.process.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * F.4: the same requests by JSON to etcd and to Axolotl, and the same answers: status, every field, every text. Put aside are
 * the ids of cluster and member and the term; revisions count from where each server stood.
 */
@ExtendWith(BothServers.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class GatewayDifferentialTest {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Set<String> OWN = Set.of("cluster_id", "member_id", "raft_term");
    private static final Set<String> REVISIONS = Set.of("revision", "create_revision", "mod_revision", "rev");

    /** Of etcd 3.4; from 3.6 on it is 400 (contract F.4), as here. */
    private static final int PRECONDITION_FAILED = 412;

    private static final int REQUESTS = 600;

    /** One server, and the revision at which the test found it. */
    record Gate(String url, long base) {
        static Gate of(String url) throws Exception {
            HttpResponse<String> range = post(url, "/v3/kv/range", "{\"key\":\"AA==\"}");
            return new Gate(
                    url,
                    JsonParser.parseString(range.body())
                            .getAsJsonObject()
                            .getAsJsonObject("header")
                            .get("revision")
                            .getAsLong());
        }

        /** The answer, its own things put aside. */
        String ask(String path, String body) throws Exception {
            HttpResponse<String> response = post(url, path, body);
            int status = response.statusCode() == PRECONDITION_FAILED ? 400 : response.statusCode();
            String type = response.headers().firstValue("content-type").orElse("");
            boolean isJson = type.equals("application/json");
            List<String> lines = response.body()
                    .lines()
                    .map(line ->
                            isJson ? comparable(JsonParser.parseString(line)).toString() : line)
                    .toList();
            return status + " " + type + " " + String.join("\n", lines);
        }

        JsonElement comparable(JsonElement element) {
            if (element instanceof JsonArray array) {
                JsonArray copy = new JsonArray();
                array.forEach(each -> copy.add(comparable(each)));
                return copy;
            }
            if (!(element instanceof JsonObject object)) {
                return element;
            }
            Map<String, JsonElement> sorted = new TreeMap<>();
            object.asMap().forEach((name, value) -> {
                if (OWN.contains(name) || name.equals("details")) {
                    return;
                }
                sorted.put(
                        name,
                        REVISIONS.contains(name)
                                ? new JsonPrimitive(value.getAsString().isEmpty() ? 0 : value.getAsLong() - base)
                                : comparable(value));
            });
            JsonObject copy = new JsonObject();
            sorted.forEach(copy::add);
            return copy;
        }
    }

    private static HttpResponse<String> post(String url, String path, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(30))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** What is sent, by the revision at which the server stood. */
    private record Request(String path, LongFunction<String> body) {}

    @BeforeEach
    void needsEtcd() {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
    }

    private static void assertSame(Gate etcd, Gate axolotl, Request request) throws Exception {
        String expected = etcd.ask(request.path, request.body.apply(etcd.base));
        String body = request.body.apply(axolotl.base);
        assertThat(axolotl.ask(request.path, body))
                .as("POST %s %s", request.path, body)
                .isEqualTo(expected);
    }

    @Test
    @DisplayName(
            "F.4: random puts, reads, deletes, transactions and leases by JSON are answered as by etcd, and watched alike")
    void randomCallsGetTheSameAnswers(TwoServers servers) throws Exception {
        long seed = System.currentTimeMillis();
        Gate etcd = Gate.of(servers.clientUrl(Target.ETCD));
        Gate axolotl = Gate.of(servers.clientUrl(Target.AXOLOTL));
        Requests requests = new Requests(seed);
        for (int i = 0; i < REQUESTS; i++) {
            assertSame(etcd, axolotl, requests.next());
        }
        assertSame(etcd, axolotl, requests.last());
        String watched = watched(axolotl, requests);
        assertThat(watched).as("seed %d", seed).isEqualTo(watched(etcd, requests));
        assertThat(watched.lines()).hasSizeGreaterThan(50);
        assertThat(requests.paths.keySet()).as("kinds of calls").hasSize(11);
    }

    /** All events of the test's keys up to the last, one a line. */
    private static String watched(Gate gate, Requests requests) throws Exception {
        HttpRequest watch = HttpRequest.newBuilder(URI.create(gate.url + "/v3/watch"))
                .POST(BodyPublishers.ofString(
                        "{\"create_request\":{\"key\":\"" + requests.key("") + "\",\"range_end\":\"" + requests.key("~")
                                + "\",\"start_revision\":" + (gate.base + 1) + ",\"prev_kv\":true}}"))
                .build();
        List<String> events = new ArrayList<>();
        HttpResponse<InputStream> response = CLIENT.send(watch, BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String last = requests.key("last");
            while (events.isEmpty() || !events.get(events.size() - 1).contains("\"" + last + "\"")) {
                JsonObject result = JsonParser.parseString(nextLine(lines))
                        .getAsJsonObject()
                        .getAsJsonObject("result");
                if (result.has("events")) {
                    result.getAsJsonArray("events")
                            .forEach(event -> events.add(gate.comparable(event).toString()));
                }
            }
        }
        return String.join("\n", events);
    }

    private static String nextLine(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        assertThat(line).as("the watch has ended").isNotNull();
        return line;
    }

    /** Requests drawn from a seed; keys and leases are of this test alone. */
    private static final class Requests {
        private static final List<String> RESULTS = List.of("EQUAL", "GREATER", "LESS", "NOT_EQUAL");
        private static final List<String> TARGETS = List.of("VERSION", "CREATE", "MOD", "VALUE", "LEASE");
        private static final List<String> ORDERS = List.of("\"NONE\"", "\"ASCEND\"", "\"DESCEND\"", "2");

        private final Random random;
        private final String prefix;
        private final long leases;
        private final Map<String, Integer> paths = new TreeMap<>();

        Requests(long seed) {
            this.random = new Random(seed);
            this.prefix = "gateway/" + seed + "/";
            this.leases = seed;
        }

        String key(String name) {
            return Base64.getEncoder().encodeToString((prefix + name).getBytes(StandardCharsets.UTF_8));
        }

        Request last() {
            return new Request("/v3/kv/put", base -> "{\"key\":\"" + key("last") + "\"}");
        }

        Request next() {
            Request request = drawn();
            paths.merge(request.path, 1, Integer::sum);
            return request;
        }

        private Request drawn() {
            return switch (random.nextInt(14)) {
                case 0, 1, 2 -> of("/v3/kv/put", put());
                case 3, 4 -> new Request("/v3/kv/range", range());
                case 5 -> of("/v3/kv/deleterange", delete());
                case 6, 7 -> of("/v3/kv/txn", txn(2));
                case 8 ->
                    of("/v3/lease/grant", "{\"TTL\":\"" + (300 + random.nextInt(9)) + "\",\"ID\":" + lease() + "}");
                case 9 ->
                    of(random.nextBoolean() ? "/v3/lease/revoke" : "/v3/kv/lease/revoke", "{\"ID\":" + lease() + "}");
                case 10 -> of("/v3/lease/keepalive", "{\"ID\":" + lease() + "} {\"ID\":\"" + lease() + "\"}");
                case 11 -> new Request("/v3/kv/compaction", base -> "{\"revision\":\"" + (base + 1_000_000) + "\"}");
                case 12 -> of("/v3beta/kv/range", "{\"key\":\"" + anyKey() + "\",\"keysOnly\":true}");
                default -> of("/v3/election/leader", "{\"name\":\"" + key("k" + random.nextInt(6)) + "\"}");
            };
        }

        private static Request of(String path, String body) {
            return new Request(path, base -> body);
        }

        private String anyKey() {
            return random.nextInt(20) == 0 ? "" : key("k" + random.nextInt(6));
        }

        private long lease() {
            return leases * 10 + random.nextInt(4);
        }

        private String maybe(String text) {
            return random.nextInt(4) == 0 ? text : "";
        }

        private String put() {
            return "{\"key\":\"" + anyKey() + "\"" + maybe(",\"value\":\"" + "dmFs".repeat(random.nextInt(3)) + "\"")
                    + maybe(",\"lease\":\"" + lease() + "\"") + maybe(",\"prev_kv\":true")
                    + maybe(",\"ignoreValue\":true") + maybe(",\"ignore_lease\":true") + "}";
        }

        private LongFunction<String> range() {
            String rest = maybe(",\"limit\":\"" + random.nextInt(4) + "\"")
                    + maybe(",\"sort_order\":" + ORDERS.get(random.nextInt(ORDERS.size())) + ",\"sort_target\":\"KEY\"")
                    + maybe(",\"serializable\":true")
                    + maybe(",\"keys_only\":true")
                    + maybe(",\"countOnly\":true");
            String body = "{\"key\":\"" + anyKey() + "\"" + maybe(",\"range_end\":\"" + key("k4") + "\"") + rest;
            long ahead = random.nextInt(40);
            return random.nextInt(4) == 0 ? base -> body + ",\"revision\":" + (base + ahead) + "}" : base -> body + "}";
        }

        private String delete() {
            return "{\"key\":\"" + anyKey() + "\"" + maybe(",\"range_end\":\"" + key("k9") + "\"")
                    + maybe(",\"prev_kv\":true") + "}";
        }

        private String txn(int depth) {
            return "{" + maybe("\"compare\":[" + compare() + "],") + "\"success\":[" + operations(depth)
                    + "],\"failure\":[" + operations(depth) + "]}";
        }

        private String compare() {
            String target = TARGETS.get(random.nextInt(TARGETS.size()));
            String given = switch (target) {
                case "VERSION" -> "\"version\":\"" + random.nextInt(3) + "\"";
                case "CREATE" -> "\"create_revision\":0";
                case "MOD" -> "\"modRevision\":\"0\"";
                case "LEASE" -> "\"lease\":" + lease();
                default -> "\"value\":\"dmFs\"";
            };
            return "{\"key\":\"" + anyKey() + "\",\"target\":\"" + target + "\",\"result\":\""
                    + RESULTS.get(random.nextInt(RESULTS.size())) + "\"," + given + "}";
        }

        private String operations(int depth) {
            List<String> operations = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                operations.add(
                        switch (random.nextInt(depth > 0 ? 4 : 3)) {
                            case 0 -> "{\"request_put\":" + put() + "}";
                            case 1 ->
                                "{\"requestRange\":" + range().apply(0).replaceAll(",\"revision\":\\d+", "") + "}";
                            // Alone in its list: beside puts etcd and we differ on duplicates, by decision.
                            case 2 -> "{\"request_range\":{\"key\":\"" + anyKey() + "\"}}";
                            default -> "{\"request_txn\":" + txn(0) + "}";
                        });
            }
            return String.join(",", operations);
        }
    }

    @Test
    @DisplayName("F.4: what is malformed, unknown or not allowed is refused with etcd's status and code")
    void badRequestsAreRefusedAlike(TwoServers servers) throws Exception {
        for (String body : List.of(
                "{",
                "[]",
                "{\"key\":7}",
                "{\"key\":\"***\"}",
                "{\"sort_order\":\"SIDEWAYS\"}",
                "{\"limit\":\"many\"}",
                "{\"limit\":1.5}",
                "{\"limit\":9223372036854775808}",
                "{\"serializable\":\"yes\"}",
                "{\"key\":\"Zm9v\"} trailing",
                "{\"key\":\"Zm9v\"}{\"key\":\"eA==\"}",
                "{\"key\":null}",
                "",
                "  ",
                "{\"unknown\":[{\"deep\":{}}]}")) {
            assertThat(refusal(servers, Target.AXOLOTL, "/v3/kv/range", body))
                    .as(body)
                    .isEqualTo(refusal(servers, Target.ETCD, "/v3/kv/range", body));
        }
        String notAnObject = "{\"create_request\": bad";
        assertThat(refusal(servers, Target.AXOLOTL, "/v3/watch", notAnObject))
                .isEqualTo(refusal(servers, Target.ETCD, "/v3/watch", notAnObject));
        Gate etcd = Gate.of(servers.clientUrl(Target.ETCD));
        Gate axolotl = Gate.of(servers.clientUrl(Target.AXOLOTL));
        for (String path : List.of("/v3/kv/nothing", "/v3/kv/range/", "/v3alpha/kv/range", "/nothing")) {
            assertSame(etcd, axolotl, new Request(path, base -> "{}"));
        }
        assertSame(etcd, axolotl, new Request("/v3/maintenance/transfer-leadership", base -> "{\"targetID\":\"5\"}"));
        assertSame(etcd, axolotl, new Request("/v3/cluster/member/remove", base -> "{\"ID\":\"5\"}"));
        assertSame(etcd, axolotl, new Request("/v3/cluster/member/promote", base -> "{\"ID\":5}"));
        assertSame(etcd, axolotl, new Request("/v3/lock/lock", base -> "{\"name\":\"eA==\",\"lease\":424242}"));
        assertSame(etcd, axolotl, new Request("/v3/election/proclaim", base -> "{}"));
        assertSame(etcd, axolotl, new Request("/v3/maintenance/defragment", base -> "{}"));
    }

    /** Go's texts of what is wrong with a JSON are Go's. */
    private static String refusal(TwoServers servers, Target target, String path, String body) throws Exception {
        HttpResponse<String> response = post(servers.clientUrl(target), path, body);
        JsonObject json = JsonParser.parseString(response.body()).getAsJsonObject();
        return response.statusCode() + " " + json.get("code") + " " + json.has("error") + json.has("message")
                + json.has("kvs");
    }

    @Test
    @DisplayName("F.4: preflights, wrong methods and the headers for browsers are etcd's")
    void headersAreThoseOfEtcd(TwoServers servers) throws Exception {
        for (String method : List.of("OPTIONS", "GET", "PUT")) {
            assertThat(headers(servers, Target.AXOLOTL, method)).isEqualTo(headers(servers, Target.ETCD, method));
        }
    }

    private static String headers(TwoServers servers, Target target, String method) throws Exception {
        HttpResponse<String> response = CLIENT.send(
                HttpRequest.newBuilder(URI.create(servers.clientUrl(target) + "/v3/kv/range"))
                        .header("Origin", "http://a.example")
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        StringBuilder told = new StringBuilder().append(response.statusCode()).append(response.body());
        for (String name : List.of("origin", "methods", "headers")) {
            told.append('\n')
                    .append(response.headers()
                            .firstValue("access-control-allow-" + name)
                            .orElse("-"));
        }
        return told.toString();
    }
}
