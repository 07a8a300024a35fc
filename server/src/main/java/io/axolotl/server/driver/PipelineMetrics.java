package io.axolotl.server.driver;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.metrics.BucketHistogram;
import io.axolotl.server.metrics.ComputedCounter;
import io.axolotl.server.metrics.Level;
import io.axolotl.server.peer.PeerObserver;
import io.axolotl.storage.command.CommandResult;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every metric of the pipeline and the peers, in one table. Where etcd has a metric of the same meaning it has etcd's name
 * (contract F.3), so dashboards and alerts work unchanged; all others begin with {@code axolotl_}.
 *
 * <p>A metric with labels is registered under its name and its labels as Prometheus writes them, {@code
 * name{To="2f"}}, which the exporter takes apart again.
 *
 * <p>Safe for all threads.
 */
public final class PipelineMetrics implements PeerObserver {
    private static final String HAS_LEADER = "etcd_server_has_leader";
    private static final String IS_LEADER = "etcd_server_is_leader";
    private static final String IS_LEARNER = "etcd_server_is_learner";
    private static final String LEADER_CHANGES = "etcd_server_leader_changes_seen_total";
    private static final String PROPOSALS_COMMITTED = "etcd_server_proposals_committed_total";
    private static final String PROPOSALS_APPLIED = "etcd_server_proposals_applied_total";
    private static final String PROPOSALS_PENDING = "etcd_server_proposals_pending";
    private static final String PROPOSALS_FAILED = "etcd_server_proposals_failed_total";
    private static final String SLOW_APPLIES = "etcd_server_slow_apply_total";
    private static final String SLOW_READ_INDEXES = "etcd_server_slow_read_indexes_total";
    private static final String READ_INDEXES_FAILED = "etcd_server_read_indexes_failed_total";
    private static final String SNAPSHOT_APPLY_IN_PROGRESS = "etcd_server_snapshot_apply_in_progress_total";
    private static final String WAL_WRITE = "etcd_disk_wal_write_duration_seconds";
    private static final String WAL_SYNC = "etcd_disk_wal_fsync_duration_seconds";
    private static final String WAL_WRITE_BYTES = "etcd_disk_wal_write_bytes_total";
    private static final String SNAPSHOT_SAVE = "etcd_snap_db_save_total_duration_seconds";
    private static final String PEER_SENT_BYTES = "etcd_network_peer_sent_bytes_total";
    private static final String PEER_SENT_FAILURES = "etcd_network_peer_sent_failures_total";
    private static final String PEER_RECEIVED_BYTES = "etcd_network_peer_received_bytes_total";
    private static final String PEER_RECEIVED_FAILURES = "etcd_network_peer_received_failures_total";
    private static final String PEER_ROUND_TRIP = "etcd_network_peer_round_trip_time_seconds";
    private static final String ACTIVE_PEERS = "etcd_network_active_peers";
    private static final String DISCONNECTED_PEERS = "etcd_network_disconnected_peers_total";
    private static final String SNAPSHOT_SEND_INFLIGHT = "etcd_network_snapshot_send_inflights_total";
    private static final String SNAPSHOT_SEND_SUCCESS = "etcd_network_snapshot_send_success";
    private static final String SNAPSHOT_SEND_FAILURES = "etcd_network_snapshot_send_failures";
    private static final String SNAPSHOT_SEND_TIME = "etcd_network_snapshot_send_total_duration_seconds";
    private static final String SNAPSHOT_RECEIVE_INFLIGHT = "etcd_network_snapshot_receive_inflights_total";
    private static final String SNAPSHOT_RECEIVE_SUCCESS = "etcd_network_snapshot_receive_success";
    private static final String SNAPSHOT_RECEIVE_FAILURES = "etcd_network_snapshot_receive_failures";
    private static final String SNAPSHOT_RECEIVE_TIME = "etcd_network_snapshot_receive_total_duration_seconds";

    private static final String QUEUE_WAIT = "axolotl_driver_queue_wait_seconds";
    private static final String LOG_READ = "axolotl_driver_log_read_seconds";
    private static final String QUEUE_DEPTH = "axolotl_driver_queue_depth";
    private static final String QUEUE_BYTES = "axolotl_driver_queue_bytes";
    private static final String PENDING_BYTES = "axolotl_proposals_pending_bytes";
    private static final String HARD_STATE_WRITE = "axolotl_hard_state_write_seconds";
    private static final String APPLY_RUN = "axolotl_apply_run_seconds";
    private static final String BACKEND_COMMIT = "etcd_disk_backend_commit_duration_seconds";
    private static final String APPLY_RUN_ENTRIES = "axolotl_apply_entries_total";
    private static final String APPLY_LAG = "axolotl_apply_lag_entries";
    private static final String READ_BARRIER = "axolotl_read_barrier_seconds";
    private static final String OLDEST_DISK_OPERATION = "axolotl_disk_oldest_running_seconds";
    private static final String LOG_BYTES = "axolotl_log_bytes";
    private static final String LEASE_RENEWALS = "etcd_debugging_lease_renewed_total";
    private static final String LEASE_EXPIRIES = "etcd_debugging_server_lease_expired_total";
    private static final String PEERS_REFUSED = "axolotl_peers_refused_total";
    private static final String PROPOSALS_REFUSED = "axolotl_proposals_refused_total";
    private static final String INPUTS_DROPPED = "axolotl_inputs_dropped_total";
    private static final String DIGEST_CHECKS = "axolotl_digest_checks_total";
    private static final String DISK_FREE_BYTES = "axolotl_disk_free_bytes";
    private static final String DISK_SHORTAGE = "axolotl_disk_shortage";
    private static final String DISTRUSTED = "axolotl_state_in_doubt";
    private static final String QUARANTINES = "axolotl_quarantines_total";
    private static final String SNAPSHOT_SEND_BYTES = "axolotl_snapshot_send_bytes_total";
    private static final String SNAPSHOT_RECEIVE_BYTES = "axolotl_snapshot_receive_bytes_total";
    private static final String RECOVERY_STEP = "axolotl_recovery_step_seconds";
    private static final String EMBARGO = "axolotl_log_loss_pending";
    private static final String RECOVERY_ENTRIES = "axolotl_recovery_caught_up_entries";

    /** Round trips start far below a disk's first bucket. */
    private static final double[] NETWORK_BOUNDS_SECONDS = {
        0.00005, 0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128, 0.0256, 0.0512, 0.1024, 0.2048, 0.4096,
        0.8192, 1.6384, 3.2768
    };

    /** etcd calls an apply slow from 100 ms, and a read index from an election timeout; one bound serves both here. */
    private static final long SLOW_APPLY_NANOS = 100_000_000L;

    private static final long SLOW_READ_NANOS = 1_000_000_000L;

    private volatile boolean isLossPending;
    private final MetricRegistry registry;
    private final NodeId self;
    private final BucketHistogram queueWait;
    private final BucketHistogram logRead;
    private final BucketHistogram walWrite;
    private final BucketHistogram walSync;
    private final BucketHistogram hardStateWrite;
    private final BucketHistogram applyRun;
    private final BucketHistogram readBarrier;
    private final BucketHistogram snapshotSave;
    private final Counter leaderChanges;
    private final Counter proposalsFailed;
    private final Counter slowApplies;
    private final Counter slowReads;
    private final Counter readsFailed;
    private final Level walBytes;
    private final Counter appliedEntries;
    private final Level snapshotInstalls;
    private final Counter peersRefused;
    private final Counter inputsDropped;
    private final Map<Refused, Counter> proposalsRefused = new EnumMap<>(Refused.class);
    private final Counter digestsEqual;
    private final Counter digestsDifferent;
    private final Counter digestsTooOld;
    private final Counter quarantines;
    private volatile boolean isDistrusted;
    private volatile long diskFreeBytes;
    private volatile long diskShortage;
    private final Map<NodeId, PeerFigures> peers = new ConcurrentHashMap<>();

    /** Why a proposal was not taken, or not proposed. */
    enum Refused {
        /** As many as may be wait for their result. */
        PENDING,
        /** What is committed is applied too late. */
        APPLY_LAG,
        /** The driver's queue is full. */
        QUEUE,
        /** The leader, this node, has too much that is not committed. */
        UNCOMMITTED,
        /** The leader, another node, says so. */
        LEADER_BUSY,
        /** Its caller had gone before it was proposed. */
        ABANDONED
    }

    /** What is measured per peer. */
    private record PeerFigures(
            BucketHistogram roundTrip,
            Counter sentBytes,
            Counter sentFailures,
            Counter receivedBytes,
            Counter receivedFailures,
            Level active,
            Counter disconnected,
            Level snapshotSends,
            Counter snapshotSent,
            Counter snapshotSendFailures,
            BucketHistogram snapshotSendTime,
            Counter snapshotSendBytes,
            Level snapshotReceives,
            Counter snapshotReceived,
            Counter snapshotReceiveFailures,
            BucketHistogram snapshotReceiveTime,
            Counter snapshotReceiveBytes) {}

    /** @param peers whose metrics exist from the start, with nothing counted */
    public PipelineMetrics(MetricRegistry registry, NodeId self, Set<NodeId> peers) {
        this.registry = registry;
        this.self = self;
        this.queueWait = histogram(QUEUE_WAIT);
        this.logRead = histogram(LOG_READ);
        this.walWrite = histogram(WAL_WRITE);
        this.walSync = histogram(WAL_SYNC);
        this.hardStateWrite = histogram(HARD_STATE_WRITE);
        this.applyRun = histogram(APPLY_RUN);
        // What etcd commits to its backend at intervals is written here with every run.
        registry.register(BACKEND_COMMIT, applyRun);
        this.readBarrier = histogram(READ_BARRIER);
        this.snapshotSave = histogram(SNAPSHOT_SAVE);
        this.digestsEqual = registry.counter(DIGEST_CHECKS + "{result=\"equal\"}");
        this.digestsDifferent = registry.counter(DIGEST_CHECKS + "{result=\"different\"}");
        this.digestsTooOld = registry.counter(DIGEST_CHECKS + "{result=\"too_old\"}");
        this.quarantines = registry.counter(QUARANTINES);
        this.leaderChanges = registry.counter(LEADER_CHANGES);
        this.proposalsFailed = registry.counter(PROPOSALS_FAILED);
        this.slowApplies = registry.counter(SLOW_APPLIES);
        this.slowReads = registry.counter(SLOW_READ_INDEXES);
        this.readsFailed = registry.counter(READ_INDEXES_FAILED);
        this.walBytes = registry.register(WAL_WRITE_BYTES, new Level());
        this.appliedEntries = registry.counter(APPLY_RUN_ENTRIES);
        this.snapshotInstalls = registry.register(SNAPSHOT_APPLY_IN_PROGRESS, new Level());
        this.peersRefused = registry.counter(PEERS_REFUSED);
        this.inputsDropped = registry.counter(INPUTS_DROPPED);
        for (Refused why : Refused.values()) {
            proposalsRefused.put(
                    why,
                    registry.counter(
                            PROPOSALS_REFUSED + "{reason=\"" + why.name().toLowerCase(Locale.ROOT) + "\"}"));
        }
        peers.forEach(this::figures);
    }

    /** What can be asked at any time instead of being counted. All are called from scraping threads. */
    interface Gauges {
        boolean hasLeader();

        boolean isLeader();

        boolean isLearner();

        long commitIndex();

        long appliedIndex();

        long pendingProposals();

        long pendingProposalBytes();

        long driverQueueDepth();

        long driverQueueBytes();

        long oldestDiskOperationNanos();

        long logBytes();

        long leaseRenewals();

        long leaseExpiries();
    }

    void register(Gauges gauges) {
        gauge(HAS_LEADER, () -> gauges.hasLeader() ? 1 : 0);
        gauge(IS_LEADER, () -> gauges.isLeader() ? 1 : 0);
        gauge(IS_LEARNER, () -> gauges.isLearner() ? 1 : 0);
        gauge(PROPOSALS_COMMITTED, gauges::commitIndex);
        gauge(PROPOSALS_APPLIED, gauges::appliedIndex);
        gauge(PROPOSALS_PENDING, gauges::pendingProposals);
        gauge(PENDING_BYTES, gauges::pendingProposalBytes);
        gauge(QUEUE_DEPTH, gauges::driverQueueDepth);
        gauge(QUEUE_BYTES, gauges::driverQueueBytes);
        gauge(APPLY_LAG, () -> Math.max(0, gauges.commitIndex() - gauges.appliedIndex()));
        gauge(OLDEST_DISK_OPERATION, () -> gauges.oldestDiskOperationNanos() / 1e9);
        gauge(LOG_BYTES, gauges::logBytes);
        registry.register(LEASE_RENEWALS, new ComputedCounter(gauges::leaseRenewals));
        registry.register(LEASE_EXPIRIES, new ComputedCounter(gauges::leaseExpiries));
        gauge(DISTRUSTED, () -> isDistrusted ? 1 : 0);
        gauge(EMBARGO, () -> isLossPending ? 1 : 0);
    }

    /** How long a step of the recovery took; kept for the life of the process. */
    public void recoveryStep(String step, long nanos) {
        gauge(labelled(RECOVERY_STEP, "step", step), () -> nanos / 1e9);
    }

    /** How long it took to catch up with the others after a start, and by how many entries. */
    public void caughtUp(long nanos, long entries) {
        recoveryStep("catch up with the others", nanos);
        gauge(RECOVERY_ENTRIES, () -> entries);
    }

    /** Whether this member stands back from elections, until the others have made up for damage to its log. */
    void embargo(boolean isPending) {
        isLossPending = isPending;
    }

    void queueWaited(long nanos) {
        queueWait.recordNanos(nanos);
    }

    /** The driver has read entries from the log on disk. */
    void logRead(long nanos) {
        logRead.recordNanos(nanos);
    }

    void appended(long nanos, long bytes) {
        walWrite.recordNanos(nanos);
        walBytes.inc(bytes);
    }

    void synced(long nanos) {
        walSync.recordNanos(nanos);
    }

    void hardStateWritten(long nanos) {
        hardStateWrite.recordNanos(nanos);
    }

    void applied(int entries, long nanos) {
        applyRun.recordNanos(nanos);
        appliedEntries.inc(entries);
        if (nanos > SLOW_APPLY_NANOS) {
            slowApplies.inc();
        }
    }

    void readsServed(int count, long nanos) {
        readBarrier.recordNanos(nanos);
        if (nanos > SLOW_READ_NANOS) {
            slowReads.inc(count);
        }
    }

    void readsFailed(int count) {
        readsFailed.inc(count);
    }

    void proposalFailed() {
        proposalsFailed.inc();
    }

    void proposalRefused(Refused why) {
        Counter counter = proposalsRefused.get(why);
        if (counter != null) {
            counter.inc();
        }
    }

    void leaderChanged() {
        leaderChanges.inc();
    }

    void inputDropped() {
        inputsDropped.inc();
    }

    void digestChecked(CommandResult.DigestChecked check) {
        if (check.own() == null) {
            digestsTooOld.inc();
        } else {
            (check.isDifferent() ? digestsDifferent : digestsEqual).inc();
        }
    }

    /** @param shortage 0 for ample room, 1 for low, 2 for none */
    void diskSpace(long freeBytes, long shortage) {
        diskFreeBytes = freeBytes;
        diskShortage = shortage;
    }

    /** Shows what {@link #diskSpace} is told. */
    void registerDiskSpace() {
        gauge(DISK_FREE_BYTES, () -> diskFreeBytes);
        gauge(DISK_SHORTAGE, () -> diskShortage);
    }

    /** Whether the state is in doubt from now on. */
    void distrusted(boolean itIs) {
        isDistrusted = itIs;
    }

    void quarantined() {
        quarantines.inc();
    }

    void snapshotSaved(long nanos) {
        snapshotSave.recordNanos(nanos);
    }

    void snapshotInstallStarted() {
        snapshotInstalls.inc();
    }

    void snapshotInstallEnded() {
        snapshotInstalls.dec();
    }

    @Override
    public void roundTrip(NodeId to, long nanos) {
        figures(to).roundTrip.recordNanos(nanos);
    }

    @Override
    public void sent(NodeId to, long bytes) {
        figures(to).sentBytes.inc(bytes);
    }

    @Override
    public void received(NodeId from, long bytes) {
        figures(from).receivedBytes.inc(bytes);
    }

    @Override
    public void dropped(NodeId to) {
        figures(to).sentFailures.inc();
    }

    @Override
    public void connected(NodeId to) {
        figures(to).active.inc();
    }

    @Override
    public void disconnected(NodeId to) {
        PeerFigures figures = figures(to);
        figures.active.dec();
        figures.disconnected.inc();
    }

    @Override
    public void refused(String reason) {
        peersRefused.inc();
    }

    @Override
    public void damaged(NodeId from) {
        figures(from).receivedFailures.inc();
    }

    @Override
    public void snapshotSendStarted(NodeId to) {
        figures(to).snapshotSends.inc();
    }

    @Override
    public void snapshotSendEnded(NodeId to, boolean isDone, long bytes, long nanos) {
        PeerFigures figures = figures(to);
        figures.snapshotSends.dec();
        (isDone ? figures.snapshotSent : figures.snapshotSendFailures).inc();
        figures.snapshotSendTime.recordNanos(nanos);
        figures.snapshotSendBytes.inc(bytes);
    }

    @Override
    public void snapshotReceiveStarted(NodeId from) {
        figures(from).snapshotReceives.inc();
    }

    @Override
    public void snapshotReceiveEnded(NodeId from, boolean isDone, long bytes, long nanos) {
        PeerFigures figures = figures(from);
        figures.snapshotReceives.dec();
        (isDone ? figures.snapshotReceived : figures.snapshotReceiveFailures).inc();
        figures.snapshotReceiveTime.recordNanos(nanos);
        figures.snapshotReceiveBytes.inc(bytes);
    }

    /** Its figures go with it: ids are never used again, so they would only gather (pitfall 64). */
    @Override
    public void forgotten(NodeId peer) {
        String id = peer.toString();
        List<String> ends = List.of(labelled("", "To", id), labelled("", "From", id), remote("", id));
        // As one with their making: a name that is still taken could not be registered again.
        peers.computeIfPresent(peer, (key, figures) -> {
            registry.removeMatching((name, metric) -> ends.stream().anyMatch(name::endsWith));
            return null;
        });
    }

    private PeerFigures figures(NodeId peer) {
        return peers.computeIfAbsent(peer, this::newFigures);
    }

    private PeerFigures newFigures(NodeId peer) {
        String id = peer.toString();
        return new PeerFigures(
                registry.register(labelled(PEER_ROUND_TRIP, "To", id), new BucketHistogram(NETWORK_BOUNDS_SECONDS)),
                registry.counter(labelled(PEER_SENT_BYTES, "To", id)),
                registry.counter(labelled(PEER_SENT_FAILURES, "To", id)),
                registry.counter(labelled(PEER_RECEIVED_BYTES, "From", id)),
                registry.counter(labelled(PEER_RECEIVED_FAILURES, "From", id)),
                registry.register(remote(ACTIVE_PEERS, id), new Level()),
                registry.counter(remote(DISCONNECTED_PEERS, id)),
                registry.register(labelled(SNAPSHOT_SEND_INFLIGHT, "To", id), new Level()),
                registry.counter(labelled(SNAPSHOT_SEND_SUCCESS, "To", id)),
                registry.counter(labelled(SNAPSHOT_SEND_FAILURES, "To", id)),
                histogram(labelled(SNAPSHOT_SEND_TIME, "To", id)),
                registry.counter(labelled(SNAPSHOT_SEND_BYTES, "To", id)),
                registry.register(labelled(SNAPSHOT_RECEIVE_INFLIGHT, "From", id), new Level()),
                registry.counter(labelled(SNAPSHOT_RECEIVE_SUCCESS, "From", id)),
                registry.counter(labelled(SNAPSHOT_RECEIVE_FAILURES, "From", id)),
                histogram(labelled(SNAPSHOT_RECEIVE_TIME, "From", id)),
                registry.counter(labelled(SNAPSHOT_RECEIVE_BYTES, "From", id)));
    }

    private String remote(String name, String id) {
        return name + "{Local=\"" + self + "\",Remote=\"" + id + "\"}";
    }

    private static String labelled(String name, String label, String value) {
        return name + "{" + label + "=\"" + value + "\"}";
    }

    private BucketHistogram histogram(String name) {
        return registry.register(name, new BucketHistogram());
    }

    private void gauge(String name, Gauge<Number> gauge) {
        registry.register(name, gauge);
    }
}
