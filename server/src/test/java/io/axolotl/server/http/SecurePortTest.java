package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.CertificateNames;
import io.axolotl.client.tls.Credentials;
import io.axolotl.client.tls.PeerTrust;
import io.axolotl.client.tls.TlsFiles;
import io.axolotl.client.tls.TlsWords;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.TlsSettings;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.tls.PortTls;
import io.axolotl.server.tls.TestPki;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** F.1 with TLS: what is spoken on the client port is agreed on in the handshake, and who may come in is decided there. */
@Timeout(60)
class SecurePortTest {
    private static final ConnectionLimits LIMITS = ConnectionLimits.standard(100);

    @TempDir
    Path folder;

    private TestPki ours;
    private TestPki.Pair server;
    private PortTls tls;
    private SmallPort port;

    @BeforeEach
    void start() throws IOException {
        ours = new TestPki(folder, "ours");
        server = ours.issue("server");
        open(TestPki.settings(server, null, null));
    }

    private void open(TlsSettings settings) throws IOException {
        close();
        tls = PortTls.open(
                PortTls.Kind.CLIENTS,
                settings,
                folder,
                List.of("localhost"),
                ProcessThreads.factory("tls", (what, cause) -> {
                    throw new AssertionError(what, cause);
                }));
        port = new SmallPort(LIMITS, tls);
    }

    @AfterEach
    void close() {
        if (port != null) {
            port.close();
            tls.close();
        }
    }

    // ---- who calls ----

    private byte[] call(String host, TestPki trusted, TestPki.@Nullable Pair shown) throws IOException {
        SslContextBuilder context =
                GrpcSslContexts.forClient().trustManager(new PeerTrust(credentials(trusted), PeerTrust.Permitted.ANY));
        if (shown != null) {
            context.keyManager(shown.made().key(), shown.made().certificate());
        }
        ManagedChannel channel = NettyChannelBuilder.forAddress(host, port.securePort())
                .sslContext(context.build())
                .build();
        try {
            return ClientCalls.blockingUnaryCall(
                    channel,
                    SmallPort.ECHO,
                    CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                    "hello".getBytes(StandardCharsets.UTF_8));
        } finally {
            channel.shutdownNow();
        }
    }

    private static Credentials credentials(TestPki trusted) {
        try {
            return Credentials.read(new TlsFiles(null, null, trusted.caFile, null));
        } catch (io.axolotl.client.tls.TlsFileException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(String words, TestPki.@Nullable Pair shown) {
        assertThatThrownBy(() -> call("localhost", ours, shown))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(TlsWords.describe(e)).contains(words));
    }

    private SSLContext sslContext() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new PeerTrust(credentials(ours), PeerTrust.Permitted.ANY)}, null);
        return context;
    }

    private HttpClient http(HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder().sslContext(sslContext()).version(version).build();
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port.securePort() + path))
                .build();
    }

    // ---- protocols ----

    @Test
    @DisplayName("F.1: gRPC, HTTP/1.1 and HTTP/2 are served beside each other on one port with TLS")
    void everyProtocolIsServedOnOnePort() throws Exception {
        assertThat(call("localhost", ours, null))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("hello");
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client = http(version);
            HttpResponse<String> page = client.send(request("/page?q=a%20b"), HttpResponse.BodyHandlers.ofString());
            assertThat(page.version()).isEqualTo(version);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).isEqualTo("q=[a b]\n");
            assertThat(page.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
            assertThat(client.send(request("/nothing"), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void clearTextIsServedBesideOnItsOwnPort() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest clear = HttpRequest.newBuilder(URI.create("http://localhost:" + port.clearPort() + "/page"))
                .build();
        assertThat(client.send(clear, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        assertThat(call("localhost", ours, null)).isNotEmpty();
    }

    @Test
    @DisplayName("a client without ALPN is served in HTTP/1.1")
    void whoAgreesOnNothingSpeaksHttp1() throws Exception {
        try (SSLSocket socket =
                (SSLSocket) sslContext().getSocketFactory().createSocket("localhost", port.securePort())) {
            socket.getOutputStream()
                    .write("GET /page HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void manyPagesShareOneHttp2Connection() throws Exception {
        HttpClient client = http(HttpClient.Version.HTTP_2);
        assertThat(client.send(request("/page"), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(client.sendAsync(request("/large"), HttpResponse.BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).body()).hasSize(300_001);
        }
    }

    @Test
    @DisplayName("F.4: bodies and answers in pieces pass over HTTP/2 as over HTTP/1.1")
    void bodiesAndPiecesPassOverEveryVersion() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client = http(version);
            HttpRequest echo = HttpRequest.newBuilder(URI.create("https://localhost:" + port.securePort() + "/v3/echo"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"Zm9v\"}"))
                    .build();
            HttpResponse<String> answer = client.send(echo, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.body()).isEqualTo("{\"key\":\"Zm9v\"}");
            assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
            HttpRequest pieces = HttpRequest.newBuilder(
                            URI.create("https://localhost:" + port.securePort() + "/v3/stream"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            assertThat(client.send(pieces, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("abc");
        }
    }

    @Test
    @DisplayName("--listen-metrics-urls and --listen-client-http-urls may be https: HTTP/1.1 with the same certificate")
    void portsOfPlainHttpSpeakTls() throws Exception {
        HttpPort plain = plainPort();
        try {
            int at = ((InetSocketAddress) plain.addresses().get(0)).getPort();
            HttpResponse<String> page = http(HttpClient.Version.HTTP_2)
                    .send(
                            HttpRequest.newBuilder(URI.create("https://localhost:" + at + "/page"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(page.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(page.body()).isEqualTo("here\n");
        } finally {
            plain.close(Duration.ZERO);
        }
    }

    private HttpPort plainPort() throws IOException {
        HttpPages pages = new HttpPages(
                Map.of("/page", exchange -> exchange.send(HttpAnswer.text(200, "here"))),
                Map.of(),
                HttpAccess.UNCHECKED);
        return HttpPort.open(
                "metrics",
                List.of(),
                new ClientPort.Secured(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), tls),
                ConnectionBound.ofScrapers(SmallPort.MAX_CONNECTIONS),
                SmallPort.HTTP,
                pages);
    }

    @Test
    @DisplayName("strangers at a port for plain HTTP with TLS fill no log: one line a second tells of all")
    void failedHandshakesAtPortsOfPlainHttpShareALine() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.axolotl.server");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        long startNanos = System.nanoTime();
        try {
            HttpPort plain = plainPort();
            for (int i = 0; i < 50; i++) {
                try (Socket socket = new Socket()) {
                    socket.connect(plain.addresses().get(0));
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write("GET /page HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                }
            }
            plain.close(Duration.ZERO);
        } finally {
            logger.detachAppender(lines);
        }
        long seconds = Duration.ofNanos(System.nanoTime() - startNanos).toSeconds();
        List<String> said = lines.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertThat(said).as("in %d s", seconds).hasSizeBetween(1, (int) seconds + 1);
        assertThat(said).allMatch(line -> line.startsWith("rejected connection on the port for clients from "));
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedOverHttp2() throws Exception {
        HttpRequest large = HttpRequest.newBuilder(URI.create("https://localhost:" + port.securePort() + "/page"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                .build();
        assertThat(http(HttpClient.Version.HTTP_2)
                        .send(large, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(413);
    }

    // ---- who may come in ----

    @Test
    @DisplayName("AU-12: the certificate of a client stands among the attributes of its calls")
    void servicesSeeTheCertificateOfTheClient() throws Exception {
        open(TestPki.settings(server, ours.caFile, null));
        assertThat(call("localhost", ours, ours.issue("root"))).isNotEmpty();
        X509Certificate seen = (X509Certificate) port.session().getPeerCertificates()[0];
        assertThat(CertificateNames.commonName(seen)).isEqualTo("root");
    }

    @Test
    void aClientWithoutTheRightCertificateIsTurnedAwayAndToldWhy() throws Exception {
        TestPki.Pair revoked = ours.issue("revoked");
        Path crl = Files.write(folder.resolve("crl"), ours.revoke(revoked.made().certificate()));
        TlsSettings strict = TestPki.settings(server, ours.caFile, crl);
        open(new TlsSettings(
                strict.certFile(),
                strict.keyFile(),
                strict.trustedCaFile(),
                true,
                crl,
                List.of(),
                List.of("client.example"),
                false,
                1,
                strict.versions(),
                List.of()));
        Instant past = Instant.now().minusSeconds(1);
        CertificateMaker expired = new CertificateMaker("old").hosts(List.of("client.example"));
        TestPki other = new TestPki(folder, "other");

        assertRefused("refuses", null);
        assertRefused("refuses", other.issue("stranger"));
        assertRefused(
                "refuses",
                ours.keep("old", expired.valid(past.minusSeconds(99), past).signedBy(ours.authority)));
        assertRefused("refuses", revoked);
        assertRefused("refuses", ours.issue("elsewhere"));
        assertThat(port.calls).as("no call has come through").hasValue(0);

        TestPki.Pair right = ours.keep(
                "right",
                new CertificateMaker("right").hosts(List.of("client.example")).signedBy(ours.authority));
        assertThat(call("localhost", ours, right)).isNotEmpty();
    }

    @Test
    void aClientSaysWhatIsWrongWithTheServer() throws Exception {
        TestPki other = new TestPki(folder, "other");
        assertThatThrownBy(() -> call("localhost", other, null))
                .satisfies(e -> assertThat(TlsWords.describe(e))
                        .contains("CN=server", "CN=ours", "not among the trusted authorities", "other.ca"));
        server = server.become(
                new CertificateMaker("server").hosts(List.of("example.org")).signedBy(ours.authority));
        tls.refresh();
        assertThatThrownBy(() -> call("localhost", ours, null))
                .satisfies(
                        e -> assertThat(TlsWords.describe(e)).contains("is for [example.org] and not for localhost"));
        Instant past = Instant.now().minusSeconds(1);
        server = server.become(
                ours.local("server").valid(past.minusSeconds(99), past).signedBy(ours.authority));
        tls.refresh();
        assertThatThrownBy(() -> call("localhost", ours, null))
                .satisfies(e -> assertThat(TlsWords.describe(e)).contains("CN=server", "has expired on"));
    }

    @Test
    @DisplayName(
            "AU-12, F.4: where a certificate is a name, who shows one may not call by JSON, for the gateway would be the caller")
    void callsByJsonAreRefusedWhereACertificateIsAName() throws Exception {
        open(TestPki.settings(server, ours.caFile, null));
        AtomicBoolean isAName = new AtomicBoolean(true);
        HttpPage answer = exchange -> exchange.send(HttpAnswer.text(200, "here"));
        HttpPort plain = HttpPort.open(
                "http",
                List.of(),
                new ClientPort.Secured(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), tls),
                ConnectionBound.ofClients(SmallPort.MAX_CONNECTIONS),
                SmallPort.HTTP,
                new HttpPages(
                        Map.of("/page", answer),
                        Map.of("/v3/call", answer),
                        new HttpAccess(Set.of(), Set.of(HttpAccess.ANY), isAName::get)));
        try {
            URI base = URI.create("https://localhost:"
                    + ((InetSocketAddress) plain.addresses().get(0)).getPort());
            HttpClient named = showing(ours.issue("root"));
            HttpClient nameless = showing(ours.keep("nameless", new CertificateMaker("").signedBy(ours.authority)));
            for (String path : List.of("/v3/call", "/v3beta/call", "/v3/nothing")) {
                HttpResponse<String> refused = posted(named, base.resolve(path));
                assertThat(refused.statusCode()).isEqualTo(400);
                assertThat(refused.body())
                        .isEqualTo(
                                "CommonName of client sending a request against gateway will be ignored and not used as expected\n");
            }
            assertThat(posted(nameless, base.resolve("/v3/call")).statusCode()).isEqualTo(200);
            assertThat(named.send(
                                    HttpRequest.newBuilder(base.resolve("/page"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            isAName.set(false);
            assertThat(posted(named, base.resolve("/v3/call")).statusCode()).isEqualTo(200);
        } finally {
            plain.close(Duration.ZERO);
        }
    }

    private static HttpResponse<String> posted(HttpClient client, URI to) throws Exception {
        return client.send(
                HttpRequest.newBuilder(to)
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpClient showing(TestPki.Pair shown) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", shown.made().key(), new char[0], new Certificate[] {
            shown.made().certificate()
        });
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own.getKeyManagers(),
                new TrustManager[] {new PeerTrust(credentials(ours), PeerTrust.Permitted.ANY)},
                null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    // ---- replaced files ----

    @Test
    @DisplayName(
            "O9: certificate, authority and revocations are replaced without a restart, and a wrong file changes nothing")
    void newHandshakesSeeNewFiles() throws Exception {
        Path crl = Files.write(folder.resolve("crl"), ours.revoke());
        open(TestPki.settings(server, ours.caFile, crl));
        TestPki.Pair client = ours.issue("client");
        assertThat(call("localhost", ours, client)).isNotEmpty();

        TestPki.write(ours.caFile, "half of");
        Files.writeString(server.key(), "nothing");
        tls.refresh();
        TestPki.write(ours.caFile, ours.authority.certificatePem());
        assertThat(call("localhost", ours, client)).as("what was right stays").isNotEmpty();

        Files.write(crl, ours.revoke(client.made().certificate()));
        TestPki.write(server.key(), server.made().keyPem());
        tls.refresh();
        assertRefused("refuses", client);

        TestPki next = new TestPki(folder, "next");
        server = server.become(next.local("server").signedBy(next.authority));
        TestPki.write(ours.caFile, next.authority.certificatePem());
        Files.write(crl, next.revoke());
        tls.refresh();
        assertThat(call("localhost", next, next.issue("client"))).isNotEmpty();
        assertThatThrownBy(() -> call("localhost", next, ours.issue("late")))
                .satisfies(e -> assertThat(TlsWords.describe(e)).contains("refuses"));
    }

    // ---- versions and suites ----

    private TlsSettings with(List<String> versions, List<String> suites) {
        return new TlsSettings(
                server.cert(), server.key(), null, false, null, List.of(), List.of(), false, 1, versions, suites);
    }

    private String agreed(String... versions) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) sslContext().getSocketFactory().createSocket("localhost", port.securePort())) {
            socket.setEnabledProtocols(versions);
            socket.startHandshake();
            return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
        }
    }

    @Test
    void versionsAndSuitesThatAreNotPermittedAreRefused() throws Exception {
        open(with(List.of("TLSv1.3"), List.of()));
        assertThat(agreed("TLSv1.3")).startsWith("TLSv1.3 ");
        assertThatThrownBy(() -> agreed("TLSv1.2")).isInstanceOf(IOException.class);
        open(with(List.of("TLSv1.2", "TLSv1.3"), List.of("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305")));
        assertThat(agreed("TLSv1.2")).isEqualTo("TLSv1.2 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
        assertThat(agreed("TLSv1.3")).startsWith("TLSv1.3 ");
        assertThatThrownBy(() -> open(with(List.of("TLSv1.2"), List.of("TLS_NULL"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TLS_NULL")
                .hasMessageContaining("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }

    @Test
    void whoSpeaksClearTextToATlsPortIsCutOff() throws Exception {
        try (Socket socket = new Socket("localhost", port.securePort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET /page HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("HTTP/1.1 200");
        }
        assertThat(call("localhost", ours, null)).isNotEmpty();
    }
}
