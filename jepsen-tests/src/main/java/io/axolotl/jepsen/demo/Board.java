package io.axolotl.jepsen.demo;

import io.axolotl.jepsen.process.Text;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * What the watcher sees: on a terminal a table that is redrawn in place, above it the lines of what has happened; elsewhere
 * the lines alone. Safe for all threads.
 */
final class Board implements AutoCloseable {
    private static final long REDRAW_NANOS = 250_000_000;
    private static final String ERASE_BELOW = "\u001b[J";
    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintStream out = System.out;
    private final boolean isLive;
    private final long startNanos = System.nanoTime();
    private final Thread drawer = new Thread(this::redrawUntilClosed, "board");
    private final Object drawLock = new Object();
    private volatile Supplier<List<String>> table = List::of;
    private volatile boolean closed;
    private int drawnLines;

    private Board(boolean isLive) {
        this.isLive = isLive;
    }

    /**
     * Begins to show, on the standard output.
     *
     * @param isLive whether that is a terminal
     */
    static Board start(boolean isLive) {
        Board board = new Board(isLive);
        if (isLive) {
            board.drawer.setDaemon(true);
            board.drawer.start();
        }
        return board;
    }

    /** Shows this under the lines from now on; asked for on the board's own thread. */
    void table(Supplier<List<String>> rows) {
        table = rows;
    }

    /** A heading: a phase begins. */
    void phase(String text) {
        line(isLive ? BOLD + text + PLAIN : text);
    }

    /** Something has happened or was found out. */
    void tell(String text) {
        line("   " + text);
    }

    private void line(String text) {
        synchronized (drawLock) {
            eraseTable();
            out.printf(Locale.ROOT, "[%5.1f s] %s%n", (System.nanoTime() - startNanos) / 1e9, text);
            out.flush();
        }
    }

    private void redrawUntilClosed() {
        while (!closed) {
            List<String> rows = table.get();
            synchronized (drawLock) {
                if (!closed) {
                    eraseTable();
                    rows.forEach(out::println);
                    drawnLines = rows.size();
                    out.flush();
                }
            }
            LockSupport.parkNanos(REDRAW_NANOS);
        }
    }

    private void eraseTable() {
        if (drawnLines > 0) {
            out.print("\u001b[" + drawnLines + "A\r" + ERASE_BELOW);
            drawnLines = 0;
        }
    }

    @Override
    public void close() {
        removeTable();
    }

    /** Leaves the lines and takes the table away, for good. Calling it again does nothing. */
    void removeTable() {
        synchronized (drawLock) {
            closed = true;
            eraseTable();
            out.flush();
        }
        LockSupport.unpark(drawer);
    }

    /** Cells of the widths given; a negative width flushes left. */
    static String row(int[] widths, Object... cells) {
        List<String> parts = new ArrayList<>();
        for (int cell = 0; cell < cells.length; cell++) {
            String text = cells[cell] instanceof Long number ? Text.count(number) : String.valueOf(cells[cell]);
            parts.add(String.format(Locale.ROOT, "%" + widths[cell] + "s", text));
        }
        return String.join("  ", parts);
    }
}
