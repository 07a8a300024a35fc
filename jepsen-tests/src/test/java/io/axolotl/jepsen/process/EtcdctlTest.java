package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.StatusResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Debian's etcdctl, unchanged; run with {@code -Daxolotl.target=etcd} the same sentences hold for etcd itself. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class EtcdctlTest {
    private ProcessCluster cluster;

    /** What a command printed. */
    private record Output(int exitCode, String out, String err) {}

    @BeforeEach
    void needsEtcdctl(ProcessCluster shared) {
        assumeTrue(Target.onPath("etcdctl"), "etcdctl is not installed (Debian: apt-get install etcd-client)");
        cluster = shared;
    }

    private Output run(String endpoints, String input, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoints));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("ETCDCTL_API", "3");
        Process process = builder.start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), out, err);
    }

    /** Runs a command that must succeed. */
    private String etcdctl(String... words) throws IOException, InterruptedException {
        Output output = run(cluster.endpointsFlag(), "", words);
        assertThat(output.exitCode)
                .as("etcdctl %s: %s", List.of(words), output.err)
                .isZero();
        return output.out;
    }

    @Test
    @DisplayName("etcdctl put, get in its forms, and del")
    void keysAreWrittenReadAndDeleted() throws Exception {
        assertThat(etcdctl("put", "ctl/a", "1")).isEqualTo("OK\n");
        assertThat(etcdctl("put", "ctl/b", "2")).isEqualTo("OK\n");
        assertThat(etcdctl("put", "ctl/b", "3", "--prev-kv")).isEqualTo("OK\nctl/b\n2\n");
        assertThat(etcdctl("get", "ctl/a")).isEqualTo("ctl/a\n1\n");
        assertThat(etcdctl("get", "ctl/", "--prefix")).isEqualTo("ctl/a\n1\nctl/b\n3\n");
        assertThat(etcdctl("get", "ctl/", "--prefix", "--keys-only", "--order=DESCEND", "--sort-by=KEY"))
                .isEqualTo("ctl/b\n\nctl/a\n\n");
        assertThat(etcdctl("get", "ctl/a", "ctl/z", "--print-value-only", "--limit=1"))
                .isEqualTo("1\n");
        assertThat(etcdctl("get", "ctl/a", "--consistency=s")).isEqualTo("ctl/a\n1\n");
        assertThat(etcdctl("get", "ctl/a", "-w=json")).contains("\"version\":1").contains("\"value\":\"MQ==\"");
        assertThat(etcdctl("del", "ctl/a", "--prev-kv")).isEqualTo("1\nctl/a\n1\n");
        assertThat(etcdctl("del", "ctl/", "--prefix")).isEqualTo("1\n");
        assertThat(etcdctl("get", "ctl/", "--prefix")).isEmpty();
    }

    @Test
    @DisplayName("etcdctl txn takes the branch that its compares choose")
    void transactionTakesOneBranch() throws Exception {
        etcdctl("put", "ctl-txn", "old");
        String txn = """
                value("ctl-txn") = "old"

                put ctl-txn new
                get ctl-txn

                get ctl-txn

                """;
        assertThat(run(cluster.endpointsFlag(), txn, "txn").out).isEqualTo("SUCCESS\n\nOK\n\nctl-txn\nnew\n");
        assertThat(run(cluster.endpointsFlag(), txn, "txn").out).isEqualTo("FAILURE\n\nctl-txn\nnew\n");
    }

    @Test
    @DisplayName("etcdctl compaction forgets what is older, and reading it says so")
    void compactionForgetsHistory() throws Exception {
        etcdctl("put", "ctl-compact", "1");
        etcdctl("put", "ctl-compact", "2");
        String json = etcdctl("put", "ctl-compact", "3", "-w=json");
        long revision =
                Long.parseLong(json.replaceAll(".*\"revision\":(\\d+).*", "$1").strip());
        assertThat(etcdctl("get", "ctl-compact", "--rev=" + (revision - 1))).isEqualTo("ctl-compact\n2\n");
        assertThat(etcdctl("compaction", Long.toString(revision))).isEqualTo("compacted revision " + revision + "\n");
        Output old = run(cluster.endpointsFlag(), "", "get", "ctl-compact", "--rev=" + (revision - 1));
        assertThat(old.exitCode).isEqualTo(1);
        assertThat(old.err).contains("etcdserver: mvcc: required revision has been compacted");
        assertThat(etcdctl("get", "ctl-compact")).isEqualTo("ctl-compact\n3\n");
    }

    /** Runs until it has printed so many lines, or ends by itself. */
    private List<String> watch(int lines, String input, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + cluster.endpointsFlag(), "watch"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ETCDCTL_API", "3");
        Process process = builder.start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            List<String> printed = new ArrayList<>();
            while (printed.size() < lines) {
                String line = out.readLine();
                if (line == null) {
                    break;
                }
                printed.add(line);
            }
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }

    private long revisionOf(String json) {
        return Long.parseLong(json.replaceAll(".*\"revision\":(\\d+).*", "$1").strip());
    }

    @Test
    @DisplayName("WA-3, WA-6, WA-8: etcdctl watch from a revision, of a prefix, with what was there before")
    void historyIsWatched() throws Exception {
        long first = revisionOf(etcdctl("put", "ctl-watch/a", "1", "-w=json"));
        etcdctl("put", "ctl-watch/a", "2");
        etcdctl("del", "ctl-watch/a");
        etcdctl("put", "ctl-watch/b", "3");
        assertThat(watch(12, "", "ctl-watch/", "--prefix", "--rev=" + first))
                .containsExactly(
                        "PUT",
                        "ctl-watch/a",
                        "1",
                        "PUT",
                        "ctl-watch/a",
                        "2",
                        "DELETE",
                        "ctl-watch/a",
                        "",
                        "PUT",
                        "ctl-watch/b",
                        "3");
        assertThat(watch(5, "", "ctl-watch/a", "--prev-kv", "--rev=" + (first + 1)))
                .containsExactly("PUT", "ctl-watch/a", "1", "ctl-watch/a", "2");
        assertThat(watch(1, "", "ctl-watch/b", "--rev=" + first, "-w=json").get(0))
                .contains("\"mod_revision\":" + (first + 3))
                .contains("\"Canceled\":false");
    }

    @Test
    @DisplayName("WA-4: etcdctl watch from a compacted revision says so")
    void aCompactedWatchSaysSo() throws Exception {
        etcdctl("put", "ctl-gone", "1");
        long last = revisionOf(etcdctl("put", "ctl-gone", "2", "-w=json"));
        etcdctl("compaction", Long.toString(last));
        assertThat(watch(2, "", "ctl-gone", "--rev=" + (last - 1)))
                .containsExactly(
                        "watch was canceled (etcdserver: mvcc: required revision has been compacted)",
                        "Error: watch is canceled by the server");
    }

    @Test
    @DisplayName("etcdctl watch -i takes several watches on one stream")
    void severalWatchesShareAStream() throws Exception {
        long revision = revisionOf(etcdctl("put", "ctl-many", "1", "-w=json"));
        String line = "watch ctl-many --rev=" + revision + "\n";
        // Two printers share the screen.
        assertThat(watch(6, line + line, "-i"))
                .containsExactlyInAnyOrder("PUT", "ctl-many", "1", "PUT", "ctl-many", "1");
    }

    @Test
    @DisplayName("etcdctl member list shows every member as started, with its URLs")
    void membersAreListed() throws Exception {
        List<String> lines = etcdctl("member", "list").lines().toList();
        assertThat(lines).hasSize(3);
        for (ServerProcess node : cluster.nodes()) {
            assertThat(lines)
                    .anySatisfy(line -> assertThat(line)
                            .matches("[0-9a-f]+, started, " + node.name() + ", "
                                    + node.spec().peerUrl() + ", " + node.clientUrl() + ", false"));
        }
    }

    @Test
    @DisplayName("etcdctl endpoint status and endpoint health of all members")
    void endpointsTellTheirStatusAndHealth() throws Exception {
        List<String> status = etcdctl("endpoint", "status").lines().toList();
        assertThat(status)
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.split(", ", -1)).hasSizeGreaterThanOrEqualTo(9));
        assertThat(status.stream().filter(line -> line.split(", ", -1)[4].equals("true")))
                .hasSize(1);
        Output health = run(cluster.endpointsFlag(), "", "endpoint", "health");
        assertThat(health.exitCode).isZero();
        assertThat(health.out + health.err).contains("is healthy: successfully committed proposal");
    }

    @Test
    @DisplayName("MT-6: etcdctl move-leader moves it, and refuses when asked of a follower")
    void leadershipIsMoved() throws Exception {
        ServerProcess leader = cluster.awaitLeader(SharedCluster.BOUND);
        ServerProcess target = cluster.aFollower();
        StatusResult targetStatus = cluster.status(target).orElseThrow();
        String id = Long.toHexString(targetStatus.header().memberId());
        Output refused = run(target.clientUrl(), "", "move-leader", id);
        assertThat(refused.exitCode).isNotZero();
        assertThat(refused.out + refused.err).contains("no leader endpoint given");
        assertThat(etcdctl("move-leader", id))
                .startsWith("Leadership transferred from ")
                .contains(id);
        assertThat(cluster.awaitLeaderOtherThan(leader, SharedCluster.BOUND)).isEqualTo(target);
    }
}
