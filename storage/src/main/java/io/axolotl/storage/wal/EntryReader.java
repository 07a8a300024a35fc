package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries back from their segments and verifies each one again: what was good when it was written may have rotted
 * since (fault D11). Used for one call, by one thread.
 */
final class EntryReader {
    private static final int READ_AHEAD_BYTES = 64 << 10;

    private final WalFormat format = new WalFormat();
    private final List<Entry> entries = new ArrayList<>();
    private long sizeBytes;

    private @Nullable ReadWindow window;
    private @Nullable SegmentFile windowFile;

    /** As {@link io.axolotl.raft.log.LogReader#entries}, of the log that {@code index} stands for. */
    static List<Entry> read(LogIndex index, long fromIndex, long toIndexExclusive, long maxBytes) {
        EntryReader reader = new EntryReader();
        long at = fromIndex;
        do {
            LogIndex.Span span = index.pin(at, toIndexExclusive);
            try {
                reader.read(span, at, maxBytes);
            } finally {
                span.file().unpin();
            }
            at = fromIndex + reader.entries().size();
        } while (at < toIndexExclusive && reader.sizeBytes() < maxBytes);
        return reader.entries();
    }

    List<Entry> entries() {
        return entries;
    }

    /** Sum of {@link Entry#sizeBytes()} so far. */
    long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Reads on until the span ends or {@code maxBytes} is reached.
     *
     * @param fromIndex inside the span
     * @throws WalCorruptedException if something does not verify
     */
    void read(LogIndex.Span span, long fromIndex, long maxBytes) {
        SegmentFile file = span.file();
        ReadWindow in = windowOf(file);
        long offset = span.position();
        long index = span.fromIndex();
        boolean isFirst = true;
        int link = 0;
        while (index < span.endIndexExclusive() && (entries.isEmpty() || sizeBytes < maxBytes)) {
            if (!isFirst) {
                offset = skipTrailer(file, in, offset, link);
            }
            isFirst = false;
            long length = recordBytes(file, in, offset, index);
            if (index >= fromIndex) {
                entries.add(verified(file, in, offset, (int) length, index));
                sizeBytes += entries.get(entries.size() - 1).sizeBytes();
            }
            link = WalFormat.recordChecksum(in.bytes(), in.seek(offset, WalFormat.RECORD_HEADER_BYTES));
            offset += length;
            index++;
        }
    }

    private ReadWindow windowOf(SegmentFile file) {
        ReadWindow current = window;
        if (current == null || windowFile != file) {
            current = new ReadWindow(file.file(), file.sizeBytes(), READ_AHEAD_BYTES);
            window = current;
            windowFile = file;
        }
        return current;
    }

    /**
     * The place of the next record: behind the trailer if a batch ends here. A trailer that ends the batch later on may
     * be at the same place, but only the right one links to the record before.
     */
    private long skipTrailer(SegmentFile file, ReadWindow in, long offset, int link) {
        long trailerOffset = WalFormat.trailerOffset(offset);
        if (!in.holds(trailerOffset, WalFormat.TRAILER_BYTES)) {
            return offset;
        }
        int length = (int) (trailerOffset + WalFormat.TRAILER_BYTES - offset);
        int at = in.seek(offset, length) + length - WalFormat.TRAILER_BYTES;
        BatchTrailer trailer = format.trailer(in.bytes(), at, file.sequence(), trailerOffset);
        boolean endsHere = trailer != null && trailer.link() == link;
        return endsHere ? trailerOffset + WalFormat.TRAILER_BYTES : offset;
    }

    private long recordBytes(SegmentFile file, ReadWindow in, long offset, long index) {
        if (in.holds(offset, WalFormat.RECORD_HEADER_BYTES)) {
            int at = in.seek(offset, WalFormat.RECORD_HEADER_BYTES);
            if (WalFormat.looksLikeRecord(in.bytes(), at) && WalFormat.recordIndex(in.bytes(), at) == index) {
                long length = (long) WalFormat.RECORD_HEADER_BYTES + WalFormat.recordPayloadBytes(in.bytes(), at);
                if (in.holds(offset, length)) {
                    return length;
                }
            }
        }
        throw new WalCorruptedException(file.path(), offset, index, "there is no record of this entry");
    }

    private Entry verified(SegmentFile file, ReadWindow in, long offset, int length, long index) {
        int at = in.seek(offset, length);
        if (!format.isRecord(in.bytes(), at, file.sequence())) {
            throw new WalCorruptedException(file.path(), offset, index, "the record does not verify any more");
        }
        return WalFormat.entry(in.bytes(), at);
    }
}
