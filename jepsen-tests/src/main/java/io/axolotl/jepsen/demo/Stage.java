package io.axolotl.jepsen.demo;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.StatusResult;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ProcessUse;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.Ledger;
import io.axolotl.jepsen.workload.Outage;
import io.axolotl.jepsen.workload.ServiceProber;
import io.axolotl.jepsen.workload.Writers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The running cluster under load, and the questions that the phases ask of it. The rows are safe for all threads. */
final class Stage implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(60);
    /** A follower under load is always some entries behind: this close counts as caught up (TRR of docs/recovery.md). */
    static final long CAUGHT_UP_ENTRIES = 100;

    private static final int[] WIDTHS = {-4, -9, 5, 10, 8, 9};

    final ProcessCluster cluster;
    final AxolotlClient client;
    final Writers writers;
    final ServiceProber prober;
    private final long loadStartNanos = System.nanoTime();

    Stage(ProcessCluster cluster, int writerCount, int perWriterRate) {
        this.cluster = cluster;
        this.client = AxolotlClient.builder()
                .endpoints(cluster.endpoints())
                .requestTimeout(Duration.ofSeconds(3))
                .build();
        this.writers = Writers.start(client, "demo/", writerCount, perWriterRate);
        this.prober = ServiceProber.start(cluster.endpoints(), "probe");
    }

    /** Lets the load run. */
    void letRun(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** Waits until this many more writes are acknowledged. */
    void awaitWrites(long more) {
        Ledger ledger = writers.ledger();
        long goal = ledger.acknowledged() + more;
        Await.fact(more + " more writes", BOUND, () -> ledger.acknowledged() >= goal);
    }

    StatusResult awaitStatus(ServerProcess node) {
        return Await.answer("the status of " + node, BOUND, () -> cluster.status(node));
    }

    /**
     * What a fault cost, once the service is back for good. On a machine that is busy with other things a quiet second may
     * not come: then what was seen within the bound is the answer, and says that it is not over.
     */
    Outage awaitServiceSince(long faultNanos) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        return Await.answer(
                "the end of the outage",
                BOUND.plus(BOUND),
                () -> Optional.of(prober.outageSince(faultNanos))
                        .filter(outage -> outage.isOver() || System.nanoTime() >= deadline));
    }

    /** Entries that a node still lacks; nothing while either side does not answer. */
    Optional<Long> entriesBehind(ServerProcess node) {
        Optional<StatusResult> follower = cluster.status(node);
        return follower.isEmpty()
                ? Optional.empty()
                : cluster.leader()
                        .flatMap(cluster::status)
                        .map(leader ->
                                Math.max(0, leader.raftIndex() - follower.get().raftAppliedIndex()));
    }

    /**
     * Waits until a node that was started is close to the leader.
     *
     * @return since its process was started, in nanos
     */
    long awaitCaughtUp(ServerProcess node) {
        Await.fact(
                node + " to catch up",
                BOUND,
                () -> entriesBehind(node)
                        .map(behind -> behind <= CAUGHT_UP_ENTRIES)
                        .orElse(false));
        return System.nanoTime() - node.startedNanos();
    }

    /** The table of the board. */
    List<String> rows() {
        List<String> rows = new ArrayList<>();
        rows.add("");
        rows.add("  " + Board.row(WIDTHS, "node", "state", "term", "applied", "behind", "memory"));
        List<Optional<StatusResult>> all =
                cluster.nodes().stream().map(cluster::status).toList();
        long commit = all.stream()
                .flatMap(Optional::stream)
                .mapToLong(StatusResult::raftIndex)
                .max()
                .orElse(0);
        for (int i = 0; i < all.size(); i++) {
            rows.add("  " + nodeRow(cluster.nodes().get(i), all.get(i), commit));
        }
        Ledger ledger = writers.ledger();
        long elapsed = Math.max(1, System.nanoTime() - loadStartNanos);
        rows.add("");
        rows.add("  writes acknowledged " + Text.count(ledger.acknowledged()) + ", "
                + Text.count(ledger.acknowledged() * 1_000_000_000L / elapsed) + "/s, outcome unknown "
                + Text.count(ledger.unknown()));
        long silent = prober.silentNanos();
        rows.add("  service " + (silent < 200_000_000 ? "up" : "DOWN for " + Text.duration(silent)));
        return rows;
    }

    private static String nodeRow(ServerProcess node, Optional<StatusResult> status, long commit) {
        if (!node.isAlive()) {
            return Board.row(WIDTHS, node, "down", "-", "-", "-", "-");
        }
        String memory =
                node.use().map(ProcessUse::residentBytes).map(Text::bytes).orElse("-");
        return status.map(known -> Board.row(
                        WIDTHS,
                        node,
                        known.isLeader() ? "leader" : known.leaderId() == 0 ? "no leader" : "follower",
                        known.raftTerm(),
                        known.raftAppliedIndex(),
                        Math.max(0, commit - known.raftAppliedIndex()),
                        memory))
                .orElseGet(() -> Board.row(WIDTHS, node, "starting", "-", "-", "-", memory));
    }

    @Override
    public void close() {
        writers.close();
        prober.close();
        client.close();
    }
}
