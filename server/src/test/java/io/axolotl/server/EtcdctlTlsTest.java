package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.server.tls.TestPki;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The unchanged {@code etcdctl} against servers with TLS; skipped where it is not installed. */
@Timeout(120)
class EtcdctlTlsTest {
    private static final String BINARY = "etcdctl";

    @TempDir
    static Path folder;

    private static TestPki ours;
    private static TestPki.Pair client;
    private static Server server;
    private static String endpoint;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(isInstalled(), "etcdctl is not installed; on Debian: apt-get install etcd-client");
        ours = new TestPki(folder, "ours");
        client = ours.issue("client");
        TestPki.Pair own = ours.issue("server");
        List<String> line = secured(TestServers.commandLines(folder, 1).get(0));
        line.addAll(List.of(
                "--cert-file=" + own.cert(),
                "--key-file=" + own.key(),
                "--client-cert-auth",
                "--trusted-ca-file=" + ours.caFile));
        server = start(line);
        endpoint = flag(line, "advertise-client-urls");
    }

    private static List<String> secured(List<String> plain) {
        List<String> line = new ArrayList<>();
        plain.forEach(flag -> line.add(flag.contains("client-urls") ? flag.replace("http://", "https://") : flag));
        return line;
    }

    private static Server start(List<String> line) throws InterruptedException {
        Server started = Server.start(TestServers.config(line), (what, cause) -> {
            throw new AssertionError(what, cause);
        });
        assertThat(started.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        return started;
    }

    private static String flag(List<String> line, String name) {
        return line.stream()
                .filter(each -> each.startsWith("--" + name + "="))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 3);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void commandsWorkWithACertificate() throws Exception {
        assertThat(ours("put", "k", "v").out()).isEqualTo("OK\n");
        assertThat(ours("get", "k").out()).isEqualTo("k\nv\n");
        assertThat(ours("endpoint", "status").out()).contains(endpoint, ", true, false, ");
        Output health = ours("endpoint", "health", "--cluster");
        assertThat(health.out() + health.err()).contains("is healthy");
        assertThat(ours("member", "list").out()).contains(", started, n0, http://127.0.0.1:", endpoint);
        assertThat(ours("--insecure-skip-tls-verify", "get", "k").out()).isEqualTo("k\nv\n");
    }

    @Test
    @DisplayName("AU-12: with --client-cert-auth the common name of the certificate is the user")
    void theCertificateSaysWhoCalls() throws Exception {
        TestPki.Pair root = ours.issue("root");
        TestPki.Pair alice = ours.issue("alice");
        ours("put", "open/k", "v");
        ours("user", "add", "root:secret");
        ours("user", "grant-role", "root", "root");
        ours("role", "add", "reader");
        ours("role", "grant-permission", "reader", "--prefix", "read", "open/");
        ours("user", "add", "alice:secret");
        ours("user", "grant-role", "alice", "reader");
        assertThat(ours("auth", "enable").out()).isEqualTo("Authentication Enabled\n");
        try {
            assertThat(as(alice, "get", "open/k").out()).isEqualTo("open/k\nv\n");
            assertThat(as(alice, "put", "open/k", "w").err()).contains("etcdserver: permission denied");
            assertThat(as(alice, "get", "other").err()).contains("etcdserver: permission denied");
            assertThat(as(root, "put", "other", "w").out()).isEqualTo("OK\n");
        } finally {
            assertThat(as(root, "auth", "disable").out()).isEqualTo("Authentication Disabled\n");
        }
    }

    @Test
    void withoutTheRightCertificateNothingWorks() throws Exception {
        TestPki other = new TestPki(folder, "other");
        TestPki.Pair stranger = other.issue("stranger");
        assertThat(etcdctl("--endpoints=" + endpoint, "--cacert=" + ours.caFile, "--command-timeout=1s", "get", "k")
                        .exitCode())
                .isNotZero();
        assertThat(etcdctl(
                                "--endpoints=" + endpoint,
                                "--cacert=" + ours.caFile,
                                "--cert=" + stranger.cert(),
                                "--key=" + stranger.key(),
                                "--command-timeout=1s",
                                "get",
                                "k")
                        .exitCode())
                .isNotZero();
        assertThat(etcdctl(
                                "--endpoints=" + endpoint,
                                "--cacert=" + other.caFile,
                                "--cert=" + client.cert(),
                                "--key=" + client.key(),
                                "--command-timeout=1s",
                                "get",
                                "k")
                        .exitCode())
                .isNotZero();
    }

    @Test
    @DisplayName("--auto-tls: etcdctl takes the self-made certificate as its own authority, as that of an etcd")
    void aSelfMadeCertificateIsAccepted() throws Exception {
        Path own = Files.createDirectory(folder.resolve("auto"));
        List<String> line = secured(TestServers.commandLines(own, 1).get(0));
        line.add("--auto-tls");
        Server auto = start(line);
        try {
            Path cert = own.resolve("n0").resolve("fixtures").resolve("client").resolve("cert.pem");
            String url = flag(line, "advertise-client-urls");
            assertThat(etcdctl("--endpoints=" + url, "--cacert=" + cert, "put", "k", "v")
                            .out())
                    .isEqualTo("OK\n");
        } finally {
            auto.stop();
        }
    }

    private record Output(String out, String err, int exitCode) {}

    private static Output ours(String... arguments) throws IOException, InterruptedException {
        return as(client, arguments);
    }

    private static Output as(TestPki.Pair shown, String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "--endpoints=" + endpoint,
                "--cacert=" + ours.caFile,
                "--cert=" + shown.cert(),
                "--key=" + shown.key()));
        all.addAll(Arrays.asList(arguments));
        return etcdctl(all.toArray(String[]::new));
    }

    private static Output etcdctl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(BINARY));
        command.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("ETCDCTL_API", "3");
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Output(
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8),
                process.exitValue());
    }

    private static boolean isInstalled() {
        for (String each : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(each.isEmpty() ? "." : each, BINARY))) {
                return true;
            }
        }
        return false;
    }
}
