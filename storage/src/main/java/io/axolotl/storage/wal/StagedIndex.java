package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.util.ArrayList;
import java.util.List;

/**
 * What has been appended to the log and is not synced yet, so no reader may see it. {@link LogIndex#publish} takes it
 * over after the sync. Confined to the log-writer thread.
 */
final class StagedIndex {
    /** A point is set after this many entries at least ... */
    private static final int POINT_ENTRIES = 64;

    /** ... and this many bytes: the table stays small for small entries, and for large ones. */
    private static final int POINT_BYTES = 16 << 10;

    private static final long NO_CUT = Long.MAX_VALUE;

    private final IndexPart part = new IndexPart();
    private final List<WalSegment> newSegments = new ArrayList<>();
    private EntryId last;

    /** The published log is to be cut from this index on. */
    private long cutFrom = NO_CUT;

    /** First staged index, or {@link #NO_CUT} if nothing is staged. */
    private long first = NO_CUT;

    private int entriesSincePoint;
    private long bytesSincePoint;
    private boolean isPointDue = true;

    StagedIndex(EntryId last) {
        this.last = last;
    }

    /** The last entry of the log, staged or published. */
    EntryId last() {
        return last;
    }

    /** The next record has the index after the last and lies at {@code position}. */
    void add(EntryId id, LogPosition position, int recordBytes) {
        if (isPointDue || (entriesSincePoint >= POINT_ENTRIES && bytesSincePoint >= POINT_BYTES)) {
            part.addPoint(id.index(), position);
            isPointDue = false;
            entriesSincePoint = 0;
            bytesSincePoint = 0;
        }
        part.addTerm(id.index(), id.term());
        entriesSincePoint++;
        bytesSincePoint += recordBytes;
        first = Math.min(first, id.index());
        last = id;
    }

    void addMembership(Entry entry) {
        part.addMembership(entry);
    }

    /** The next records are in this segment. */
    void add(WalSegment segment) {
        newSegments.add(segment);
        isPointDue = true;
    }

    /** Everything after {@code newLast} is superseded by what comes next. */
    void cutAfter(EntryId newLast) {
        part.cutSuffix(newLast.index() + 1);
        cutFrom = Math.min(cutFrom, newLast.index() + 1);
        if (first > newLast.index()) {
            first = NO_CUT;
        }
        last = newLast;
        isPointDue = true;
    }

    boolean holds(long index) {
        return index >= first && index <= last.index();
    }

    /** The term at {@code index}, which is staged. */
    long term(long index) {
        return part.term(index);
    }

    /**
     * Forgets what was staged; the log ends at {@code publishedLast} again.
     *
     * @return segments that nobody will use
     */
    List<WalSegment> discard(EntryId publishedLast) {
        List<WalSegment> unused = List.copyOf(newSegments);
        clear();
        last = publishedLast;
        isPointDue = true;
        return unused;
    }

    /** Moves everything staged to the end of {@code published}, cutting that first if need be. */
    void moveTo(IndexPart published, List<WalSegment> segments) {
        if (cutFrom != NO_CUT) {
            published.cutSuffix(cutFrom);
        }
        published.append(part);
        segments.addAll(newSegments);
        clear();
    }

    private void clear() {
        part.clear();
        newSegments.clear();
        cutFrom = NO_CUT;
        first = NO_CUT;
    }
}
