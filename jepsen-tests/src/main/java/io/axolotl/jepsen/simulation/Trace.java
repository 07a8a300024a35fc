package io.axolotl.jepsen.simulation;

import io.axolotl.raft.TraceEvent;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The story of one run: one line per state change, in fixed columns: virtual milliseconds, node, event, details. Keeps
 * the last lines for a failure report and a hash over all of them, which two runs of one seed must share.
 *
 * <p>Confined to the simulation's thread.
 */
final class Trace {
    private static final long FNV_PRIME = 0x100000001b3L;

    private final VirtualTime time;
    private final int keptLines;
    private final @Nullable PrintStream echo;
    private final Deque<Line> last = new ArrayDeque<>();
    private long hash = 0xcbf29ce484222325L;

    /** @param echo where each line is printed as it happens, or null */
    Trace(VirtualTime time, int keptLines, @Nullable PrintStream echo) {
        this.time = time;
        this.keptLines = keptLines;
        this.echo = echo;
    }

    /** @param node the node's name, or {@code -} for what concerns the world */
    void line(String node, String event, String details) {
        add(new Line(time.nowNanos(), node, event, details), details.hashCode());
    }

    /** What a node's core says; not made text before somebody reads it. */
    void line(String node, TraceEvent event) {
        Line line = new Line(time.nowNanos(), node, event.getClass().getSimpleName(), event);
        // The hash of a constant of an enum is another one in each process.
        add(line, event instanceof TraceEvent.RoleChanged ? line.details().hashCode() : event.hashCode());
    }

    private void add(Line line, int detailsHash) {
        mix(line.nanos);
        mix(line.node.hashCode());
        mix(line.event.hashCode());
        mix(detailsHash);
        if (last.size() == keptLines) {
            last.removeFirst();
        }
        last.addLast(line);
        if (echo != null) {
            echo.println(line);
        }
    }

    /** @param what text, or an event of the core */
    private record Line(long nanos, String node, String event, Object what) {
        String details() {
            String text = what.toString();
            return what instanceof TraceEvent ? text.substring(text.indexOf('[') + 1, text.length() - 1) : text;
        }

        @Override
        public String toString() {
            long micros = nanos / 1000;
            String millis = Long.toString(micros / 1000);
            long rest = micros % 1000;
            return " ".repeat(Math.max(0, 7 - millis.length())) + millis + '.'
                    + (char) ('0' + rest / 100)
                    + (char) ('0' + rest / 10 % 10)
                    + (char) ('0' + rest % 10)
                    + "  " + node + " ".repeat(Math.max(1, 4 - node.length()))
                    + event + " ".repeat(Math.max(1, 24 - event.length())) + details();
        }
    }

    /** Lets the hash depend on something that is not worth a line. */
    void mix(long value) {
        hash = (hash ^ value) * FNV_PRIME;
    }

    long hash() {
        return hash;
    }

    List<String> lastLines() {
        return last.stream().map(Line::toString).toList();
    }
}
