package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
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

/** The unchanged {@code etcdctl} of the distribution against a server; skipped where it is not installed. */
@Timeout(120)
class EtcdctlTest {
    private static final String BINARY = "etcdctl";

    @TempDir
    static Path folder;

    private static Server server;

    @BeforeAll
    static void start() throws InterruptedException {
        assumeTrue(isInstalled(), "etcdctl is not installed; on Debian: apt-get install etcd-client");
        server = Server.start(
                TestServers.config(TestServers.commandLines(folder, 1).get(0)), (what, cause) -> {
                    throw new AssertionError(what, cause);
                });
        assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void putGetDelete() throws Exception {
        assertThat(etcdctl("put", "pgd", "1").out()).isEqualTo("OK\n");
        assertThat(etcdctl("put", "--prev-kv", "pgd", "2").out()).isEqualTo("OK\npgd\n1\n");
        assertThat(etcdctl("get", "pgd").out()).isEqualTo("pgd\n2\n");
        assertThat(etcdctl("get", "pg", "--prefix", "--keys-only").out()).isEqualTo("pgd\n\n");
        assertThat(etcdctl("get", "pgd", "--consistency=s", "--print-value-only")
                        .out())
                .isEqualTo("2\n");
        assertThat(etcdctl("del", "--prev-kv", "pgd").out()).isEqualTo("1\npgd\n2\n");
        assertThat(etcdctl("get", "pgd").out()).isEmpty();
    }

    @Test
    @DisplayName("HD-4: -w fields reads the inner headers of a transaction")
    void transactions() throws Exception {
        String txn = "mod(\"t\") = \"0\"\n\nput t x\nget t\n\nget t\n\n";

        assertThat(etcdctlWithInput(txn, "txn").out()).isEqualTo("SUCCESS\n\nOK\n\nt\nx\n");
        assertThat(etcdctlWithInput(txn, "txn").out()).isEqualTo("FAILURE\n\nt\nx\n");
        assertThat(etcdctlWithInput(txn, "txn", "-w", "fields").out()).contains("\"Succeeded\" : false");
        assertThat(etcdctlWithInput("\n\nput d 1\nput d 2\n\n\n", "txn").err())
                .contains("etcdserver: duplicate key given in txn request");
    }

    @Test
    @DisplayName("CP-1, RG-9: texts of compaction")
    void compaction() throws Exception {
        etcdctl("put", "c", "1");
        etcdctl("put", "c", "2");
        String revision = String.valueOf(server.node().store().revision());

        assertThat(etcdctl("compact", revision).out()).isEqualTo("compacted revision " + revision + "\n");
        assertThat(etcdctl("compact", revision).err())
                .contains("etcdserver: mvcc: required revision has been compacted");
        assertThat(etcdctl("get", "c", "--rev=99999").err())
                .contains("etcdserver: mvcc: required revision is a future revision");
    }

    @Test
    @DisplayName("CL-5, MT-2, G-1: members, status and health")
    void clusterCommands() throws Exception {
        assertThat(etcdctl("member", "list").out())
                .matches("[0-9a-f]+, started, n0, http://127\\.0\\.0\\.1:\\d+, http://127\\.0\\.0\\.1:\\d+, false\n");
        assertThat(etcdctl("endpoint", "status").out()).contains(", 3.6.14, ").contains(", true, false, ");
        Output health = etcdctl("endpoint", "health", "--cluster");
        assertThat(health.out() + health.err()).contains("is healthy: successfully committed proposal");
        assertThat(health.exitCode()).isZero();
    }

    @Test
    @DisplayName(
            "CL-1 to CL-5, G-1: a learner is added, moved, not promoted before it is started, and removed, in etcdctl's words")
    void memberChanges() throws Exception {
        Output added = etcdctl("member", "add", "x", "--learner", "--peer-urls=http://127.0.0.1:3");
        assertThat(added.out()).matches("""
                        Member [ 0-9a-f]{16} added to cluster [ 0-9a-f]{16}

                        ETCD_NAME="x"
                        ETCD_INITIAL_CLUSTER="[^"]*x=http://127\\.0\\.0\\.1:3[^"]*"
                        ETCD_INITIAL_ADVERTISE_PEER_URLS="http://127\\.0\\.0\\.1:3"
                        ETCD_INITIAL_CLUSTER_STATE="existing"
                        """);
        assertThat(added.out()).contains("n0=http://127.0.0.1:");
        // Padded with spaces in these words, and not in lists.
        String id = added.out()
                .substring("Member ".length(), "Member ".length() + 16)
                .strip();
        assertThat(etcdctl("member", "list").out()).contains(id + ", unstarted, , http://127.0.0.1:3, , true\n");
        assertThat(etcdctl("member", "add", "y", "--learner", "--peer-urls=http://127.0.0.1:4")
                        .err())
                .contains("etcdserver: too many learner members in cluster");
        assertThat(etcdctl("member", "add", "y", "--peer-urls=http://127.0.0.1:3")
                        .err())
                .contains("etcdserver: Peer URLs already exists");
        assertThat(etcdctl("member", "promote", id).err())
                .contains("etcdserver: can only promote a learner member which is in sync with leader");
        assertThat(etcdctl("member", "update", id, "--peer-urls=http://127.0.0.1:5")
                        .out())
                .contains(id + " updated in cluster ");
        assertThat(etcdctl("member", "list").out()).contains("http://127.0.0.1:5");
        assertThat(etcdctl("member", "remove", id).out()).contains(id + " removed from cluster ");
        assertThat(etcdctl("member", "remove", id).err()).contains("etcdserver: member not found");
        String self = server.node().self().toString();
        assertThat(etcdctl("member", "promote", self).err()).contains("etcdserver: can only promote a learner member");
        assertThat(etcdctl("member", "remove", self).err())
                .contains("etcdserver: re-configuration failed due to not enough started members");
    }

    @Test
    @DisplayName("D: 1.5 to 2 MiB is refused with etcd's text")
    void largeRequests() throws Exception {
        Output output = etcdctlWithInput("x".repeat(1_600_000), "put", "large");
        assertThat(output.err()).contains("etcdserver: request is too large");
        assertThat(output.exitCode()).isNotZero();
    }

    private record Output(String out, String err, int exitCode) {}

    private static Output etcdctl(String... arguments) throws IOException, InterruptedException {
        return etcdctlWithInput("", arguments);
    }

    private static Output etcdctlWithInput(String input, String... arguments) throws IOException, InterruptedException {
        InetSocketAddress address = (InetSocketAddress) server.clientAddresses().get(0);
        List<String> command = new ArrayList<>(List.of(BINARY, "--endpoints=127.0.0.1:" + address.getPort()));
        command.addAll(Arrays.asList(arguments));
        Path in = Files.writeString(Files.createTempFile(folder, "in", ""), input);
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("ETCDCTL_API", "3");
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Output(
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8),
                process.exitValue());
    }

    private static boolean isInstalled() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder.isEmpty() ? "." : folder, BINARY))) {
                return true;
            }
        }
        return false;
    }
}
