package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.nio.ByteBuffer;

/**
 * The batch that is being built: encodes records and the trailer into one direct buffer, to be written in one piece.
 * Keeps the chain of checksums and the position that is known to be synced. Confined to the log-writer thread.
 */
final class BatchBuffer {
    /** After one very large entry the buffer goes back to its usual size. */
    private static final int SLACK_BYTES = 64 << 10;

    private final WalFormat format = new WalFormat();
    private final int bufferBytes;
    private final ByteBuffer mark = ByteBuffer.allocateDirect(WalFormat.SECTOR_BYTES);
    private ByteBuffer buffer;

    private SegmentFile file;

    /** Place in the file of the buffer's first byte. */
    private long bufferOffset;

    /** Checksum of what was put last. */
    private int link;

    private LogPosition synced;
    private EntryId last;

    /** Records put since the last trailer. */
    private int records;

    /**
     * Goes on in a segment whose bytes before {@code offset} are all durable.
     *
     * @param link checksum of the last thing before {@code offset}
     * @param last the last record in the segment, or the previous of its header
     */
    BatchBuffer(int bufferBytes, SegmentFile file, long offset, int link, EntryId last) {
        this.bufferBytes = bufferBytes;
        this.buffer = ByteBuffer.allocateDirect(bufferBytes + SLACK_BYTES);
        this.file = file;
        this.bufferOffset = offset;
        this.link = link;
        this.last = last;
        this.synced = new LogPosition(file.sequence(), offset);
    }

    /** Begins a new segment with its header. Everything put before must have been synced or given up. */
    void begin(SegmentFile next, boolean isStart, EntryId previous) {
        file = next;
        bufferOffset = 0;
        buffer.clear();
        records = 0;
        last = previous;
        SegmentHeader header =
                new SegmentHeader(next.sequence(), isStart, previous, next.sizeBytes(), isStart ? 0 : link);
        link = format.putHeader(buffer, header);
    }

    /** Whether a record of this many bytes, its trailer and the mark behind it still go into the segment. */
    boolean fits(int recordBytes) {
        return WalFormat.batchEnd(position() + recordBytes) + WalFormat.SECTOR_BYTES <= file.sizeBytes();
    }

    /** @return where in the file the record begins */
    long put(Entry entry) {
        reserve(WalFormat.recordBytes(entry));
        long at = position();
        link = format.putRecord(buffer, entry, link, file.sequence());
        last = entry.id();
        records++;
        return at;
    }

    /** Closes the batch. Nothing is left out of order: a batch may be empty. */
    void putTrailer(BatchTrailer.Kind kind) {
        reserve(WalFormat.SECTOR_BYTES + WalFormat.TRAILER_BYTES);
        long at = WalFormat.trailerOffset(position());
        WalFormat.zeroTo(buffer, (int) (at - bufferOffset));
        link = format.putTrailer(buffer, new BatchTrailer(kind, link, synced, last, records), file.sequence(), at);
        records = 0;
    }

    boolean hasRecords() {
        return records > 0;
    }

    boolean isFull() {
        return buffer.position() >= bufferBytes;
    }

    /** Hands what is in the buffer to the operating system. */
    void write() {
        long end = position();
        buffer.flip();
        file.file().write(buffer, bufferOffset);
        bufferOffset = end;
        if (buffer.capacity() > 2 * (bufferBytes + SLACK_BYTES)) {
            buffer = ByteBuffer.allocateDirect(bufferBytes + SLACK_BYTES);
        }
        buffer.clear();
    }

    /** All that was written so far has been synced. */
    void markSynced() {
        synced = new LogPosition(file.sequence(), bufferOffset);
    }

    /**
     * Writes the mark behind the last batch, to be overwritten by the next one. It is not synced, yet it is true
     * whenever it is found, since it is written after the sync that it tells of.
     */
    void writeMark() {
        mark.clear();
        WalFormat.zeroTo(mark, WalFormat.SECTOR_BYTES - WalFormat.TRAILER_BYTES);
        BatchTrailer trailer = new BatchTrailer(BatchTrailer.Kind.MARK, link, synced, last, 0);
        format.putTrailer(mark, trailer, file.sequence(), WalFormat.trailerOffset(bufferOffset));
        mark.flip();
        file.file().write(mark, bufferOffset);
    }

    long position() {
        return bufferOffset + buffer.position();
    }

    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            int wanted = Math.max(2 * buffer.capacity(), buffer.position() + bytes + SLACK_BYTES);
            ByteBuffer larger = ByteBuffer.allocateDirect(wanted);
            larger.put(buffer.flip());
            buffer = larger;
        }
    }
}
