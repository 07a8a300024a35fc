package io.axolotl.jepsen.simulation;

import java.util.PriorityQueue;

/**
 * Time that passes only when nothing is left to do at the present instant. Events of one instant run in the order in
 * which they were scheduled.
 *
 * <p>Starts at zero, counts nanoseconds. Confined to the simulation's thread.
 */
final class VirtualTime {
    private record Event(long atNanos, long sequence, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos;
    private long scheduled;
    private long executed;

    long nowNanos() {
        return nowNanos;
    }

    /** Events run so far. */
    long executed() {
        return executed;
    }

    void after(long delayNanos, Runnable action) {
        at(nowNanos + Math.max(0, delayNanos), action);
    }

    void at(long atNanos, Runnable action) {
        events.add(new Event(Math.max(atNanos, nowNanos), scheduled++, action));
    }

    /** Runs the next event if it is due by {@code limitNanos}; otherwise moves to the limit and returns false. */
    boolean runNext(long limitNanos) {
        Event next = events.peek();
        if (next == null || next.atNanos > limitNanos) {
            nowNanos = Math.max(nowNanos, limitNanos);
            return false;
        }
        events.remove();
        nowNanos = next.atNanos;
        executed++;
        next.action.run();
        return true;
    }
}
