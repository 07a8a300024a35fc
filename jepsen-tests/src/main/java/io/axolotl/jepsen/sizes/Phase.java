package io.axolotl.jepsen.sizes;

import org.HdrHistogram.Histogram;

/**
 * What one stretch of changes under the eyes of watchers came to. Immutable. Times are in milliseconds, from when a change was due.
 *
 * @param failed changes without an answer or with an error
 * @param ackP50 until it was acknowledged
 * @param eventP50 until a watcher had it
 * @param events that watchers had, counted in these times
 * @param serverCpuMicros of all members, for one change and its deliveries
 */
record Phase(
        long changes,
        long failed,
        double ackP50,
        double ackP99,
        long events,
        double eventP50,
        double eventP99,
        double eventMax,
        double serverCpuMicros,
        Peak.Seen peak) {
    private static final double MILLI = 1e6;

    /**
     * @param settled waits until the events have come
     */
    static Phase run(Subject subject, Pulse pulse, double seconds, Fleet watching, Runnable settled) {
        Histogram unused = watching.takeDelays();
        try (Peak peak = new Peak(subject)) {
            long cpu = subject.cpuNanos();
            Pulse.Result result = pulse.run(seconds, true);
            settled.run();
            long used = subject.cpuNanos() - cpu;
            Histogram events = watching.takeDelays();
            Histogram acknowledged = result.acknowledged();
            return new Phase(
                    result.sent(),
                    result.failed(),
                    acknowledged.getValueAtPercentile(50) / MILLI,
                    acknowledged.getValueAtPercentile(99) / MILLI,
                    events.getTotalCount(),
                    events.getValueAtPercentile(50) / MILLI,
                    events.getValueAtPercentile(99) / MILLI,
                    events.getMaxValue() / MILLI,
                    used / 1e3 / result.sent(),
                    peak.seen());
        }
    }
}
