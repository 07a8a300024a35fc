package io.axolotl.jepsen.workload;

import java.util.List;

/**
 * What a fault cost in service, from the probes around it (definitions of docs/recovery.md). Times count from the fault.
 * Immutable.
 *
 * @param silenceNanos longest stretch after the fault in which no probe was answered
 * @param backNanos when service was back for good: the first answer after the last bad bucket of 50 ms before twenty good
 *     ones in a row; 0 if no bucket was bad. A bucket is bad if fewer than half of the probes that were due in it succeeded
 * @param failedProbes probes sent after the fault and before service was back that were not answered in time
 * @param isOver whether twenty good buckets in a row were seen
 */
public record Outage(long silenceNanos, long backNanos, int failedProbes, boolean isOver) {
    private static final long BUCKET_NANOS = 50_000_000;
    private static final int GOOD_IN_A_ROW = 20;

    /**
     * A write that was due at a fixed time.
     *
     * @param sentNanos when it was due and sent
     * @param endNanos when it was answered or given up
     */
    public record Probe(long sentNanos, long endNanos, boolean isAnswered) {}

    /**
     * Judges probes.
     *
     * @param probes those that have ended, in any order
     * @param faultNanos when the fault was there, on the same clock
     * @param nowNanos judge up to here
     */
    public static Outage of(List<Probe> probes, long faultNanos, long nowNanos) {
        long window = 0;
        int goodInARow = 0;
        boolean isOver = false;
        for (int bucket = 0; faultNanos + (bucket + 1) * BUCKET_NANOS <= nowNanos && !isOver; bucket++) {
            if (isGood(probes, faultNanos + bucket * BUCKET_NANOS)) {
                goodInARow++;
                isOver = goodInARow == GOOD_IN_A_ROW;
            } else {
                goodInARow = 0;
                window = (bucket + 1) * BUCKET_NANOS;
            }
        }
        long windowEnd = faultNanos + window;
        int failed = (int) probes.stream()
                .filter(probe -> !probe.isAnswered && probe.sentNanos >= faultNanos && probe.sentNanos < windowEnd)
                .count();
        long back = window == 0 ? 0 : firstAnswer(probes, windowEnd, nowNanos) - faultNanos;
        return new Outage(silence(probes, faultNanos, nowNanos), back, failed, isOver);
    }

    private static long firstAnswer(List<Probe> probes, long sentFromNanos, long otherwiseNanos) {
        return probes.stream()
                .filter(probe -> probe.isAnswered && probe.sentNanos >= sentFromNanos)
                .mapToLong(Probe::endNanos)
                .min()
                .orElse(otherwiseNanos);
    }

    private static boolean isGood(List<Probe> probes, long startNanos) {
        int due = 0;
        int answered = 0;
        for (Probe probe : probes) {
            if (probe.sentNanos >= startNanos && probe.sentNanos < startNanos + BUCKET_NANOS) {
                due++;
                answered += probe.isAnswered ? 1 : 0;
            }
        }
        return due > 0 && answered * 2 >= due;
    }

    private static long silence(List<Probe> probes, long faultNanos, long nowNanos) {
        long longest = 0;
        long last = faultNanos;
        long[] answers = probes.stream()
                .filter(probe -> probe.isAnswered && probe.endNanos > faultNanos && probe.endNanos <= nowNanos)
                .mapToLong(Probe::endNanos)
                .sorted()
                .toArray();
        for (long answer : answers) {
            longest = Math.max(longest, answer - last);
            last = answer;
        }
        return Math.max(longest, nowNanos - last);
    }
}
