package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.Probe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The probes of one stream and one kind, in the order in which they were sent; at least one. Immutable. */
final class ProbeSeries {
    private final List<Probe> probes;
    private final long[] sentNanos;

    ProbeSeries(List<Probe> unordered) {
        List<Probe> ordered = new ArrayList<>(unordered);
        ordered.sort(Comparator.comparingLong(Probe::sentNanos));
        this.probes = List.copyOf(ordered);
        this.sentNanos = ordered.stream().mapToLong(Probe::sentNanos).toArray();
    }

    /** The series of one kind by member, -1 first. */
    static Map<Integer, ProbeSeries> byMember(List<Probe> probes, String kind) {
        Map<Integer, List<Probe>> lists = new TreeMap<>();
        for (Probe probe : probes) {
            if (probe.kind().equals(kind)) {
                lists.computeIfAbsent(probe.member(), member -> new ArrayList<>())
                        .add(probe);
            }
        }
        Map<Integer, ProbeSeries> series = new TreeMap<>();
        lists.forEach((member, list) -> series.put(member, new ProbeSeries(list)));
        return series;
    }

    long firstNanos() {
        return sentNanos[0];
    }

    long lastNanos() {
        return sentNanos[sentNanos.length - 1];
    }

    /** Probes sent in {@code [fromNanos, toNanos)}. */
    List<Probe> between(long fromNanos, long toNanos) {
        int from = place(fromNanos);
        return probes.subList(from, Math.max(from, place(toNanos)));
    }

    /** Where the first one at or after this is. */
    private int place(long nanos) {
        int found = Arrays.binarySearch(sentNanos, nanos);
        if (found < 0) {
            return -found - 1;
        }
        while (found > 0 && sentNanos[found - 1] == nanos) {
            found--;
        }
        return found;
    }

    /**
     * Whether service was good from {@code fromNanos} to {@code toNanos}: at least half of the probes sent then were answered, and the 99th
     * percentile of the answers came in time. Without any probe it was not: a prober that is held up must not prove service, nor the lack of it
     * ({@link #isSilent}).
     */
    boolean isGood(long fromNanos, long toNanos, Bounds bounds) {
        List<Probe> sent = between(fromNanos, toNanos);
        long[] took = sent.stream()
                .filter(Probe::ok)
                .mapToLong(Probe::tookNanos)
                .sorted()
                .toArray();
        if (took.length == 0 || took.length * 2 < sent.size()) {
            return false;
        }
        int rank = (int) Math.ceil(0.99 * took.length);
        return took[rank - 1] <= bounds.mostNanos();
    }

    /** Whether there was no probe from {@code fromNanos} to {@code toNanos}: then nothing is known of that time. */
    boolean isSilent(long fromNanos, long toNanos) {
        return between(fromNanos, toNanos).isEmpty();
    }

    /** Whether a probe counts as served: answered, and in time. */
    static boolean isServed(Probe probe, Bounds bounds) {
        return probe.ok() && probe.tookNanos() <= bounds.mostNanos();
    }
}
