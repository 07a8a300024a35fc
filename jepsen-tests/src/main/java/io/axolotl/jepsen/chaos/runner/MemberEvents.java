package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.nemesis.Scene;
import io.axolotl.jepsen.process.MetricsPage;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.workload.StatusWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sees what becomes of the members: who leads, whose process ends and begins, and when it has caught up. A process that ends by itself
 * while no fault gives it a reason is on record, and is started again, as whoever runs servers would.
 *
 * <p>Safe for all threads.
 */
final class MemberEvents implements AutoCloseable {
    private static final long PERIOD_NANOS = 10_000_000;
    private static final Duration PAGE_BOUND = Duration.ofMillis(500);
    /** What a member has got is counted so often while it keeps up; shorter, for nobody else is looked at meanwhile. */
    private static final long COUNT_NANOS = 1_000_000_000;

    private static final Duration COUNT_BOUND = Duration.ofMillis(100);
    /** As close as redundancy asks for. */
    private static final long CLOSE_ENTRIES = 100;
    /** Far above the period in which members are asked. */
    private static final long SILENCE_NANOS = 300_000_000;

    private final ProcessCluster cluster;
    private final long originNanos;
    private final StatusWatch statuses = StatusWatch.start();
    private final List<ClusterEvent> events = new ArrayList<>();
    private final List<String> unexplained = new ArrayList<>();
    private final Map<Integer, Long> pids = new HashMap<>();
    private final Map<Integer, Boolean> catchingUp = new HashMap<>();
    private final Map<Integer, Long> terms = new HashMap<>();
    private final Map<Integer, Boolean> leading = new HashMap<>();
    private final Map<Integer, CatchUpTally> tallies = new HashMap<>();
    private final Map<Integer, Long> countedNanos = new HashMap<>();
    private final Thread thread = new Thread(this::watch, "member-events");
    private long leadingTerm;
    private volatile @Nullable Scene scene;
    private volatile @Nullable String blindness;
    private volatile boolean stopping;

    private MemberEvents(ProcessCluster cluster, long originNanos) {
        this.cluster = cluster;
        this.originNanos = originNanos;
    }

    /** Begins to watch a cluster that serves. */
    static MemberEvents start(ProcessCluster cluster, long originNanos) {
        MemberEvents seen = new MemberEvents(cluster, originNanos);
        cluster.nodes().forEach(node -> seen.statuses.add(node.name(), node.clientUrl()));
        seen.thread.setDaemon(true);
        seen.thread.start();
        return seen;
    }

    /** From now on processes may end if faults give them a reason. */
    void explainedBy(Scene faults) {
        scene = faults;
    }

    private void watch() {
        while (!stopping) {
            try {
                look();
            } catch (RuntimeException e) {
                blindness = "the watch over the members broke: " + e;
            }
            LockSupport.parkNanos(PERIOD_NANOS);
        }
    }

    private void look() {
        for (int number = 0; number < cluster.nodes().size(); number++) {
            ServerProcess node = cluster.nodes().get(number);
            process(number, node);
            int member = number;
            statuses.latest(node.name()).ifPresent(sample -> status(member, sample));
        }
    }

    private void status(int number, StatusWatch.Sample sample) {
        Long term = terms.put(number, sample.term());
        if (term != null && sample.term() > term) {
            add(sample.nanos(), number, "election", "term " + sample.term(), 0);
        }
        boolean leads = sample.leaderId() == sample.memberId();
        if (leads && sample.term() > leadingTerm) {
            leadingTerm = sample.term();
            add(sample.nanos(), number, "leader", "leads in term " + sample.term(), 0);
        }
        if (Boolean.TRUE.equals(leading.put(number, leads)) && !leads) {
            add(sample.nanos(), number, "step-down", "leads no more", 0);
        }
        if (isBehind(sample)) {
            catchingUp.put(number, true);
        } else if (catchingUp.getOrDefault(number, false)) {
            caughtUp(number, sample);
        } else if (System.nanoTime() - countedNanos.getOrDefault(number, Long.MIN_VALUE / 2) > COUNT_NANOS) {
            // What it has got beside the others is not for catching up; but a snapshot is told of.
            Optional<CatchUpTally.Told> unused = count(number, COUNT_BOUND, System.nanoTime());
        }
    }

    /** What a member has got since it was last asked. */
    private Optional<CatchUpTally.Told> count(int number, Duration bound, long atNanos) {
        ServerProcess node = cluster.nodes().get(number);
        CatchUpTally tally = tallies.computeIfAbsent(number, unused -> new CatchUpTally());
        Optional<CatchUpTally.Told> told =
                node.get("/metrics", bound).map(MetricsPage::parse).map(tally::since);
        countedNanos.put(number, System.nanoTime());
        told.filter(CatchUpTally.Told::isBySnapshot)
                .ifPresent(got -> add(
                        atNanos, number, "snapshot-install", node.name() + " has got a snapshot", got.snapshotBytes()));
        return told;
    }

    /** A member that knows no leader, lacks entries, or has not answered lately. */
    private boolean isBehind(StatusWatch.Sample sample) {
        long commit = cluster.nodes().stream()
                .flatMap(node -> statuses.latest(node.name()).stream())
                .mapToLong(StatusWatch.Sample::commitIndex)
                .max()
                .orElse(0);
        return sample.leaderId() == 0
                || commit - sample.appliedIndex() > CLOSE_ENTRIES
                || System.nanoTime() - sample.nanos() > SILENCE_NANOS;
    }

    private void process(int number, ServerProcess node) {
        long pid = node.isAlive() ? node.pid() : 0;
        long before = pids.getOrDefault(number, 0L);
        if (pid == before) {
            return;
        }
        if (before != 0) {
            ended(number, node, before, pid);
        }
        if (pid != 0) {
            add(node.startedNanos(), number, "start", node.name() + " starts", 0);
            catchingUp.put(number, true);
            terms.remove(number);
            leading.remove(number);
            tallies.put(number, new CatchUpTally());
        }
        pids.put(number, pid);
    }

    private void ended(int number, ServerProcess node, long ended, long successor) {
        Scene faults = scene;
        boolean isExplained = faults != null && faults.isExcused(ended);
        String code = successor == 0 && node.hasRun()
                ? " with exit code " + node.exitCode().orElse(-1)
                : "";
        String what = node.name() + " has ended" + code + (isExplained ? "" : " by itself");
        add(System.nanoTime(), number, "exit", what, 0);
        if (!isExplained) {
            synchronized (unexplained) {
                unexplained.add(what + lastWords(node));
            }
            // Who has the node to itself starts it by itself.
            if (successor == 0 && (faults == null || !faults.isHeld(number))) {
                restart(node);
            }
        }
    }

    private static void restart(ServerProcess node) {
        try {
            node.start();
        } catch (IllegalStateException e) {
            // A fault that undoes itself was faster.
            System.err.println(e.getMessage());
        }
    }

    private static String lastWords(ServerProcess node) {
        List<String> lines = node.log().lines().filter(line -> !line.isBlank()).toList();
        Optional<String> reason = lines.stream()
                .filter(line -> line.contains("this node stops") || line.contains("panic:") || line.contains("ERROR"))
                .findFirst();
        return ": " + reason.orElse(lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1));
    }

    private void caughtUp(int number, StatusWatch.Sample sample) {
        ServerProcess node = cluster.nodes().get(number);
        if (sample.askedNanos() < node.startedNanos()) {
            return;
        }
        catchingUp.put(number, false);
        Optional<CatchUpTally.Told> told = count(number, PAGE_BOUND, sample.nanos());
        String way = told.map(got -> got.isBySnapshot() ? " by a snapshot" : " by its log")
                .orElse(ClusterEvent.UNTOLD);
        add(
                sample.nanos(),
                number,
                "caught-up",
                node.name() + " has caught up" + way,
                told.map(CatchUpTally.Told::messageBytes).orElse(0L));
    }

    private void add(long atNanos, int member, String kind, String detail, long bytes) {
        synchronized (events) {
            events.add(new ClusterEvent(atNanos - originNanos, member, kind, detail, bytes));
        }
    }

    /** What was seen so far. */
    List<ClusterEvent> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /** Processes that ended without a fault that gave them a reason, with their last words. */
    List<String> unexplainedEnds() {
        synchronized (unexplained) {
            return List.copyOf(unexplained);
        }
    }

    /** Why not all was seen, if so. */
    Optional<String> blindness() {
        return Optional.ofNullable(blindness);
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        statuses.close();
    }
}
