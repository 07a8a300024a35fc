package io.axolotl.jepsen.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts rare things that the suite must have seen: each name is a coverage mark. A fault that never happened and a
 * branch that never ran prove nothing.
 *
 * <p>Confined to one thread.
 */
public final class Marks {
    private static final class Count {
        long hits;
    }

    private final Map<String, Count> counts = new HashMap<>();

    void hit(String mark) {
        count(mark, 1);
    }

    private void count(String mark, long more) {
        counts.computeIfAbsent(mark, ignored -> new Count()).hits += more;
    }

    void add(Marks other) {
        other.counts.forEach((mark, count) -> count(mark, count.hits));
    }

    /** How often {@code mark} was reached. */
    public long count(String mark) {
        Count count = counts.get(mark);
        return count == null ? 0 : count.hits;
    }

    /** All marks reached, in the order of their names. */
    public Map<String, Long> counts() {
        Map<String, Long> sorted = new TreeMap<>();
        counts.forEach((mark, count) -> sorted.put(mark, count.hits));
        return sorted;
    }
}
