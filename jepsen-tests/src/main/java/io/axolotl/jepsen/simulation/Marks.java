package io.axolotl.jepsen.simulation;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts rare things that the suite must have seen: each name is a coverage mark. A fault that never happened and a
 * branch that never ran prove nothing.
 *
 * <p>Confined to one thread.
 */
public final class Marks {
    private final Map<String, Long> counts = new TreeMap<>();

    void hit(String mark) {
        counts.merge(mark, 1L, Long::sum);
    }

    void add(Marks other) {
        other.counts.forEach((mark, count) -> counts.merge(mark, count, Long::sum));
    }

    /** How often {@code mark} was reached. */
    public long count(String mark) {
        return counts.getOrDefault(mark, 0L);
    }

    /** All marks reached, in the order of their names. */
    public Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
