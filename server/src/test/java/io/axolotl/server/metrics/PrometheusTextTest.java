package io.axolotl.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
    private static final Pattern SAMPLE = Pattern.compile(
            "[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[a-zA-Z_]\\w*=\"[^\"\\\\]*\"(,[a-zA-Z_]\\w*=\"[^\"\\\\]*\")*})?"
                    + " (NaN|[+-]Inf|-?[0-9.]+)");

    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void countersAndGaugesKeepTheirTypesAndLabels() {
        registry.counter("calls_total{code=\"OK\",method=\"Put\"}").inc(3);
        registry.counter("calls_total{code=\"OK\",method=\"Range\"}").inc(4);
        registry.register("etcd_server_has_leader", (Gauge<Integer>) () -> 1);
        registry.register("ratio", (Gauge<Double>) () -> 0.000001);
        registry.register("broken", (Gauge<Double>) () -> Double.NaN);
        registry.register("words", (Gauge<String>) () -> "no number");

        assertThat(PrometheusText.of(registry)).isEqualTo("""
                        # TYPE broken gauge
                        broken NaN
                        # TYPE calls_total counter
                        calls_total{code="OK",method="Put"} 3
                        calls_total{code="OK",method="Range"} 4
                        # HELP etcd_server_has_leader Whether this member knows a leader: 1 yes, 0 no.
                        # TYPE etcd_server_has_leader gauge
                        etcd_server_has_leader 1
                        # TYPE ratio gauge
                        ratio 0.000001
                        """);
    }

    @Test
    void histogramsAreCumulativeAndEndInInfinity() {
        BucketHistogram histogram = new BucketHistogram(new double[] {0.001, 0.002});
        registry.register("sync_seconds{disk=\"a\"}", histogram);
        histogram.recordNanos(1_000_000);
        histogram.recordNanos(1_500_000);
        histogram.recordNanos(9_000_000);

        assertThat(PrometheusText.of(registry)).isEqualTo("""
                        # TYPE sync_seconds histogram
                        sync_seconds_bucket{disk="a",le="0.001"} 1
                        sync_seconds_bucket{disk="a",le="0.002"} 2
                        sync_seconds_bucket{disk="a",le="+Inf"} 3
                        sync_seconds_sum{disk="a"} 0.0115
                        sync_seconds_count{disk="a"} 3
                        """);
    }

    @Test
    void everyLineOfAFullRegistryIsWellFormedAndNoFamilyAppearsTwice() {
        ProcessMetrics.register(registry);
        registry.register("etcd_disk_wal_fsync_duration_seconds", new BucketHistogram());

        Set<String> families = new HashSet<>();
        for (String line : PrometheusText.of(registry).lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                assertThat(families.add(line.split(" ", -1)[2])).as(line).isTrue();
            } else if (!line.startsWith("# HELP ")) {
                assertThat(line).matches(SAMPLE);
            }
        }
        assertThat(families)
                .contains(
                        "process_cpu_seconds_total",
                        "process_resident_memory_bytes",
                        "process_open_fds",
                        "process_max_fds",
                        "process_start_time_seconds",
                        "go_goroutines",
                        "jvm_memory_heap_used");
    }
}
