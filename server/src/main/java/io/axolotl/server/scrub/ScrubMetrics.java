package io.axolotl.server.scrub;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;

/**
 * What the scrub tells of itself.
 *
 * <p>Safe for all threads.
 */
public final class ScrubMetrics {
    private final Counter bytes;
    private final Counter passes;
    private final Counter damages;
    private volatile double lastPassSeconds;

    public ScrubMetrics(MetricRegistry registry) {
        bytes = registry.counter("axolotl_scrub_bytes_total");
        passes = registry.counter("axolotl_scrub_passes_total");
        damages = registry.counter("axolotl_scrub_damage_found_total");
        registry.register("axolotl_scrub_last_pass_timestamp_seconds", (Gauge<Double>) () -> lastPassSeconds);
    }

    void read(long count) {
        bytes.inc(count);
    }

    void found() {
        damages.inc();
    }

    /** A full pass has ended. */
    void passed(long wallMillis) {
        passes.inc();
        lastPassSeconds = wallMillis / 1e3;
    }

    long bytes() {
        return bytes.getCount();
    }

    long damages() {
        return damages.getCount();
    }

    long passes() {
        return passes.getCount();
    }
}
