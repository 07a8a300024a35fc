package io.axolotl.server.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jvm.BufferPoolMetricSet;
import com.codahale.metrics.jvm.GarbageCollectorMetricSet;
import com.codahale.metrics.jvm.MemoryUsageGaugeSet;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process as the operating system and the JVM see it, under the names that every Prometheus client uses, so that
 * etcd's dashboards and {@code etcdctl check datascale} find them.
 */
public final class ProcessMetrics {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMetrics() {}

    /** Adds what this platform offers; all is computed when it is scraped. */
    public static void register(MetricRegistry registry) {
        long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
        registry.register("process_start_time_seconds", (Gauge<Double>) () -> startMillis / 1000.0);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            registry.register("process_open_fds", (Gauge<Long>) os::getOpenFileDescriptorCount);
            registry.register("process_max_fds", (Gauge<Long>) os::getMaxFileDescriptorCount);
            registry.register("os_fd_used", (Gauge<Long>) os::getOpenFileDescriptorCount);
            registry.register("os_fd_limit", (Gauge<Long>) os::getMaxFileDescriptorCount);
            registry.register("process_cpu_seconds_total", new ComputedCounter(() -> os.getProcessCpuTime() / 1e9));
        }
        if (Files.isReadable(STATUS)) {
            registry.register("process_resident_memory_bytes", (Gauge<Long>) () -> statusBytes("VmRSS:"));
            registry.register("process_virtual_memory_bytes", (Gauge<Long>) () -> statusBytes("VmSize:"));
        }
        registry.register("go_goroutines", (Gauge<Integer>)
                () -> ManagementFactory.getThreadMXBean().getThreadCount());
        registry.registerAll("jvm_memory", new MemoryUsageGaugeSet());
        registry.registerAll("jvm_gc", new GarbageCollectorMetricSet());
        registry.registerAll("jvm_buffers", new BufferPoolMetricSet(ManagementFactory.getPlatformMBeanServer()));
    }

    /** A line such as {@code VmRSS:   123456 kB}. */
    private static long statusBytes(String field) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(field)) {
                    return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + STATUS, e);
        }
    }
}
