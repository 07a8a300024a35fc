package io.axolotl.server.api;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.metrics.BucketHistogram;
import io.axolotl.server.metrics.ComputedCounter;
import io.axolotl.server.metrics.GaugeFamily;
import io.axolotl.server.metrics.Level;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the edge can tell of itself and of the store it reads, under etcd's names (contract F.3); what happens in between
 * is told by the pipeline. Gauges are computed when
 * they are scraped.
 *
 * <p>Safe for all threads.
 */
final class ApiMetrics {
    /** Of what goes through the whole store. */
    private static final double[] LONG_BOUNDS_SECONDS = {
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36
    };

    private final BucketHistogram rangesAnswered = new BucketHistogram();
    private final BucketHistogram rangesRefused = new BucketHistogram();
    private final BucketHistogram defragments = new BucketHistogram(LONG_BOUNDS_SECONDS);
    private final Level defragmentsRunning = new Level();
    private final BucketHistogram hashes = new BucketHistogram(LONG_BOUNDS_SECONDS);
    private final BucketHistogram hashesOfKeys = new BucketHistogram(LONG_BOUNDS_SECONDS);

    ApiMetrics(MetricRegistry registry, NodeService node, ApiLimits limits) {
        StoreReader store = new StoreReader(node::store);
        registry.register("etcd_server_range_duration_seconds{success=\"true\"}", rangesAnswered);
        registry.register("etcd_server_range_duration_seconds{success=\"false\"}", rangesRefused);
        constant(registry, "etcd_server_version{server_version=\"" + EtcdVersion.SERVER + "\"}", 1);
        constant(registry, "etcd_cluster_version{cluster_version=\"3.6\"}", 1);
        constant(registry, "etcd_server_id{server_id=\"" + node.self() + "\"}", 1);
        constant(registry, "etcd_server_quota_backend_bytes", limits.quotaBytes());
        registry.register("etcd_disk_backend_defrag_duration_seconds", defragments);
        registry.register("etcd_disk_defrag_inflight", defragmentsRunning);
        registry.register("etcd_mvcc_hash_duration_seconds", hashes);
        registry.register("etcd_mvcc_hash_rev_duration_seconds", hashesOfKeys);
        registry.register("etcd_debugging_server_alarms", new GaugeFamily(() -> alarms(store)));
        registry.register("etcd_network_known_peers", new GaugeFamily(() -> knownPeers(node, store)));
        counter(registry, "etcd_mvcc_put_total", store, s -> s.changeCounts().puts());
        counter(registry, "etcd_mvcc_delete_total", store, s -> s.changeCounts().deletes());
        gauge(
                registry,
                "etcd_debugging_mvcc_total_put_size_in_bytes",
                store,
                s -> s.changeCounts().putBytes());
        gauge(registry, "etcd_debugging_mvcc_keys_total", store, KvStateMachine::liveKeys);
        counter(
                registry,
                "etcd_debugging_lease_granted_total",
                store,
                s -> s.leases().granted());
        counter(
                registry,
                "etcd_debugging_lease_revoked_total",
                store,
                s -> s.leases().ended());
        gauge(registry, "etcd_mvcc_db_total_size_in_bytes", store, KvStateMachine::sizeBytes);
        gauge(registry, "etcd_mvcc_db_total_size_in_use_in_bytes", store, KvStateMachine::sizeInUseBytes);
        gauge(registry, "etcd_debugging_mvcc_current_revision", store, KvStateMachine::revision);
        gauge(
                registry,
                "etcd_debugging_auth_revision",
                store,
                state -> state.auth().revision());
        gauge(registry, "etcd_debugging_mvcc_compact_revision", store, KvStateMachine::compactRevision);
    }

    void rangeAnswered(long nanos) {
        rangesAnswered.recordNanos(nanos);
    }

    void rangeRefused(long nanos) {
        rangesRefused.recordNanos(nanos);
    }

    /** A defragmentation has begun; what is returned is to be run at its end. */
    Runnable defragmenting() {
        defragmentsRunning.inc();
        long startNanos = System.nanoTime();
        return () -> {
            defragmentsRunning.dec();
            defragments.recordNanos(System.nanoTime() - startNanos);
        };
    }

    void hashed(long nanos) {
        hashes.recordNanos(nanos);
    }

    void hashedKeys(long nanos) {
        hashesOfKeys.recordNanos(nanos);
    }

    private static Map<String, Integer> alarms(StoreReader store) {
        try {
            return store.read(s -> s.alarms().all().stream()
                    .collect(Collectors.toMap(
                            alarm -> "server_id=\"" + new NodeId(alarm.memberId()) + "\",alarm_type=\"" + alarm.kind()
                                    + "\"",
                            alarm -> 1)));
        } catch (RequestRefused stopping) {
            return Map.of();
        }
    }

    private static Map<String, Integer> knownPeers(NodeService node, StoreReader store) {
        try {
            return store.read(s -> s.roster().members().stream()
                    .map(member -> new NodeId(member.id()))
                    .filter(id -> !id.equals(node.self()))
                    .collect(Collectors.toMap(id -> "Local=\"" + node.self() + "\",Remote=\"" + id + "\"", id -> 1)));
        } catch (RequestRefused stopping) {
            return Map.of();
        }
    }

    private static void counter(
            MetricRegistry registry, String name, StoreReader store, Function<KvStateMachine, Long> value) {
        registry.register(name, new ComputedCounter(() -> read(store, value)));
    }

    private static long read(StoreReader store, Function<KvStateMachine, Long> value) {
        try {
            return store.read(value);
        } catch (RequestRefused stopping) {
            return 0;
        }
    }

    private static void constant(MetricRegistry registry, String name, long value) {
        registry.register(name, (Gauge<Long>) () -> value);
    }

    private static void gauge(
            MetricRegistry registry, String name, StoreReader store, Function<KvStateMachine, Long> value) {
        registry.register(name, (Gauge<Long>) () -> read(store, value));
    }
}
