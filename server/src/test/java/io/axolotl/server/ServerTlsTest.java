package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.TlsSettings;
import io.axolotl.server.peer.ClusterInquiry;
import io.axolotl.server.peer.PeerAddress;
import io.axolotl.server.peer.proto.ClusterDescription;
import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.tls.PortTls;
import io.axolotl.server.tls.TestPki;
import io.axolotl.server.tls.TlsNegotiation;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a server makes of its flags of TLS: whom it connects to, what it warns of, and what it leaves behind. */
@Timeout(60)
class ServerTlsTest {
    private static final FatalHandler FATAL = (what, cause) -> {};
    private static final ThreadFactory THREADS = ProcessThreads.factory("test-tls", FATAL);

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final List<Logger> heard = new ArrayList<>();
    private final RealDisk disk = new RealDisk(new DiskMonitor());
    private TestPki ours;

    @BeforeEach
    void begin() {
        ours = new TestPki(folder, "ours");
        lines.start();
        for (Class<?> speaker : List.of(ServerTls.class, ClusterInquiry.class, FolderModes.class)) {
            Logger logger = (Logger) LoggerFactory.getLogger(speaker);
            logger.addAppender(lines);
            heard.add(logger);
        }
    }

    @AfterEach
    void end() throws Exception {
        heard.forEach(logger -> logger.detachAppender(lines));
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private List<String> warnings() {
        return lines.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** The command line of a member alone, whose URLs are in clear text. */
    private List<String> line(String... more) {
        List<String> line = new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
        line.addAll(List.of(more));
        return line;
    }

    private ServerTls open(List<String> line) {
        ServerTls tls = ServerTls.open(TestServers.config(line), disk, FATAL);
        open.push(tls);
        return tls;
    }

    /** A member with an https URL that tells everybody of its cluster who gets through to it. */
    private PeerAddress member(TestPki.Pair shown, @Nullable Path trusted) throws IOException {
        TlsSettings settings = TestPki.settings(shown, trusted, null);
        PortTls tls = PortTls.open(PortTls.Kind.PEERS, settings, folder, List.of("127.0.0.1"), THREADS);
        open.push(tls);
        Founding founding = new Founding(
                Membership.ofVoters(List.of(new NodeId(1))),
                List.of(new MemberAttributes(1, "", List.of("https://h:1"), List.of(), false)));
        io.grpc.Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), TlsNegotiation.grpcAlone(tls))
                .addService(new PeerGrpc.PeerImplBase() {
                    @Override
                    public void describe(DescribeRequest request, StreamObserver<ClusterDescription> answers) {
                        answers.onNext(ClusterDescription.newBuilder()
                                .setClusterId(7)
                                .setFounding(ByteString.copyFrom(founding.encode()))
                                .build());
                        answers.onCompleted();
                    }
                })
                .build()
                .start();
        open.push(server::shutdownNow);
        return new PeerAddress(InetSocketAddress.createUnresolved("127.0.0.1", server.getPort()), true);
    }

    /** @return why it does not connect; empty if it does */
    private String connect(PeerAddress to, String... flags) {
        List<String> line = line(flags);
        ServerTls tls = open(line);
        int before = warnings().size();
        boolean isAnswered = ClusterInquiry.ask(List.of(to), tls.security(TestServers.config(line)), THREADS)
                .isPresent();
        List<String> said = warnings().subList(before, warnings().size());
        assertThat(isAnswered).isEqualTo(said.isEmpty());
        return String.join("\n", said);
    }

    @Test
    @DisplayName(
            "a member that listens in clear text connects to https members with the certificate, the authorities, the"
                    + " revocations and the names that it was given")
    void whatIsGivenHoldsForConnectionsThatGoOutWhateverTheOwnUrls() throws Exception {
        TestPki.Pair own = ours.issue("n1");
        PeerAddress strict = member(ours.issue("n2"), ours.caFile);
        String cert = "--peer-cert-file=" + own.cert();
        String key = "--peer-key-file=" + own.key();
        String ca = "--peer-trusted-ca-file=" + ours.caFile;
        assertThat(connect(strict, cert, key, ca)).isEmpty();
        assertThat(connect(strict, ca)).contains("refuses");
        assertThat(connect(member(ours.issue("n3"), null), ca)).isEmpty();

        assertThat(connect(strict, cert, key, ca, "--peer-cert-allowed-cn=n4"))
                .contains("CN=n2", "common name that is permitted (n4)");
        assertThat(connect(strict, cert, key, ca, "--peer-cert-allowed-hostname=n4"))
                .contains("not for the host that is permitted (n4)");
        TestPki.Pair revoked = ours.issue("revoked");
        Path crl = Files.write(folder.resolve("crl"), ours.revoke(revoked.made().certificate()));
        assertThat(connect(member(revoked, ours.caFile), cert, key, ca, "--peer-crl-file=" + crl))
                .contains("CN=revoked", "is revoked");
        TestPki other = new TestPki(folder, "other");
        assertThat(connect(member(other.issue("n2"), null), cert, key, ca))
                .contains("CN=other", "not among the trusted authorities (" + ours.caFile);
    }

    @Test
    @DisplayName("whoever is given nothing for https members trusts whom the Java platform trusts, as etcd its system")
    void withoutAnythingThePlatformJudges() throws Exception {
        assertThat(connect(member(ours.issue("n2"), null)))
                .contains("CN=ours", "not among the trusted authorities (the Java platform)");
        assertThat(connect(member(ours.issue("n3"), null), "--tls-min-version=TLS1.3"))
                .contains("not among the trusted authorities (the Java platform)");
    }

    @Test
    @DisplayName("--peer-auto-tls on a member that listens in clear text: self-made certificates of others are taken")
    void selfMadeOnesAreTakenByWhoListensInClearText() throws Exception {
        assertThat(connect(member(ours.issue("n2"), null), "--peer-auto-tls")).isEmpty();
    }

    @Test
    @DisplayName("each URL in clear text is named at the start if clients or members must show a certificate elsewhere")
    void urlsThatAskForNoCertificateAreNamed() {
        TestPki.Pair own = ours.issue("n1");
        open(List.of(
                "--listen-client-urls=http://127.0.0.1:1001,https://127.0.0.1:1002,http://127.0.0.1:1003",
                "--advertise-client-urls=https://127.0.0.1:1002",
                "--listen-client-http-urls=http://127.0.0.1:1004",
                "--listen-metrics-urls=http://127.0.0.1:1005",
                "--listen-peer-urls=http://127.0.0.1:1006",
                "--data-dir=" + folder.resolve("data"),
                "--cert-file=" + own.cert(),
                "--key-file=" + own.key(),
                "--client-cert-auth",
                "--trusted-ca-file=" + ours.caFile,
                "--peer-trusted-ca-file=" + ours.caFile));
        assertThat(warnings())
                .filteredOn(line -> line.contains("show no certificate"))
                .hasSize(4)
                .anyMatch(line -> line.contains("http://127.0.0.1:1001") && line.contains("clients"))
                .anyMatch(line -> line.contains("http://127.0.0.1:1003") && line.contains("clients"))
                .anyMatch(line -> line.contains("http://127.0.0.1:1004") && line.contains("clients"))
                .anyMatch(line -> line.contains("http://127.0.0.1:1006") && line.contains("peers"));
    }

    @Test
    void clearTextAloneIsNamedToo() {
        open(line("--client-cert-auth"));
        assertThat(warnings()).singleElement().asString().contains("http://127.0.0.1:", "show no certificate");
    }

    @Test
    void whereNobodyMustShowACertificateNothingIsSaid() {
        open(line());
        assertThat(warnings()).isEmpty();
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName("a server ends although the disk with its certificates hangs")
    void anEndDoesNotWaitForAHangingDisk() throws Exception {
        Path ca = folder.resolve("members.ca");
        Files.copy(ours.caFile, ca);
        List<String> line = line("--peer-trusted-ca-file=" + ca);
        line.replaceAll(flag -> flag.contains("peer") ? flag.replace("http://", "https://") : flag);
        line.replaceAll(flag -> flag.contains("initial-cluster=") ? flag.replace("http://", "https://") : flag);
        TestPki.Pair own = ours.issue("n1");
        line.addAll(List.of("--peer-cert-file=" + own.cert(), "--peer-key-file=" + own.key()));
        ServerTls tls = ServerTls.open(TestServers.config(line), disk, FATAL);
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Files.move(pipe, ca, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        // Opens when the other side has opened it for reading, and from then on holds it up.
        try (FileOutputStream held = new FileOutputStream(ca.toFile())) {
            assertThat(held.getFD().valid()).isTrue();
            tls.close();
        }
        assertThat(warnings()).anyMatch(text -> text.contains("hangs"));
    }

    @Test
    @DisplayName("a data folder that others may look into is named, with its mode and what to do")
    void anOpenDataFolderIsNamed() throws IOException {
        Path data = folder.resolve("data");
        FolderModes.warnIfOthersMayRead(data);
        Files.createDirectory(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        FolderModes.warnIfOthersMayRead(data);
        assertThat(warnings()).isEmpty();
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        FolderModes.warnIfOthersMayRead(data);
        assertThat(warnings()).singleElement().asString().contains(data + " has mode rwxr-xr-x", "chmod 700 " + data);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private List<String> selfMade() {
        List<String> line = line("--auto-tls");
        line.replaceAll(flag -> flag.contains("client-urls") ? flag.replace("http://", "https://") : flag);
        return line;
    }

    @Test
    @DisplayName("P17: a second server with the same data folder makes no keys in it")
    void keysAreMadeByWhoHoldsTheFolder() throws Exception {
        List<String> line = selfMade();
        Path data = TestServers.config(line).dataDir();
        try (DataFolder held = DataFolder.lock(disk, data)) {
            assertThatThrownBy(() -> open(line))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("in use by another server");
            assertThat(held.root().resolve("fixtures")).doesNotExist();
        }
        open(line);
        assertThat(data.resolve("fixtures/client/key.pem")).exists();
        assertThat(mode(data)).isEqualTo("rwx------");
        assertThat(mode(data.resolve("fixtures"))).isEqualTo("rwx------");
        assertThat(mode(data.resolve("fixtures/client"))).isEqualTo("rwx------");
        // The lock is free again for the server itself.
        DataFolder.lock(disk, data).close();
    }
}
