package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.GetResult;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three real processes with {@code --read-mode=lease} (docs/adr/0014). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LeaseReadProcessTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final String KEY = "leased";
    private static final int READS = 50;

    @TempDir
    Path folder;

    @Test
    @DisplayName(
            "P6, pitfalls 31, 32: a leader that reads by lease and was paused past it never answers with an old value")
    void aPausedLeaderNeverAnswersWithAnOldValue() throws IOException {
        try (ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL)
                        .root(folder)
                        .flag("read-mode", "lease")
                        .build();
                AxolotlClient client = cluster.client()) {
            cluster.start(BOUND);
            try {
                client.kv().put(KEY, "old").await();
                requireLeases(cluster);
                pauseTheLeader(cluster);
            } finally {
                cluster.nodes().stream().filter(ServerProcess::isAlive).forEach(ServerProcess::resume);
                SharedCluster.keepLogs(cluster, "lease-reads");
            }
        }
    }

    /** Alone for a moment, the leader still answers: what is tested here is a cluster that reads by lease. */
    private static void requireLeases(ProcessCluster cluster) {
        Await.fact("a read that no quorum was asked for", BOUND, () -> {
            ServerProcess leader = cluster.awaitLeader(BOUND);
            try (AxolotlClient toLeader = ProcessCluster.clientOf(leader)) {
                toLeader.kv().get(KEY).await();
                cluster.others(leader).forEach(ServerProcess::pause);
                long startNanos = System.nanoTime();
                String value = valueOrRefusal(toLeader.kv().get(KEY));
                boolean isQuick = System.nanoTime() - startNanos < TimeUnit.MILLISECONDS.toNanos(500);
                return isQuick && value.equals("old");
            } finally {
                cluster.others(leader).forEach(ServerProcess::resume);
            }
        });
    }

    private static void pauseTheLeader(ProcessCluster cluster) {
        ServerProcess leader = cluster.awaitLeader(BOUND);
        try (AxolotlClient toOldLeader = ProcessCluster.clientOf(leader)) {
            toOldLeader.kv().get(KEY).await();
            leader.pause();
            ServerProcess next = cluster.awaitLeaderOtherThan(leader, BOUND);
            try (AxolotlClient toNext = ProcessCluster.clientOf(next)) {
                toNext.kv().put(KEY, "new").await();
            }
            // These wait in the sockets of the paused process, together with answers to its last heartbeats.
            List<Pending<GetResult>> reads = new ArrayList<>();
            for (int i = 0; i < READS; i++) {
                reads.add(toOldLeader.kv().get(KEY));
            }
            leader.resume();
            assertThat(reads.stream().map(LeaseReadProcessTest::valueOrRefusal))
                    .as("reads that began after the write of \"new\" was acknowledged")
                    .isSubsetOf("new", "refused");
            leader.awaitHealthy(BOUND);
            assertThat(valueOrRefusal(toOldLeader.kv().get(KEY))).isEqualTo("new");
        }
    }

    private static String valueOrRefusal(Pending<GetResult> read) {
        return read.awaitOutcome() instanceof Outcome.Done<GetResult> done
                ? done.result().first().orElseThrow().value().utf8()
                : "refused";
    }
}
