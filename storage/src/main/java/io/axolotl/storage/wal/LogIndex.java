package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The synced log as readers see it: which segments it has, and where in them its entries are. Its size in memory grows
 * with the number of segments and elections, and by about 24 bytes for every 64 entries or 16 KiB of them, whichever is
 * more.
 *
 * <p>Safe for all threads: the log writer publishes under the same lock under which readers look up. No file is touched
 * under it.
 */
final class LogIndex {
    private final IndexPart part = new IndexPart();
    private final List<WalSegment> segments = new ArrayList<>();
    private EntryId previous;
    private EntryId last;

    /** @param first the first segment, whose header says where the log begins */
    LogIndex(WalSegment first) {
        segments.add(first);
        previous = first.previous();
        last = first.previous();
    }

    /**
     * Records {@code [fromIndex, endIndexExclusive)}, one behind the other.
     *
     * @param file pinned for the reader, who must unpin it
     * @param position where the record of {@code fromIndex} begins
     */
    record Span(SegmentFile file, long position, long fromIndex, long endIndexExclusive) {}

    synchronized EntryId previous() {
        return previous;
    }

    synchronized EntryId last() {
        return last;
    }

    /** @throws IllegalArgumentException if index is outside {@code [previous, last]} */
    synchronized long term(long index) {
        if (index < previous.index() || index > last.index()) {
            throw new IllegalArgumentException(
                    "entry " + index + " is outside the log, which reaches from " + previous + " to " + last);
        }
        return index == previous.index() ? previous.term() : part.term(index);
    }

    synchronized List<Entry> memberships() {
        return List.copyOf(part.memberships());
    }

    /**
     * Where to read {@code fromIndex} and what follows it. The span begins at or before it.
     *
     * @throws IllegalArgumentException if {@code [fromIndex, toIndexExclusive)} is empty or not wholly in the log
     */
    synchronized Span pin(long fromIndex, long toIndexExclusive) {
        if (fromIndex <= previous.index() || toIndexExclusive - 1 > last.index() || fromIndex >= toIndexExclusive) {
            throw new IllegalArgumentException("entries [" + fromIndex + ", " + toIndexExclusive
                    + ") are not wholly inside the log, which holds those after " + previous + " up to " + last);
        }
        int point = part.pointFor(fromIndex);
        LogPosition position = part.point(point);
        SegmentFile file = segment(position.segment());
        file.pin();
        return new Span(
                file,
                position.offset(),
                part.indexOfPoint(point),
                Math.min(part.indexAfterPoint(point), toIndexExclusive));
    }

    /**
     * The first segment after {@code sequence} to which nothing will be written any more, or null.
     *
     * @return pinned for the reader, who must unpin it
     */
    synchronized @Nullable WalSegment pinSealedAfter(long sequence) {
        for (WalSegment segment : segments.subList(0, segments.size() - 1)) {
            if (segment.file().sequence() > sequence) {
                segment.file().pin();
                return segment;
            }
        }
        return null;
    }

    /** What was staged has been synced. */
    synchronized void publish(StagedIndex staged) {
        staged.moveTo(part, segments);
        last = staged.last();
    }

    /**
     * Drops every segment that holds no entry after {@code through}; the log then begins where the first of the others
     * begins.
     *
     * @return the dropped segments, oldest first
     */
    synchronized List<SegmentFile> retireThrough(long through) {
        int first = 0;
        // Not simply the segments one by one: a later segment that cut the log far back frees all before it.
        for (int i = 1; i < segments.size(); i++) {
            if (segments.get(i).previous().index() <= through) {
                first = i;
            }
        }
        if (first == 0) {
            return List.of();
        }
        List<SegmentFile> retired = files(segments.subList(0, first));
        segments.subList(0, first).clear();
        previous = segments.get(0).previous();
        part.cutPrefix(previous.index(), segments.get(0).file().sequence());
        return retired;
    }

    /**
     * The log is empty and begins with this segment.
     *
     * @return the segments it had, oldest first
     */
    synchronized List<SegmentFile> replaceAll(WalSegment first) {
        List<SegmentFile> retired = files(segments);
        segments.clear();
        segments.add(first);
        part.clear();
        previous = first.previous();
        last = first.previous();
        return retired;
    }

    /** The log goes on in this segment. */
    synchronized void add(WalSegment segment) {
        segments.add(segment);
    }

    synchronized WalSegment lastSegment() {
        return segments.get(segments.size() - 1);
    }

    synchronized long sizeBytes() {
        long sum = 0;
        for (WalSegment segment : segments) {
            sum += segment.file().sizeBytes();
        }
        return sum;
    }

    /**
     * About how many bytes of the files the records after {@code index} take: right to the distance of two entries of the
     * table, see {@link StagedIndex}. An index outside the log counts as its nearer end.
     */
    synchronized long bytesAfter(long index) {
        long after = Math.max(index, previous.index());
        if (after >= last.index()) {
            return 0;
        }
        int from = Math.max(0, part.pointFor(after + 1));
        return address(part.point(part.points() - 1)) - address(part.point(from));
    }

    /** Where a record lies if all files are laid one behind the other. */
    private long address(LogPosition position) {
        long before = 0;
        for (WalSegment segment : segments) {
            if (segment.file().sequence() == position.segment()) {
                break;
            }
            before += segment.file().sizeBytes();
        }
        return before + position.offset();
    }

    /** Bytes of memory that the tables take. */
    synchronized long tableBytes() {
        return part.tableBytes();
    }

    synchronized List<SegmentFile> files() {
        return files(segments);
    }

    private static List<SegmentFile> files(List<WalSegment> segments) {
        List<SegmentFile> files = new ArrayList<>();
        segments.forEach(segment -> files.add(segment.file()));
        return files;
    }

    /** Segments are numbered without holes. */
    private SegmentFile segment(long sequence) {
        long first = segments.get(0).file().sequence();
        return segments.get((int) (sequence - first)).file();
    }
}
