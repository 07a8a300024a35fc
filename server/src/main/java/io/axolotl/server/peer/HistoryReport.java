package io.axolotl.server.peer;

import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import org.jspecify.annotations.Nullable;

/**
 * What a member's rolling digest was at the indexes that it keeps: sent when somebody's state is in doubt. Immutable.
 *
 * @param copiedThrough the last entry that the sender did not apply itself: what it says of entries up to there it says after
 *     another
 * @param isRefuted whether a quorum has told the sender that it is wrong, so that nobody else needs to doubt on its account
 * @param accepted the entries in which the sender is right by its operator's word; null if there are none
 * @param isQuestion whether the sender wants the receiver's in return
 * @param snapshotAfter the sender wants a snapshot that ends after this index; {@link #NO_SNAPSHOT} if it wants none
 */
public record HistoryReport(
        Checkpoints checkpoints,
        long copiedThrough,
        boolean isRefuted,
        @Nullable Divergence accepted,
        boolean isQuestion,
        long snapshotAfter) {
    public static final long NO_SNAPSHOT = -1;

    private static final int OVERHEAD_BYTES = 64;

    public HistoryReport {
        if (copiedThrough < 0) {
            throw new IllegalArgumentException("nothing can have been copied through entry " + copiedThrough);
        }
    }

    public boolean wantsSnapshot() {
        return snapshotAfter != NO_SNAPSHOT;
    }

    /** What this is charged against bounds. */
    public long sizeBytes() {
        return OVERHEAD_BYTES + 2L * Long.BYTES * checkpoints.indexes().length;
    }
}
