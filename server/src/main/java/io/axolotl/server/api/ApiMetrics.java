package io.axolotl.server.api;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.metrics.BucketHistogram;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.function.Function;

/**
 * What the edge can tell of itself and of the store it reads, under etcd's names (contract F.3); what happens in between
 * is told by the pipeline. Gauges are computed when
 * they are scraped.
 *
 * <p>Safe for all threads.
 */
final class ApiMetrics {
    private final BucketHistogram rangesAnswered = new BucketHistogram();
    private final BucketHistogram rangesRefused = new BucketHistogram();

    ApiMetrics(MetricRegistry registry, NodeService node, ApiLimits limits) {
        StoreReader store = new StoreReader(node::store);
        registry.register("etcd_server_range_duration_seconds{success=\"true\"}", rangesAnswered);
        registry.register("etcd_server_range_duration_seconds{success=\"false\"}", rangesRefused);
        constant(registry, "etcd_server_version{server_version=\"" + EtcdVersion.SERVER + "\"}", 1);
        constant(registry, "etcd_cluster_version{cluster_version=\"3.6\"}", 1);
        constant(registry, "etcd_server_id{server_id=\"" + node.self() + "\"}", 1);
        constant(registry, "etcd_server_quota_backend_bytes", limits.quotaBytes());
        gauge(registry, "etcd_mvcc_db_total_size_in_bytes", store, KvStateMachine::sizeBytes);
        gauge(registry, "etcd_mvcc_db_total_size_in_use_in_bytes", store, KvStateMachine::sizeInUseBytes);
        gauge(registry, "etcd_debugging_mvcc_current_revision", store, KvStateMachine::revision);
        gauge(registry, "etcd_debugging_mvcc_compact_revision", store, KvStateMachine::compactRevision);
    }

    void rangeAnswered(long nanos) {
        rangesAnswered.recordNanos(nanos);
    }

    void rangeRefused(long nanos) {
        rangesRefused.recordNanos(nanos);
    }

    private static void constant(MetricRegistry registry, String name, long value) {
        registry.register(name, (Gauge<Long>) () -> value);
    }

    private static void gauge(
            MetricRegistry registry, String name, StoreReader store, Function<KvStateMachine, Long> value) {
        registry.register(name, (Gauge<Long>) () -> {
            try {
                return store.read(value);
            } catch (RequestRefused stopping) {
                return 0L;
            }
        });
    }
}
