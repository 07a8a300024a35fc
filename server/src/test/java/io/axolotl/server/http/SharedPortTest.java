package io.axolotl.server.http;

import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.server.api.Edge;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** F.1 and F.2 with clients that are nothing but sockets. */
@Timeout(60)
class SharedPortTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;

    private Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    @DisplayName("F.1: gRPC and HTTP/1.1 on one port, at the same time")
    void bothProtocolsAreServedOnOnePort() throws IOException {
        edge.kv.put(put("k", "v"));
        assertThat(get("/health")).endsWith("{\"health\":\"true\",\"reason\":\"\"}");
        assertThat(edge.kv
                        .range(RangeRequest.newBuilder().setKey(Edge.bytes("k")).build())
                        .getCount())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("RG-10, F.2: long scans on all their threads stop neither reads of single keys nor the health check")
    void longScansAreNotInTheWayOfShortReads() throws IOException {
        edge.kv.put(put("k", "v"));
        CountDownLatch scanned = new CountDownLatch(1);
        try {
            for (int i = 0; i < 10; i++) {
                assertThat(edge.reads.offer(() -> awaitQuietly(scanned))).isTrue();
            }
            RangeRequest read =
                    RangeRequest.newBuilder().setKey(Edge.bytes("k")).build();
            assertThat(edge.kv.range(read).getCount()).isEqualTo(1);
            assertThat(edge.kv
                            .txn(TxnRequest.newBuilder()
                                    .addSuccess(RequestOp.newBuilder().setRequestRange(read))
                                    .build())
                            .getSucceeded())
                    .isTrue();
            assertThat(get("/health")).startsWith("HTTP/1.1 200 ");
        } finally {
            scanned.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    @DisplayName("F.2: /version tells dotted numbers")
    void versionIsAsEtcdWritesIt() throws IOException {
        assertThat(get("/version"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: application/json\r\n")
                .endsWith("{\"etcdserver\":\"3.6.14\",\"etcdcluster\":\"3.6.0\",\"storage\":\"3.6.0\"}");
    }

    @Test
    @DisplayName("F.2: an alarm is 503 with its kind, unless it is to be overlooked")
    void alarmsMakeAMemberSick() throws IOException {
        for (AlarmKind kind : AlarmKind.values()) {
            edge.node.propose(new Command.RaiseAlarm(new Alarm(7, kind)), result -> {});
        }
        assertThat(get("/health"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}");
        assertThat(get("/health?exclude=NOSPACE"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("{\"health\":\"false\",\"reason\":\"ALARM CORRUPT\"}");
        assertThat(get("/health?exclude=NOSPACE&exclude=CORRUPT"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("{\"health\":\"true\",\"reason\":\"\"}");
    }

    @Test
    @DisplayName("F.2: no leader, and a failed read, are 503 with the reason")
    void anUnhealthyMemberSaysWhy() throws IOException {
        edge.node.barrierFailure = Failure.TIMEOUT;
        assertThat(get("/health"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: request timed out\"}");
        edge.node.leader = null;
        assertThat(get("/health"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}");
        assertThat(get("/health?exclude=NOSPACE&serializable=true"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("{\"health\":\"true\",\"reason\":\"\"}");
        assertThat(get("/metrics")).contains("\netcd_server_health_failures 2\n", "\netcd_server_health_success 1\n");
    }

    @Test
    @DisplayName("F.2: unknown paths are 404, other methods 405 with Allow")
    void whatIsNotThereIsAnsweredAsByEtcd() throws IOException {
        assertThat(get("/nothing")).startsWith("HTTP/1.1 404 ").endsWith("404 page not found\n");
        assertThat(exchange("POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"))
                .startsWith("HTTP/1.1 405 ")
                .contains("allow: GET\r\n");
    }

    @Test
    @DisplayName("F.3: calls and what they cost are scraped from the same port")
    void metricsTellOfCalls() throws IOException {
        edge.kv.put(put("k", "v"));
        Edge.assertRefused(
                io.axolotl.server.api.EtcdError.EMPTY_KEY, () -> edge.kv.range(RangeRequest.getDefaultInstance()));

        String metrics = get("/metrics");

        String put = "{grpc_type=\"unary\",grpc_service=\"etcdserverpb.KV\",grpc_method=\"Put\"";
        String range = "{grpc_type=\"unary\",grpc_service=\"etcdserverpb.KV\",grpc_method=\"Range\"";
        assertThat(metrics)
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .contains("\ngrpc_server_started_total" + put + "} 1\n")
                .contains("\ngrpc_server_handled_total" + put + ",grpc_code=\"OK\"} 1\n")
                .contains("\ngrpc_server_msg_received_total" + put + "} 1\n")
                .contains("\ngrpc_server_msg_sent_total" + put + "} 1\n")
                .contains("\ngrpc_server_handled_total" + range + ",grpc_code=\"InvalidArgument\"} 1\n")
                .contains("\netcd_server_client_requests_total{type=\"unary\",client_api_version=\"unknown\"} 2\n")
                .contains("\netcd_debugging_mvcc_current_revision 2\n")
                .contains("\netcd_server_version{server_version=\"3.6.14\"} 1\n")
                .contains("\netcd_cluster_version{cluster_version=\"3.6\"} 1\n")
                .contains("\netcd_server_quota_backend_bytes 2147483648\n")
                .containsPattern("\netcd_network_client_grpc_received_bytes_total [1-9]\\d*\n")
                .containsPattern("\netcd_network_client_grpc_sent_bytes_total [1-9]\\d*\n")
                .containsPattern("\netcd_mvcc_db_total_size_in_bytes [1-9]\\d*\n");
    }

    @Test
    @DisplayName("F.1: the preface may come byte by byte")
    void aSlowPrefaceIsStillGrpc() throws IOException {
        try (Socket socket = connect()) {
            for (byte b : PREFACE.getBytes(StandardCharsets.US_ASCII)) {
                socket.getOutputStream().write(b);
            }
            socket.getOutputStream().write(EMPTY_SETTINGS);
            assertThat(frame(socket.getInputStream()).type()).isEqualTo(SETTINGS);
        }
    }

    @Test
    @DisplayName("F.1: a request may come byte by byte, and may begin like the preface")
    void aSlowRequestIsStillHttp() throws IOException {
        try (Socket socket = connect()) {
            for (byte b : "GET /version HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
                socket.getOutputStream().write(b);
            }
            assertThat(readAll(socket)).startsWith("HTTP/1.1 200 OK");
        }
        assertThat(exchange("PRI /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderOnOneConnection() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            requests.append("GET ").append(i % 2 == 0 ? "/health" : "/version").append(" HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        requests.append("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

        String[] answers = exchange(requests.toString()).split("HTTP/1\\.1 ", -1);

        assertThat(answers).hasSize(102);
        for (int i = 0; i < 100; i++) {
            assertThat(answers[i + 1]).contains(i % 2 == 0 ? "\"health\"" : "\"etcdserver\"");
        }
        assertThat(answers[101]).startsWith("404 ");
    }

    @Test
    void garbageIsRefusedAndDoesNotDisturbOthers() throws IOException {
        assertThat(exchange("\u0000\u0001\u0002 nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(exchange("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(exchange("GET /health HTTP/1.1\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(exchange("POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        bothProtocolsAreServedOnOnePort();
    }

    @Test
    @DisplayName("a request that trickles in is cut off, as is a connection that says nothing more")
    void slowAndSilentClientsDoNotStay() throws Exception {
        reopen(
                new HttpLimits(Duration.ofMillis(200), Duration.ofMillis(200), Duration.ofSeconds(5), 8192, 8192, 8),
                Duration.ofSeconds(5));
        try (Socket trickling = connect();
                Socket silent = connect()) {
            trickling.getOutputStream().write("GET /health HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            assertThat(readAll(trickling)).isEmpty();
            silent.getOutputStream()
                    .write("GET /version HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(readAll(silent)).startsWith("HTTP/1.1 200 OK").doesNotContain("connection: close");
        }
    }

    @Test
    @DisplayName("D: pings without calls are permitted at the permitted pace")
    void frequentPingsArePermitted() throws Exception {
        reopen(HttpLimits.DEFAULT, Duration.ofNanos(1));
        try (Socket socket = connect()) {
            greet(socket);
            for (int i = 0; i < 10; i++) {
                socket.getOutputStream().write(ping(i));
                assertThat(frameOtherThanSettings(socket)).isEqualTo(new Frame(PING, 1));
            }
        }
    }

    @Test
    @DisplayName("D: a client that pings much faster than every 5 s is told to go away")
    void aFloodOfPingsIsNot() throws IOException {
        try (Socket socket = connect()) {
            greet(socket);
            boolean isToldToGo = false;
            for (int i = 0; i < 10 && !isToldToGo; i++) {
                socket.getOutputStream().write(ping(i));
                isToldToGo = frameOtherThanSettings(socket).type() == GO_AWAY;
            }
            assertThat(isToldToGo).isTrue();
        }
        assertThat(ClientPort.Settings.PERMIT_KEEP_ALIVE).isLessThanOrEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void closingLetsAnAnswerFinishAndEndsIdleConnections() throws Exception {
        try (Socket idle = connect();
                Socket undecided = connect()) {
            idle.getOutputStream()
                    .write("GET /version HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(idle.getInputStream().read()).isEqualTo('H');
            undecided.getOutputStream().write('P');

            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    edge.port.close(Duration.ofSeconds(20));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });

            assertThat(readAll(idle)).endsWith("}");
            assertThat(readAll(undecided)).isEmpty();
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    private void reopen(HttpLimits limits, Duration permitKeepAlive) {
        edge.close();
        edge = new Edge(-1, limits, permitKeepAlive);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(edge.address.getAddress(), edge.address.getPort());
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private String get(String path) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }

    /** Sends all, and reads until the server closes. */
    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return readAll(socket);
        }
    }

    private static String readAll(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                all.write(buffer, 0, n);
            }
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    private record Frame(int type, int flags) {}

    private static Frame frame(InputStream in) throws IOException {
        byte[] header = in.readNBytes(9);
        int length = ((header[0] & 0xff) << 16) | ((header[1] & 0xff) << 8) | (header[2] & 0xff);
        in.readNBytes(length);
        return new Frame(header[3], header[4]);
    }

    /** Skips what belongs to the greeting: settings, and the window of the connection. */
    private static Frame frameOtherThanSettings(Socket socket) throws IOException {
        Frame frame = frame(socket.getInputStream());
        while (frame.type() == SETTINGS || frame.type() == 8) {
            frame = frame(socket.getInputStream());
        }
        return frame;
    }

    private static void greet(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
        out.write(EMPTY_SETTINGS);
    }

    private static byte[] ping(int number) {
        return ByteBuffer.allocate(17)
                .put(new byte[] {0, 0, 8, PING, 0, 0, 0, 0, 0})
                .putLong(number)
                .array();
    }
}
