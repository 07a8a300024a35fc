package io.axolotl.server.peer;

import io.axolotl.storage.mvcc.Checkpoints;

/**
 * What a member's rolling digest was at the indexes that it keeps: sent when somebody's state is in doubt. Immutable.
 *
 * @param isQuestion whether the sender wants the receiver's in return
 * @param snapshotAfter the sender wants a snapshot that ends after this index; {@link #NO_SNAPSHOT} if it wants none
 */
public record HistoryReport(Checkpoints checkpoints, boolean isQuestion, long snapshotAfter) {
    public static final long NO_SNAPSHOT = -1;

    private static final int OVERHEAD_BYTES = 64;

    public boolean wantsSnapshot() {
        return snapshotAfter != NO_SNAPSHOT;
    }

    /** What this is charged against bounds. */
    public long sizeBytes() {
        return OVERHEAD_BYTES + 2L * Long.BYTES * checkpoints.indexes().length;
    }
}
