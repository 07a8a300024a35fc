package io.axolotl.storage.mvcc;

/**
 * Hears how much memory a read takes while it goes on, and ends it by an exception of its own when that is too much.
 * Called by the thread that reads.
 */
@FunctionalInterface
public interface ReadMeter {
    /** @param bytes that the read holds from now on, in addition to those before */
    void holds(long bytes);
}
