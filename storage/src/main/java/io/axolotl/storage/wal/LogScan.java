package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the segments of a log in order, finds its end, and tells a torn tail from damage. Changes nothing on disk.
 *
 * <p>The scan follows the chain of checksums batch by batch. Where the chain breaks the log ends, unless somebody
 * further on testifies that more was synced: every trailer names the position before which all was durable when it was
 * written, and a segment's header says the same of the segments before. So after the break the scan looks at every
 * place where a trailer can be, in this segment and the later ones. The latest testimony decides:
 *
 * <pre>
 *    batch 1      batch 2      batch 3 (broken)     what is found after it             verdict
 *    [ok    ]     [ok    ]     [r ? r      T3]      nothing                            torn: batch 3 is cut
 *    [ok    ]     [ok    ]     [r ? r      T3]      T3 says "synced through batch 2"   torn: batch 3 is cut
 *    [ok    ]     [ok    ]     [r ? r      T3]      mark or T4 says "through batch 3"  damage: refused
 *    [ok    ]     [r ? r ]     [ok         T3]      T3 says "through batch 2"          damage: refused
 * </pre>
 *
 * <p>Used once, by one thread.
 */
final class LogScan {
    private static final int READ_AHEAD_BYTES = 1 << 20;

    private final WalFormat format = new WalFormat();

    /** Numbered without holes; the first one's header has verified. */
    private final List<SegmentCandidate> candidates;

    private final LogIndex index;
    private final StagedIndex staged;

    /** What the header of the segment being read says. */
    private EntryId segmentPrevious;

    /** Checksum of the last thing of the chain that verified. */
    private int link;

    /** The end of the last complete batch: here the log ends unless something follows. */
    private LogPosition end;

    /** The latest position that somebody vouches for. */
    private LogPosition vouched = LogPosition.NONE;

    private WrittenBytes lastWrite;
    private boolean hasMark;
    private boolean isSealed;
    private long entries;
    private long bytes;

    /** Where bytes end that belong to a batch which was cut. */
    private long tornEnd;

    /** Told the bytes of each batch after it was read. */
    private LongConsumer afterBatch = read -> {};

    /** Where exactly the chain broke. */
    private long breakOffset;

    /** @param link checksum of what lies before {@code offset} in the first candidate, which has verified */
    private LogScan(List<SegmentCandidate> candidates, EntryId previous, long offset, int link) {
        this.candidates = candidates;
        SegmentFile first = candidates.get(0).file();
        this.segmentPrevious = previous;
        this.index = new LogIndex(new WalSegment(first, segmentPrevious));
        this.staged = new StagedIndex(segmentPrevious);
        this.link = link;
        this.end = new LogPosition(first.sequence(), offset);
        this.lastWrite = new WrittenBytes(first, 0, offset);
    }

    /** A scan from the first record of the first candidate on. */
    static LogScan from(List<SegmentCandidate> candidates, SegmentHeader firstHeader) {
        return new LogScan(
                candidates,
                firstHeader.previous(),
                WalFormat.HEADER_BYTES,
                candidates.get(0).headerChecksum());
    }

    /**
     * A scan of what follows the trailer of a batch that ends with this sector of the first candidate, or null if there is
     * none. What verifies from there to a mark is a part of the log, whatever may be before it: each record, trailer and
     * header carries the checksum of the one before.
     *
     * @param window on the file of the first candidate
     */
    static @Nullable LogScan behindTrailer(List<SegmentCandidate> candidates, ReadWindow window, long sector) {
        SegmentFile file = candidates.get(0).file();
        long trailerOffset = WalFormat.trailerOffset(sector);
        if (!window.holds(trailerOffset, WalFormat.TRAILER_BYTES)) {
            return null;
        }
        int at = window.seek(trailerOffset, WalFormat.TRAILER_BYTES);
        BatchTrailer trailer = new WalFormat().trailer(window.bytes(), at, file.sequence(), trailerOffset);
        if (trailer == null || trailer.kind() != BatchTrailer.Kind.BATCH) {
            // Behind a seal the next header begins anew, and a mark has nothing behind it.
            return null;
        }
        return new LogScan(
                candidates,
                trailer.last(),
                trailerOffset + WalFormat.TRAILER_BYTES,
                WalFormat.trailerChecksum(window.bytes(), at));
    }

    /**
     * Bytes {@code [from, to)} that were synced together.
     *
     * <p>Immutable.
     */
    record WrittenBytes(SegmentFile file, long from, long to) {}

    /**
     * What a scan found.
     *
     * @param index the log, all of it complete batches
     * @param active the segment in which the log goes on
     * @param end where it goes on; offset 0 if the segment has not been begun
     * @param link checksum of the last thing before {@code end}
     * @param lastWrite the last batch, with the header if that was written together with it
     * @param isVouched whether somebody vouches for the last batch; otherwise it may be in the memory of the operating
     *     system only
     * @param hasMark whether that is the mark right behind the end
     * @param entries records read, superseded ones included
     * @param bytes bytes of segments read
     * @param tornBytes bytes that were recognised as remains of a batch that was never synced
     */
    record Result(
            LogIndex index,
            SegmentFile active,
            LogPosition end,
            int link,
            WrittenBytes lastWrite,
            boolean isVouched,
            boolean hasMark,
            long entries,
            long bytes,
            long tornBytes) {}

    /**
     * @param candidates segments numbered without holes; those after the end of the log are ready to be used
     * @param firstHeader the header of the first of them
     * @throws WalCorruptedException if synced bytes are damaged or missing
     */
    static Result run(List<SegmentCandidate> candidates, SegmentHeader firstHeader) {
        return from(candidates, firstHeader).run();
    }

    /**
     * As {@link #run}, for a log of which it is known that it is damaged.
     *
     * @return whether the end was reached without meeting damage; if not, {@link #index} holds what is before it
     */
    boolean tryToEnd() {
        try {
            run();
            return true;
        } catch (WalCorruptedException e) {
            return false;
        }
    }

    /**
     * Reads a segment again that the log has gone beyond.
     *
     * @param read told how many bytes were read, after each batch; may wait
     * @throws WalCorruptedException if it is not what it was when it was sealed
     */
    static void verifySealed(WalSegment segment, LongConsumer read) {
        SegmentFile file = segment.file();
        ByteBuffer sector = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        int length = file.file().read(sector, 0);
        SegmentHeader header = length < WalFormat.HEADER_BYTES
                ? null
                : new WalFormat().header(sector, 0, file.sequence(), file.path());
        if (header == null || !header.previous().equals(segment.previous())) {
            throw new WalCorruptedException(
                    file.path(), 0, segment.previous().index() + 1, "the header of the segment does not verify");
        }
        SegmentCandidate candidate = new SegmentCandidate(file, header, WalFormat.headerChecksum(sector, 0));
        LogScan scan = from(List.of(candidate), header);
        scan.afterBatch = read;
        scan.scanBatches(file);
        if (!scan.isSealed) {
            throw scan.damage(file.path(), scan.breakOffset, "what is there does not verify, and the segment is full");
        }
    }

    /** All complete batches that were read. */
    LogIndex index() {
        return index;
    }

    /** Where they end. */
    LogPosition end() {
        return end;
    }

    /** Whether a mark stands right behind the end: nothing was synced after it. */
    boolean hasMark() {
        return hasMark;
    }

    private Result run() {
        int active = 0;
        scanBatches(candidates.get(0).file());
        while (isSealed) {
            active++;
            if (active == candidates.size()) {
                Path sealed = candidates.get(active - 1).file().path();
                throw damage(
                        sealed.resolveSibling(WalFolder.segmentName(end.segment() + 1)),
                        0,
                        "the file is missing, and " + sealed.getFileName() + " says that the log goes on in it");
            }
            scanNext(candidates.get(active));
        }
        searchTestimony(active);
        SegmentFile file = candidates.get(active).file();
        if (vouched.isAfter(end)) {
            throw damage(
                    file.path(),
                    breakOffset,
                    "what is there does not verify, and later bytes prove that it had been synced");
        }
        boolean isVouched = !new LogPosition(lastWrite.file().sequence(), lastWrite.to()).isAfter(vouched);
        long tornBytes = Math.max(0, tornEnd - end.offset());
        return new Result(index, file, end, link, lastWrite, isVouched, hasMark, entries, bytes, tornBytes);
    }

    /** Goes on in the segment after a seal. Its header counts only together with a batch or mark that follows it. */
    private void scanNext(SegmentCandidate candidate) {
        SegmentFile file = candidate.file();
        SegmentHeader header = candidate.header();
        isSealed = false;
        tornEnd = 0;
        breakOffset = 0;
        end = new LogPosition(file.sequence(), 0);
        if (header == null) {
            return;
        }
        if (header.link() != link) {
            throw damage(file.path(), 0, "the segment does not continue the one before it");
        }
        if (header.previous().index() < index.previous().index()
                || header.previous().index() > staged.last().index()
                || termAt(header.previous().index()) != header.previous().term()) {
            throw damage(
                    file.path(),
                    0,
                    "the segment continues after entry " + header.previous() + ", which those before it do not hold");
        }
        int sealLink = link;
        staged.add(new WalSegment(file, header.previous()));
        staged.cutAfter(header.previous());
        segmentPrevious = header.previous();
        link = candidate.headerChecksum();
        end = new LogPosition(file.sequence(), WalFormat.HEADER_BYTES);
        scanBatches(file);
        boolean isBegun = hasMark || isSealed || end.offset() > WalFormat.HEADER_BYTES;
        if (!isBegun) {
            // The header was written together with a first batch that did not survive.
            link = sealLink;
            end = new LogPosition(file.sequence(), 0);
        }
    }

    /** Follows the chain from {@link #end} to the first batch that is not complete, a mark, or a seal. */
    private void scanBatches(SegmentFile file) {
        ReadWindow window = new ReadWindow(file.file(), file.sizeBytes(), READ_AHEAD_BYTES);
        bytes += file.sizeBytes();
        boolean goesOn = true;
        while (goesOn) {
            goesOn = scanBatch(file, window);
        }
    }

    /** @return whether another batch may follow */
    private boolean scanBatch(SegmentFile file, ReadWindow window) {
        long batchStart = end.offset();
        long at = batchStart;
        int chain = link;
        int records = 0;
        while (true) {
            BatchTrailer trailer = trailerAfter(file, window, at);
            if (trailer != null && trailer.link() == chain) {
                vouched = LogPosition.max(vouched, trailer.synced());
                if (trailer.kind() == BatchTrailer.Kind.MARK) {
                    hasMark = true;
                    publish();
                    return false;
                }
                if (trailer.records() != records || !trailer.last().equals(staged.last())) {
                    throw damage(file.path(), at, "the trailer of the batch does not fit its records");
                }
                int trailerAt = window.seek(WalFormat.trailerOffset(at), WalFormat.TRAILER_BYTES);
                link = WalFormat.trailerChecksum(window.bytes(), trailerAt);
                // The header of a segment is written with its first batch.
                long from = batchStart == WalFormat.HEADER_BYTES ? 0 : batchStart;
                lastWrite = new WrittenBytes(file, from, WalFormat.batchEnd(at));
                end = new LogPosition(file.sequence(), WalFormat.batchEnd(at));
                entries += records;
                publish();
                afterBatch.accept(end.offset() - batchStart);
                isSealed = trailer.kind() == BatchTrailer.Kind.SEAL;
                return !isSealed;
            }
            int recordBytes = recordBytes(file, window, at, chain);
            if (recordBytes < 0) {
                staged.discard(index.last());
                breakOffset = at;
                return false;
            }
            int inBuffer = window.seek(at, recordBytes);
            chain = WalFormat.recordChecksum(window.bytes(), inBuffer);
            stage(file, window.bytes(), inBuffer, at, recordBytes);
            records++;
            at += recordBytes;
            tornEnd = at;
        }
    }

    private void publish() {
        index.publish(staged);
    }

    /** The trailer of a batch whose last record ends at {@code offset}, if it is there. */
    private @Nullable BatchTrailer trailerAfter(SegmentFile file, ReadWindow window, long offset) {
        long trailerOffset = WalFormat.trailerOffset(offset);
        if (!window.holds(trailerOffset, WalFormat.TRAILER_BYTES)) {
            return null;
        }
        // Seeking the record's place first keeps the window from moving back and forth.
        int length = (int) (trailerOffset + WalFormat.TRAILER_BYTES - offset);
        int at = window.seek(offset, length) + length - WalFormat.TRAILER_BYTES;
        return format.trailer(window.bytes(), at, file.sequence(), trailerOffset);
    }

    /** Length of the record at {@code offset} if it verifies and continues the chain, otherwise -1. */
    private int recordBytes(SegmentFile file, ReadWindow window, long offset, int chain) {
        if (!window.holds(offset, WalFormat.RECORD_HEADER_BYTES)) {
            return -1;
        }
        int at = window.seek(offset, WalFormat.RECORD_HEADER_BYTES);
        if (!WalFormat.looksLikeRecord(window.bytes(), at) || WalFormat.recordLink(window.bytes(), at) != chain) {
            return -1;
        }
        tornEnd = WalFormat.batchEnd(offset);
        long length = (long) WalFormat.RECORD_HEADER_BYTES + WalFormat.recordPayloadBytes(window.bytes(), at);
        if (!window.holds(offset, length)) {
            return -1;
        }
        at = window.seek(offset, (int) length);
        return format.isRecord(window.bytes(), at, file.sequence()) ? (int) length : -1;
    }

    private void stage(SegmentFile file, ByteBuffer in, int at, long offset, int recordBytes) {
        long entryIndex = WalFormat.recordIndex(in, at);
        long term = WalFormat.recordTerm(in, at);
        EntryId last = staged.last();
        long floor = Math.max(segmentPrevious.index(), index.previous().index());
        if (entryIndex <= floor || entryIndex > last.index() + 1) {
            throw damage(file.path(), offset, "entry " + entryIndex + " follows entry " + last.index());
        }
        if (entryIndex <= last.index()) {
            staged.cutAfter(idAt(entryIndex - 1));
        }
        if (term < Math.max(1, staged.last().term())) {
            throw damage(
                    file.path(),
                    offset,
                    "term " + term + " follows term " + staged.last().term());
        }
        staged.add(new EntryId(term, entryIndex), new LogPosition(file.sequence(), offset), recordBytes);
        Entry.Kind kind;
        try {
            kind = Entry.Kind.ofCode(WalFormat.recordKind(in, at));
        } catch (IllegalArgumentException e) {
            throw damage(file.path(), offset, e.getMessage() + "; a newer release may have written it");
        }
        if (kind == Entry.Kind.MEMBERSHIP) {
            staged.addMembership(WalFormat.entry(in, at));
        }
    }

    private EntryId idAt(long entryIndex) {
        return new EntryId(termAt(entryIndex), entryIndex);
    }

    private long termAt(long entryIndex) {
        return staged.holds(entryIndex) ? staged.term(entryIndex) : index.term(entryIndex);
    }

    /** Hears every trailer and header from the end of the log on. */
    private void searchTestimony(int active) {
        for (int i = active; i < candidates.size(); i++) {
            SegmentFile file = candidates.get(i).file();
            if (i > active && candidates.get(i).header() != null) {
                vouched = LogPosition.max(vouched, new LogPosition(file.sequence(), 0));
            }
            ReadWindow window = new ReadWindow(file.file(), file.sizeBytes(), READ_AHEAD_BYTES);
            long from = i == active ? end.offset() : 0;
            for (long sector = from; sector < file.sizeBytes(); sector += WalFormat.SECTOR_BYTES) {
                hear(file, window, WalFormat.trailerOffset(sector));
            }
        }
    }

    private void hear(SegmentFile file, ReadWindow window, long trailerOffset) {
        if (!window.holds(trailerOffset, WalFormat.TRAILER_BYTES)) {
            return;
        }
        int at = window.seek(trailerOffset, WalFormat.TRAILER_BYTES);
        BatchTrailer trailer = format.trailer(window.bytes(), at, file.sequence(), trailerOffset);
        if (trailer == null) {
            return;
        }
        vouched = LogPosition.max(vouched, trailer.synced());
        boolean isOfCutBatch = file.sequence() == end.segment()
                && (trailer.synced().equals(end) || end.offset() == 0)
                && trailer.kind() != BatchTrailer.Kind.MARK;
        if (isOfCutBatch) {
            tornEnd = Math.max(tornEnd, trailerOffset + WalFormat.TRAILER_BYTES);
        }
    }

    private WalCorruptedException damage(Path file, long offset, String what) {
        return new WalCorruptedException(file, offset, index.last().index() + 1, what);
    }
}
