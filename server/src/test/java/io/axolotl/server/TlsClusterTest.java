package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.TlsOptions;
import io.axolotl.client.tls.CertificateMaker.Made;
import io.axolotl.client.tls.PeerTrust;
import io.axolotl.server.tls.TestPki;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three servers in one process, with TLS for clients and between members. */
@Timeout(180)
class TlsClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final char[] NO_PASSWORD = {};

    @TempDir
    static Path folder;

    private static final List<Server> servers = new ArrayList<>();
    private static final List<List<String>> commandLines = new ArrayList<>();
    private static final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    /** Who has issued what is in use. */
    private static TestPki current;

    /** What all members and the client trust. */
    private static Path ca;

    private static TestPki.Pair client;
    private static final List<TestPki.Pair> members = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        current = new TestPki(folder, "first");
        ca = TestPki.write(folder.resolve("ca.pem"), current.authority.certificatePem());
        client = current.issue("client");
        for (List<String> plain : TestServers.commandLines(folder, 3)) {
            TestPki.Pair own = current.issue("member" + commandLines.size());
            members.add(own);
            List<String> line = new ArrayList<>();
            plain.forEach(flag -> line.add(flag.replace("http://", "https://")));
            line.addAll(List.of(
                    "--cert-file=" + own.cert(),
                    "--key-file=" + own.key(),
                    "--trusted-ca-file=" + ca,
                    "--client-cert-auth",
                    "--peer-cert-file=" + own.cert(),
                    "--peer-key-file=" + own.key(),
                    "--peer-trusted-ca-file=" + ca,
                    "--peer-client-cert-auth",
                    "--peer-cert-allowed-cn=member0,member1,member2"));
            commandLines.add(line);
        }
        for (List<String> line : commandLines) {
            servers.add(start(line));
        }
        for (Server server : servers) {
            assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Server start(List<String> line) {
        return Server.start(TestServers.config(line), (what, cause) -> fatal.add(what + ": " + cause));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        for (Server server : servers) {
            server.stop();
        }
        assertThat(fatal).isEmpty();
    }

    private static String flag(List<String> line, String name) {
        return line.stream()
                .filter(each -> each.startsWith("--" + name + "="))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 3);
    }

    private static String endpoints() {
        return String.join(
                ",",
                commandLines.stream()
                        .map(line -> flag(line, "advertise-client-urls"))
                        .toList());
    }

    private static AxolotlClient client(Path trusted, TestPki.Pair shown) {
        return AxolotlClient.builder()
                .endpoints(endpoints().split(",", -1))
                .tls(TlsOptions.trusting(trusted).showing(shown.cert(), shown.key()))
                .requestTimeout(Duration.ofSeconds(20))
                .build();
    }

    /** Whether a member's port takes a new connection that shows this certificate, and itself shows one of ours. */
    private static boolean accepts(String url, Made shown) {
        try {
            KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(null, NO_PASSWORD);
            keys.setKeyEntry(
                    "own", shown.key(), NO_PASSWORD, new java.security.cert.Certificate[] {shown.certificate()});
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLSv1.2");
            context.init(factory.getKeyManagers(), new TrustManager[] {PeerTrust.blind()}, null);
            int port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
                socket.startHandshake();
                return true;
            }
        } catch (IOException refused) {
            return false;
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitAccepted(Made client, Made member) {
        for (List<String> line : commandLines) {
            await().atMost(PATIENCE).until(() -> accepts(flag(line, "listen-client-urls"), client));
            await().atMost(PATIENCE).until(() -> accepts(flag(line, "listen-peer-urls"), member));
        }
    }

    private static void awaitRefused(Made client, Made member) {
        for (List<String> line : commandLines) {
            await().atMost(PATIENCE).until(() -> !accepts(flag(line, "listen-client-urls"), client));
            await().atMost(PATIENCE).until(() -> !accepts(flag(line, "listen-peer-urls"), member));
        }
    }

    @Test
    @DisplayName(
            "O9: certificates and the authority of all members are replaced while writers run; no write is lost, and a"
                    + " member that comes back is let in by the new ones alone")
    void everyCertificateAndTheAuthorityAreReplacedUnderLoad() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        try (AxolotlClient kv = client(ca, client)) {
            for (int i = 0; i < 2; i++) {
                Thread writer = new Thread(() -> {
                    while (!isOver.get()) {
                        String key = "k" + next.incrementAndGet();
                        try {
                            kv.kv().put(key, "v").await();
                            acknowledged.add(key);
                        } catch (AxolotlException e) {
                            failures.add(e.getMessage());
                        }
                    }
                });
                writer.start();
                writers.add(writer);
            }
            replaceEverything();
            // It finds its way back with the new certificates alone, and so does who leads in its place.
            servers.get(0).stop();
            servers.set(0, start(commandLines.get(0)));
            assertThat(servers.get(0).awaitReady(60, TimeUnit.SECONDS)).isTrue();
            int written = acknowledged.size();
            await().atMost(PATIENCE).until(() -> acknowledged.size() > written + 20);
            isOver.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
            for (String key : acknowledged) {
                assertThat(kv.kv().get(key).await().count()).as(key).isEqualTo(1);
            }
        } finally {
            isOver.set(true);
        }
        assertThat(acknowledged).hasSizeGreaterThan(50);
        // A member was stopped: what was on its way to it may have an unknown end, nothing else fails.
        assertThat(failures).allMatch(text -> !text.contains("certificate"));
    }

    /** As one does it: trust both, then show the new ones, then trust those alone. */
    private static void replaceEverything() {
        TestPki fresh = new TestPki(folder, "fresh");
        Made newClient = fresh.local("client").signedBy(fresh.authority);
        Made newMember = fresh.local("member1").signedBy(fresh.authority);
        Made oldMember = members.get(1).made();
        TestPki.write(ca, current.authority.certificatePem() + fresh.authority.certificatePem());
        awaitAccepted(newClient, newMember);
        for (int i = 0; i < members.size(); i++) {
            members.set(i, members.get(i).become(fresh.local("member" + i).signedBy(fresh.authority)));
        }
        Made oldClient = client.made();
        client = client.become(newClient);
        TestPki.write(ca, fresh.authority.certificatePem());
        awaitRefused(oldClient, oldMember);
        awaitAccepted(newClient, newMember);
        current = fresh;
    }

    @Test
    void whoHasNoRightCertificateIsTurnedAway() throws Exception {
        TestPki foreign = new TestPki(folder, "foreign");
        Made wrongName = current.local("guest").signedBy(current.authority);
        String peerUrl = flag(commandLines.get(0), "listen-peer-urls");
        assertThat(accepts(peerUrl, foreign.issue("member0").made())).isFalse();
        assertThat(accepts(peerUrl, wrongName)).isFalse();
        assertThat(accepts(peerUrl, members.get(1).made())).isTrue();
        assertThat(accepts(flag(commandLines.get(0), "listen-client-urls"), wrongName))
                .isTrue();

        assertThat(ctl("put", "a", "1").err()).contains("no endpoint could be reached", "refuses");
        assertThat(ctl("--cert=" + client.cert(), "--key=" + client.key(), "put", "a", "1")
                        .out())
                .isEqualTo("OK\n");
        assertThat(ctl("--cert=" + client.cert(), "--key=" + members.get(0).key(), "get", "a"))
                .satisfies(run -> assertThat(run.err()).contains("does not match the certificate"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(128));
        assertThat(ctl("--cert=" + client.cert(), "get", "a").err())
                .contains("KeyFile and CertFile must both be present");
        assertThat(run("--endpoints=" + endpoints(), "--command-timeout=2s", "get", "a")
                        .err())
                .contains("not among the trusted authorities (the Java platform)");
        assertThat(run(
                        "--endpoints=" + endpoints(),
                        "--insecure-skip-tls-verify",
                        "--cert=" + client.cert(),
                        "--key=" + client.key(),
                        "get",
                        "a"))
                .isEqualTo(new Run(0, "a\n1\n", ""));
    }

    private record Run(int exit, String out, String err) {}

    private static Run ctl(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("--endpoints=" + endpoints(), "--cacert=" + ca, "--command-timeout=2s"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private static Run run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = io.axolotl.client.ctl.CtlMain.run(
                arguments,
                Map.of(),
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
