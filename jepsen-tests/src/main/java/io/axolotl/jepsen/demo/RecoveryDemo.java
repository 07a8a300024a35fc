package io.axolotl.jepsen.demo;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.Audit;
import io.axolotl.jepsen.workload.Ledger;
import io.axolotl.jepsen.workload.Outage;
import io.axolotl.jepsen.workload.StateDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The script of the demo. Confined to the main thread. */
final class RecoveryDemo implements AutoCloseable {
    private static final Duration START_BOUND = Duration.ofSeconds(60);
    /**
     * Small, so that a follower falls behind the start of the log within seconds; but the log must hold what one misses that
     * is only restarted.
     */
    private static final int SNAPSHOT_COUNT = 8_000;

    /** What stays in the log before a snapshot: what etcd keeps without being told. */
    private static final int CATCHUP_ENTRIES = 5_000;

    private static final int ENTRIES_PAST_COMPACTION = SNAPSHOT_COUNT + CATCHUP_ENTRIES + 500;

    private final ProcessCluster cluster;
    private final int writerCount;
    private final int perWriterRate;
    private final Board board;
    private final Path reportFolder;
    private final long startNanos = System.nanoTime();
    private long appliedAtDeath;

    RecoveryDemo(Target target, int writerCount, int perWriterRate, Board board, Path reportFolder) {
        ProcessCluster.Builder builder =
                ProcessCluster.of(target).flag("snapshot-count", Integer.toString(SNAPSHOT_COUNT));
        if (target == Target.AXOLOTL) {
            builder.flag("snapshot-catchup-entries", Integer.toString(CATCHUP_ENTRIES));
        }
        this.cluster = builder.build();
        this.writerCount = writerCount;
        this.perWriterRate = perWriterRate;
        this.board = board;
        this.reportFolder = reportFolder;
    }

    DemoReport run() {
        board.phase("Three servers start on 127.0.0.1");
        cluster.start(START_BOUND);
        ServerProcess leader = cluster.awaitLeader(START_BOUND);
        board.tell(leader + " leads; " + writerCount + " writers begin, each value unique, each answer recorded");
        try (Stage stage = new Stage(cluster, writerCount, perWriterRate)) {
            board.table(stage::rows);
            stage.letRun(Duration.ofSeconds(3));
            DemoReport.LeaderKilled leaderKilled = killLeader(stage);
            stage.awaitWrites(1_500);
            DemoReport.Replayed replayed = restartByReplay(stage, cluster.node(leaderKilled.killed()));
            stage.letRun(Duration.ofSeconds(1));
            DemoReport.Installed installed = restartPastCompaction(stage);
            stage.letRun(Duration.ofSeconds(1));
            DemoReport.AllKilled allKilled = killAll(stage);
            stage.letRun(Duration.ofSeconds(2));
            DemoReport.Verdict verdict = judge(stage);
            return new DemoReport(
                    cluster.nodes().size(),
                    Runtime.getRuntime().availableProcessors(),
                    (System.nanoTime() - startNanos) / 1e9,
                    leaderKilled,
                    replayed,
                    installed,
                    allKilled,
                    verdict);
        }
    }

    private DemoReport.LeaderKilled killLeader(Stage stage) {
        ServerProcess leader = cluster.awaitLeader(Stage.BOUND);
        long oldTerm = stage.awaitStatus(leader).raftTerm();
        board.phase("1. kill -9 of the leader, " + leader);
        appliedAtDeath = stage.awaitStatus(leader).raftAppliedIndex();
        leader.kill();
        long faultNanos = System.nanoTime();
        ServerProcess newLeader = cluster.awaitLeaderOtherThan(leader, Stage.BOUND);
        long newLeaderNanos = System.nanoTime() - faultNanos;
        Outage outage = stage.awaitServiceSince(faultNanos);
        long newTerm = stage.awaitStatus(newLeader).raftTerm();
        board.tell("no service for " + Text.duration(outage.silenceNanos()) + "; " + newLeader + " leads term "
                + newTerm + " after " + Text.duration(newLeaderNanos));
        return DemoReport.leaderKilled(leader.name(), newLeader.name(), oldTerm, newTerm, outage, newLeaderNanos);
    }

    private DemoReport.Replayed restartByReplay(Stage stage, ServerProcess node) {
        board.phase("2. " + node + " is started again");
        long missed = startAndCountMissed(node);
        node.awaitHealthy(Stage.BOUND);
        long servingNanos = System.nanoTime() - node.startedNanos();
        long caughtUpNanos = stage.awaitCaughtUp(node);
        NodeRecovery recovery = NodeRecovery.of(node);
        board.tell(caughtUp(recovery, missed, caughtUpNanos));
        return new DemoReport.Replayed(
                node.name(), missed, DemoReport.millis(servingNanos), DemoReport.millis(caughtUpNanos), recovery);
    }

    /** Which of the two ways it was is the node's word, not ours. */
    private static String caughtUp(NodeRecovery recovery, long missed, long caughtUpNanos) {
        String how = recovery.snapshots() == 0
                ? "log replay: " + Text.count(missed, "entry", "entries") + " behind"
                : "snapshot install: " + Text.bytes(recovery.snapshotBytes()) + " in "
                        + Text.duration((long) (recovery.snapshotMillis() * 1e6));
        return "caught up by " + how + ", done " + Text.duration(caughtUpNanos) + " after its start";
    }

    /**
     * Starts a node.
     *
     * @return how many entries the others have committed since it died
     */
    private long startAndCountMissed(ServerProcess node) {
        long committed = Await.answer(
                        "the leader's commit index",
                        Stage.BOUND,
                        () -> cluster.leader().flatMap(cluster::status))
                .raftIndex();
        node.start();
        return Math.max(0, committed - appliedAtDeath);
    }

    private DemoReport.Installed restartPastCompaction(Stage stage) {
        ServerProcess follower = cluster.aFollower();
        board.phase(
                "3. kill -9 of the follower " + follower + ", down until the others' logs no longer reach back to it");
        appliedAtDeath = stage.awaitStatus(follower).raftAppliedIndex();
        follower.kill();
        stage.awaitWrites(ENTRIES_PAST_COMPACTION);
        board.tell(Text.count(ENTRIES_PAST_COMPACTION) + " writes later it is started again");
        long missed = startAndCountMissed(follower);
        long caughtUpNanos = stage.awaitCaughtUp(follower);
        NodeRecovery recovery = NodeRecovery.of(follower);
        board.tell(caughtUp(recovery, missed, caughtUpNanos));
        return new DemoReport.Installed(follower.name(), missed, DemoReport.millis(caughtUpNanos), recovery);
    }

    private DemoReport.AllKilled killAll(Stage stage) {
        board.phase("4. kill -9 of all three");
        long faultNanos = System.nanoTime();
        cluster.nodes().forEach(ServerProcess::kill);
        stage.letRun(Duration.ofMillis(500));
        long restartNanos = System.nanoTime();
        cluster.nodes().forEach(ServerProcess::start);
        board.tell("all three are started again");
        Outage outage = stage.awaitServiceSince(faultNanos);
        cluster.nodes().forEach(node -> node.awaitHealthy(Stage.BOUND));
        ServerProcess leader = cluster.awaitLeader(Stage.BOUND);
        long term = stage.awaitStatus(leader).raftTerm();
        long toService = Math.max(0, outage.silenceNanos() - (restartNanos - faultNanos));
        List<NodeRecovery> recoveries =
                cluster.nodes().stream().map(NodeRecovery::of).toList();
        board.tell(
                "first answer " + Text.duration(toService) + " after the restart; " + leader + " leads term " + term);
        recoveries.forEach(recovery -> board.tell(recovery.node() + ": " + recovery.stepsInWords()));
        return new DemoReport.AllKilled(
                DemoReport.millis(outage.silenceNanos()),
                DemoReport.millis(toService),
                leader.name(),
                term,
                recoveries);
    }

    private DemoReport.Verdict judge(Stage stage) {
        board.table(List::of);
        board.phase("The writers stop; every acknowledged write is looked for");
        Ledger ledger = stage.writers.stop();
        stage.prober.close();
        Audit audit = Audit.of(ledger, stage.client);
        List<DemoReport.MemberDigest> digests = new ArrayList<>();
        for (ServerProcess node : cluster.nodes()) {
            cluster.awaitCaughtUp(node, Stage.BOUND);
            try (AxolotlClient member = ProcessCluster.clientOf(node)) {
                StateDigest digest = StateDigest.of(member, audit.revision());
                digests.add(new DemoReport.MemberDigest(node.name(), digest.revision(), digest.keys(), digest.hex()));
            }
        }
        return new DemoReport.Verdict(audit, digests);
    }

    /** Kills what lives and keeps the servers' logs. */
    @Override
    public void close() {
        cluster.nodes().forEach(ServerProcess::kill);
        try {
            Files.createDirectories(reportFolder);
            for (ServerProcess node : cluster.nodes()) {
                if (Files.exists(node.spec().logFile())) {
                    Files.copy(
                            node.spec().logFile(),
                            reportFolder.resolve(node.name() + ".log"),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the servers' logs in " + reportFolder, e);
        }
        cluster.close();
    }
}
