package io.axolotl.server.api.watch;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;

/**
 * What the watches of this member tell of themselves, under etcd's names where it has them (contract F.3).
 *
 * <p>Safe for all threads; written by the watch thread.
 */
public final class WatchMetrics {
    private final Counter eventsSent;
    private final Counter slowFalls;
    private final Counter compacted;
    private final Counter streamsEnded;
    private volatile long streams;
    private volatile long watchers;
    private volatile long slowWatchers;
    private volatile long cohorts;
    private volatile long unsentBytes;
    private volatile long tailLag;

    public WatchMetrics(MetricRegistry registry) {
        eventsSent = registry.counter("etcd_debugging_mvcc_events_total");
        slowFalls = registry.counter("axolotl_watch_parked_total");
        compacted = registry.counter("axolotl_watch_compacted_total");
        streamsEnded = registry.counter("axolotl_watch_streams_ended_total");
        registry.register("etcd_debugging_mvcc_watch_stream_total", (Gauge<Long>) () -> streams);
        registry.register("etcd_debugging_mvcc_watcher_total", (Gauge<Long>) () -> watchers);
        registry.register("etcd_debugging_mvcc_slow_watcher_total", (Gauge<Long>) () -> slowWatchers);
        // No event ever waits in memory: those that are not sent yet lie in the store.
        registry.register("etcd_debugging_mvcc_pending_events_total", (Gauge<Long>) () -> 0L);
        registry.register("axolotl_watch_cohorts", (Gauge<Long>) () -> cohorts);
        registry.register("axolotl_watch_unsent_bytes", (Gauge<Long>) () -> unsentBytes);
        registry.register("axolotl_watch_tail_lag_revisions", (Gauge<Long>) () -> tailLag);
    }

    void eventsSent(int count) {
        eventsSent.inc(count);
    }

    /** A watcher had events to get and no room for them. */
    void parked() {
        slowFalls.inc();
    }

    /** A watcher ended, for what it had to go on from is compacted. */
    void compacted() {
        compacted.inc();
    }

    /** The server ended a stream. */
    void streamEnded() {
        streamsEnded.inc();
    }

    void now(long newStreams, long newWatchers, long newSlow, long newCohorts, long newUnsent, long newTailLag) {
        streams = newStreams;
        watchers = newWatchers;
        slowWatchers = newSlow;
        cohorts = newCohorts;
        unsentBytes = newUnsent;
        tailLag = newTailLag;
    }
}
