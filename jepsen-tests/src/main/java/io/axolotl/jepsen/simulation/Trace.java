package io.axolotl.jepsen.simulation;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    private final Deque<String> last = new ArrayDeque<>();
    private long hash = 0xcbf29ce484222325L;
    private long lines;

    /** @param echo where each line is printed as it happens, or null */
    Trace(VirtualTime time, int keptLines, @Nullable PrintStream echo) {
        this.time = time;
        this.keptLines = keptLines;
        this.echo = echo;
    }

    /** @param node the node's name, or {@code -} for what concerns the world */
    void line(String node, String event, String details) {
        StringBuilder line = new StringBuilder(96);
        long micros = time.nowNanos() / 1000;
        String millis = Long.toString(micros / 1000);
        line.append(" ".repeat(Math.max(0, 7 - millis.length()))).append(millis).append('.');
        long rest = micros % 1000;
        line.append((char) ('0' + rest / 100))
                .append((char) ('0' + rest / 10 % 10))
                .append((char) ('0' + rest % 10));
        line.append("  ").append(node).append(" ".repeat(Math.max(1, 4 - node.length())));
        line.append(event).append(" ".repeat(Math.max(1, 24 - event.length()))).append(details);
        String text = line.toString();
        for (int i = 0; i < text.length(); i++) {
            mix(text.charAt(i));
        }
        lines++;
        if (last.size() == keptLines) {
            last.removeFirst();
        }
        last.addLast(text);
        if (echo != null) {
            echo.println(text);
        }
    }

    /** Lets the hash depend on something that is not worth a line. */
    void mix(long value) {
        hash = (hash ^ value) * FNV_PRIME;
    }

    long hash() {
        return hash;
    }

    long lines() {
        return lines;
    }

    List<String> lastLines() {
        return new ArrayList<>(last);
    }
}
