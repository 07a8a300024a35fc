package io.axolotl.testkit;

import io.axolotl.storage.disk.DiskFullException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is wrong with the disk of one node, over all its starts. Changes hold from the next operation on; who waits for the disk
 * notices them too. Safe for all threads.
 */
final class DiskTroubles {
    private long syncDelayNanos;
    private boolean isStill;
    private boolean isFull;

    /** Of a full disk: what was given back since and not taken again. */
    private long roomBytes;

    synchronized void delaySyncs(Duration delay) {
        syncDelayNanos = delay.toNanos();
        notifyAll();
    }

    /** Whether no operation comes back. */
    synchronized void standStill(boolean does) {
        isStill = does;
        notifyAll();
    }

    /** Everything that is free now is taken by somebody else. */
    synchronized void fill() {
        isFull = true;
        roomBytes = 0;
    }

    synchronized void free() {
        isFull = false;
    }

    synchronized boolean isFull() {
        return isFull;
    }

    /** @param reallyUsable on the disk below */
    synchronized long usableBytes(long reallyUsable) {
        return isFull ? Math.max(0, roomBytes) : reallyUsable;
    }

    /** @throws DiskFullException if there is not as much */
    synchronized void take(long bytes, Path path, String operation) {
        if (isFull && bytes > 0) {
            if (bytes > roomBytes) {
                throw new DiskFullException(path, operation);
            }
            roomBytes -= bytes;
        }
    }

    synchronized void giveBack(long bytes) {
        roomBytes += isFull ? bytes : 0;
    }

    /** Waits as long as the disk takes, or the life of whoever waits. */
    synchronized void await(boolean isSync, Life life) {
        boolean wasInterrupted = false;
        long startNanos = System.nanoTime();
        while (!life.isOver()) {
            long leftNanos = isSync ? syncDelayNanos - (System.nanoTime() - startNanos) : 0;
            if (!isStill && leftNanos <= 0) {
                break;
            }
            try {
                wait(isStill ? 0 : leftNanos / 1_000_000 + 1);
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends a life, also for those who wait. */
    synchronized void end(Life life) {
        life.isOver = true;
        notifyAll();
    }

    /** One run of a node, which no operation outlives. */
    static final class Life {
        private volatile boolean isOver;

        boolean isOver() {
            return isOver;
        }
    }
}
