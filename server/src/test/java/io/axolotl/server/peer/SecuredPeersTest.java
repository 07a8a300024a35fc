package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.server.config.TlsSettings;
import io.axolotl.server.peer.proto.ClusterDescription;
import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.tls.PortTls;
import io.axolotl.server.tls.TestPki;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect to a member, and to whom a member connects, by certificates. */
@Timeout(60)
class SecuredPeersTest {
    private static final ThreadFactory THREADS = ProcessThreads.factory("test-peer", (what, cause) -> {});
    private static final String WELCOME = "";

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private TestPki ours;
    private TestPki other;

    @BeforeEach
    void makeAuthorities() {
        ours = new TestPki(folder, "ours");
        other = new TestPki(folder, "other");
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private PeerChannels channels(TlsSettings settings) {
        PortTls tls = PortTls.open(PortTls.Kind.PEERS, settings, folder, List.of("127.0.0.1"), THREADS);
        PeerChannels channels = new PeerChannels(THREADS, TimeUnit.SECONDS.toNanos(5), tls);
        open.push(tls);
        open.push(channels::close);
        return channels;
    }

    private static TlsSettings named(TlsSettings settings, List<String> names, List<String> hosts) {
        return new TlsSettings(
                settings.certFile(),
                settings.keyFile(),
                settings.trustedCaFile(),
                settings.isClientCertAuth(),
                settings.crlFile(),
                names,
                hosts,
                settings.isSelfMade(),
                1,
                settings.versions(),
                settings.cipherSuites());
    }

    private static TlsSettings selfMade() {
        return new TlsSettings(
                null, null, null, false, null, List.of(), List.of(), true, 1, List.of("TLSv1.2", "TLSv1.3"), List.of());
    }

    /** A member that answers everybody who comes through. */
    private PeerAddress member(TlsSettings settings) throws IOException {
        Server server = channels(settings)
                .servers(
                        List.of(),
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        new PeerGrpc.PeerImplBase() {
                            @Override
                            public void describe(DescribeRequest request, StreamObserver<ClusterDescription> answers) {
                                answers.onNext(ClusterDescription.getDefaultInstance());
                                answers.onCompleted();
                            }
                        }.bindService())
                .get(0)
                .start();
        open.push(server::shutdownNow);
        int port = ((InetSocketAddress) server.getListenSockets().get(0)).getPort();
        return new PeerAddress(InetSocketAddress.createUnresolved("127.0.0.1", port), true);
    }

    /** @return why not; empty if it is answered */
    private static String greet(PeerChannels from, PeerAddress to) {
        ManagedChannel channel = from.channel(to, from.controlLoop());
        try {
            ClusterDescription unused = PeerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .describe(DescribeRequest.getDefaultInstance());
            return WELCOME;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            return PeerLink.describe(e.getStatus());
        } finally {
            channel.shutdownNow();
        }
    }

    private TlsSettings settings(TestPki.Pair pair) {
        return TestPki.settings(pair, ours.caFile, null);
    }

    @Test
    void membersOfOneAuthorityTalk() throws IOException {
        PeerAddress member = member(settings(ours.issue("n1")));
        assertThat(greet(channels(settings(ours.issue("n2"))), member)).isEqualTo(WELCOME);
    }

    @Test
    void whoShowsAWrongCertificateIsTurnedAway() throws Exception {
        TestPki.Pair revoked = ours.issue("revoked");
        Path crl = Files.write(folder.resolve("crl"), ours.revoke(revoked.made().certificate()));
        PeerAddress member = member(TestPki.settings(ours.issue("n1"), ours.caFile, crl));
        Instant past = Instant.now().minusSeconds(1);
        TestPki.Pair expired = ours.keep(
                "old",
                new CertificateMaker("old").valid(past.minusSeconds(99), past).signedBy(ours.authority));

        assertThat(greet(channels(settings(other.issue("stranger"))), member)).contains("refuses");
        assertThat(greet(channels(settings(expired)), member)).contains("refuses");
        assertThat(greet(channels(settings(revoked)), member)).contains("refuses");
        PeerChannels withoutAny = new PeerChannels(THREADS, TimeUnit.SECONDS.toNanos(5));
        open.push(withoutAny::close);
        assertThat(greet(withoutAny, member)).contains("not among the trusted authorities");
        assertThat(greet(withoutAny, PeerAddress.inClear(member.socket()))).isNotEqualTo(WELCOME);
    }

    @Test
    void aMemberDoesNotConnectToAWrongCertificate() throws Exception {
        PeerChannels from = channels(settings(ours.issue("n1")));
        assertThat(greet(from, member(TestPki.settings(other.issue("n2"), null, null))))
                .contains("CN=n2", "CN=other", "not among the trusted authorities");
        TestPki.Pair elsewhere = ours.keep(
                "n3", new CertificateMaker("n3").hosts(List.of("10.1.1.1")).signedBy(ours.authority));
        assertThat(greet(from, member(settings(elsewhere)))).contains("is for [10.1.1.1] and not for 127.0.0.1");
        Instant past = Instant.now().minusSeconds(1);
        TestPki.Pair expired = ours.keep(
                "n4", ours.local("n4").valid(past.minusSeconds(99), past).signedBy(ours.authority));
        assertThat(greet(from, member(settings(expired)))).contains("CN=n4", "has expired");
    }

    @Test
    @DisplayName("--peer-cert-allowed-cn and -hostname hold in both directions, as with etcd")
    void namesMustBePermitted() throws IOException {
        PeerAddress strict = member(named(settings(ours.issue("n1")), List.of("n1", "n2"), List.of()));
        assertThat(greet(channels(settings(ours.issue("n2"))), strict)).isEqualTo(WELCOME);
        assertThat(greet(channels(settings(ours.issue("n3"))), strict)).contains("refuses");
        assertThat(greet(channels(named(settings(ours.issue("n2")), List.of("n2"), List.of())), strict))
                .contains("CN=n1", "common name that is permitted (n2)");
        PeerAddress byHost = member(named(settings(ours.issue("n1")), List.of(), List.of("127.0.0.1")));
        assertThat(greet(channels(settings(ours.issue("n2"))), byHost)).isEqualTo(WELCOME);
        TestPki.Pair nowhere = ours.keep("n5", new CertificateMaker("n5").signedBy(ours.authority));
        assertThat(greet(channels(settings(nowhere)), byHost)).contains("refuses");
    }

    @Test
    @DisplayName("--peer-auto-tls: members take each other's self-made certificates")
    void selfMadeCertificatesAreTaken() throws IOException {
        PeerAddress member = member(selfMade());
        assertThat(greet(channels(selfMade()), member)).isEqualTo(WELCOME);
    }

    @Test
    @DisplayName(
            "A15: strangers at the peer port take no more descriptors than there are places, and a place is free again")
    void connectionsOfMembersAreBounded() throws Exception {
        PeerChannels channels = new PeerChannels(THREADS, TimeUnit.SECONDS.toNanos(5), null, 2);
        open.push(channels::close);
        Server server = channels.servers(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        List.of(),
                        new PeerGrpc.PeerImplBase() {}.bindService())
                .get(0)
                .start();
        open.push(server::shutdownNow);
        int port = ((InetSocketAddress) server.getListenSockets().get(0)).getPort();
        Socket first = greetedByBytes(port);
        try (Socket second = greetedByBytes(port);
                Socket tooMany = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(second.isConnected()).isTrue();
            tooMany.setSoTimeout(20_000);
            assertThat(tooMany.getInputStream().read())
                    .as("closed without a word")
                    .isEqualTo(-1);
            first.close();
            // That it has gone may not have been seen yet.
            Socket next = null;
            while (next == null) {
                try {
                    next = greetedByBytes(port);
                } catch (IOException full) {
                    Thread.onSpinWait();
                }
            }
            next.close();
        }
    }

    /** The server's SETTINGS have come: it has a place. */
    private static Socket greetedByBytes(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        if (socket.getInputStream().read() < 0) {
            socket.close();
            throw new EOFException("the connection was closed");
        }
        return socket;
    }
}
