package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Committed entries on their way to the state machine: given out, and not yet reported applied. Bounded in bytes, so
 * that a slow state machine holds back the node and not its memory (pitfall 62).
 *
 * <p>{@code appliedIndex <= givenIndex}. Confined to the driver thread.
 */
final class ApplyWindow {
    private record Run(long lastIndex, long bytes) {}

    private final long maxBytes;
    private final Deque<Run> runs = new ArrayDeque<>();
    private long appliedIndex;
    private long givenIndex;
    private long bytes;

    ApplyWindow(long appliedIndex, long maxBytes) {
        this.appliedIndex = appliedIndex;
        this.givenIndex = appliedIndex;
        this.maxBytes = maxBytes;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /** Last index that was given out to be applied. */
    long givenIndex() {
        return givenIndex;
    }

    /** How many more bytes may be given out; if positive, one entry may go whatever its size. */
    long roomBytes() {
        return maxBytes - bytes;
    }

    void given(List<Entry> entries) {
        long sizeBytes = 0;
        for (Entry entry : entries) {
            sizeBytes += entry.sizeBytes();
        }
        givenIndex = entries.get(entries.size() - 1).index();
        bytes += sizeBytes;
        runs.addLast(new Run(givenIndex, sizeBytes));
    }

    /** A report of something older than what is known, as after a snapshot install, changes nothing. */
    void applied(long index) {
        if (index > givenIndex) {
            throw new IllegalArgumentException(
                    "index " + index + " was reported applied, but entries were given out through " + givenIndex);
        }
        appliedIndex = Math.max(appliedIndex, index);
        Run oldest = runs.peekFirst();
        while (oldest != null && oldest.lastIndex() <= appliedIndex) {
            bytes -= oldest.bytes();
            runs.removeFirst();
            oldest = runs.peekFirst();
        }
    }

    /** A snapshot has replaced the state machine. */
    void reset(long snapshotIndex) {
        appliedIndex = snapshotIndex;
        givenIndex = snapshotIndex;
        bytes = 0;
        runs.clear();
    }
}
