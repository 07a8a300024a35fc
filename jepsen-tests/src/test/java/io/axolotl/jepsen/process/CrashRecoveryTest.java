package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.GetResult;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import io.axolotl.client.PutResult;
import io.axolotl.jepsen.workload.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Three real processes under load lose one of them, or all, and nothing else (the ids are those of the fault catalogue). */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CrashRecoveryTest {
    private static final Duration BOUND = SharedCluster.BOUND;

    @Test
    @DisplayName("P1: kill -9 of the leader loses nothing, and another leads within a few election timeouts")
    void killOfTheLeaderLosesNothing(ProcessCluster cluster) {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(300);
            ServerProcess leader = cluster.awaitLeader(BOUND);
            leader.kill();
            long fault = System.nanoTime();
            assertThat(cluster.awaitLeaderOtherThan(leader, BOUND)).isNotEqualTo(leader);
            Outage outage = load.awaitServiceSince(fault);
            assertThat(outage.silenceNanos()).isLessThan(Duration.ofSeconds(10).toNanos());
            load.awaitWrites(300);
            leader.startAndAwaitHealthy(BOUND);
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("P3: kill -9 of all three at once loses nothing")
    void killOfAllLosesNothing(ProcessCluster cluster) {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(700);
            cluster.nodes().forEach(ServerProcess::kill);
            cluster.start(BOUND);
            load.awaitWrites(300);
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("P1: a follower that was killed comes back by log replay, and nobody notices that it was gone")
    void killedFollowerComesBackByReplay(ProcessCluster cluster) {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(200);
            ServerProcess follower = cluster.aFollower();
            follower.kill();
            long fault = System.nanoTime();
            Outage outage = load.awaitServiceSince(fault);
            assertThat(outage.silenceNanos()).isLessThan(Duration.ofSeconds(2).toNanos());
            load.stop();
            follower.startAndAwaitHealthy(BOUND);
            cluster.awaitCaughtUp(follower, BOUND);
            assertThat(snapshotsReceived(follower)).isZero();
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("N2, D27: a follower that was down past log compaction comes back by snapshot install")
    void followerPastCompactionComesBackBySnapshot(ProcessCluster cluster) {
        try (AxolotlClient client = cluster.client();
                Load load = Load.on(cluster)) {
            load.awaitWrites(200);
            ServerProcess follower = cluster.aFollower();
            follower.kill();
            putManyTimes(client, SharedCluster.TAIL_ENTRIES + SharedCluster.SNAPSHOT_COUNT + 300);
            load.stop();
            follower.startAndAwaitHealthy(BOUND);
            cluster.awaitCaughtUp(follower, BOUND);
            assertThat(snapshotsReceived(follower)).isPositive();
            load.assertNothingLost();
        }
    }

    private static void putManyTimes(AxolotlClient client, int times) {
        int atOnce = 200;
        for (int done = 0; done < times; done += atOnce) {
            List<Pending<PutResult>> puts = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                puts.add(client.kv().put("filler", "entry " + (done + i)));
            }
            puts.forEach(Pending::await);
        }
    }

    private static long snapshotsReceived(ServerProcess node) {
        String page = node.get("/metrics", Duration.ofSeconds(5)).orElseThrow();
        return (long) MetricsPage.parse(page).sum("etcd_network_snapshot_receive_success");
    }

    @Test
    @DisplayName("O1, P5: a rolling graceful restart is hardly noticed and loses nothing")
    void rollingRestartIsHardlyNoticed(ProcessCluster cluster) {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(200);
            assertThat(cluster.awaitLeader(BOUND).log()).contains(" became leader in term ");
            for (ServerProcess node : cluster.nodes()) {
                long fault = System.nanoTime();
                int exitCode = node.stop(BOUND);
                // etcd hands its leadership over and then dies of the signal; Axolotl ends with 0.
                assertThat(exitCode).as("exit code of %s%n%s", node, node.log()).isIn(0, 143);
                // So that nobody waits for an election timeout. How long they do wait is for ./axolotl failover to
                // measure.
                String log = node.log();
                assertThat(log.lastIndexOf(" became leader in term "))
                        .as("%s leads no more when it ends:%n%s", node, log)
                        .isLessThanOrEqualTo(log.lastIndexOf(" became follower in term "));
                node.startAndAwaitHealthy(BOUND);
                Outage unused = load.awaitServiceSince(fault);
                cluster.awaitCaughtUp(node, BOUND);
            }
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("P6: a leader that was paused past its authority never answers a linearizable read with an old value")
    void pausedLeaderNeverAnswersWithAnOldValue(ProcessCluster cluster) {
        String key = "paused-leader";
        try (AxolotlClient client = cluster.client();
                Load load = Load.on(cluster)) {
            load.awaitWrites(100);
            client.kv().put(key, "old").await();
            ServerProcess leader = cluster.awaitLeader(BOUND);
            try (AxolotlClient toOldLeader = ProcessCluster.clientOf(leader)) {
                toOldLeader.kv().get(key).await();
                leader.pause();
                ServerProcess next = cluster.awaitLeaderOtherThan(leader, BOUND);
                try (AxolotlClient toNext = ProcessCluster.clientOf(next)) {
                    toNext.kv().put(key, "new").await();
                }
                // These wait in the sockets of the paused process and are the first thing it sees when it wakes.
                List<Pending<GetResult>> reads = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    reads.add(toOldLeader.kv().get(key));
                }
                leader.resume();
                assertThat(reads.stream().map(CrashRecoveryTest::valueOrRefusal))
                        .as("reads that began after the write of \"new\" was acknowledged")
                        .isSubsetOf("new", "refused");
                leader.awaitHealthy(BOUND);
                assertThat(valueOrRefusal(toOldLeader.kv().get(key))).isEqualTo("new");
            }
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }

    private static String valueOrRefusal(Pending<GetResult> read) {
        return read.awaitOutcome() instanceof Outcome.Done<GetResult> done
                ? done.result().first().orElseThrow().value().utf8()
                : "refused";
    }

    @Test
    @DisplayName("P4: killed again and again during its own recovery, a node still comes back")
    void nodeKilledDuringRecoveryComesBack(ProcessCluster cluster) {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "the delays fit the start of a Java process");
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(600);
            ServerProcess follower = cluster.aFollower();
            follower.kill();
            for (int millis : List.of(200, 500, 800, 1200, 1700)) {
                follower.start();
                long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
                Await.fact("the moment to kill", BOUND, () -> System.nanoTime() >= end);
                follower.kill();
            }
            follower.startAndAwaitHealthy(BOUND);
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }
}
