package io.axolotl.jepsen.sizes;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks at a server again and again on a thread of its own, and keeps the most it saw. */
final class Peak implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** Asking for the heap costs the server something. */
    private static final int LOOKS_PER_SCRAPE = 25;

    /**
     * What was seen. Immutable.
     *
     * @param beforeBytes resident at the start
     * @param residentBytes most that was resident
     * @param heapBytes most of the heap that was in use, garbage included
     * @param threads most of them
     */
    record Seen(long beforeBytes, long residentBytes, long heapBytes, long threads) {
        long growthBytes() {
            return residentBytes - beforeBytes;
        }
    }

    private final Subject subject;
    private final Thread thread = new Thread(this::look, "sizes-peak");
    private volatile boolean isClosed;
    private volatile Seen seen;

    Peak(Subject subject) {
        this.subject = subject;
        long resident = subject.use().residentBytes();
        this.seen = new Seen(resident, resident, 0, 0);
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        for (int look = 0; !isClosed; look++) {
            var use = subject.use();
            long heap = look % LOOKS_PER_SCRAPE == 0 ? subject.heapBytes() : 0;
            seen = new Seen(
                    seen.beforeBytes,
                    Math.max(seen.residentBytes, use.residentBytes()),
                    Math.max(seen.heapBytes, heap),
                    Math.max(seen.threads, use.threads()));
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Since this was made. Safe for all threads. */
    Seen seen() {
        return seen;
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
