package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Every byte of a segment file. All numbers big-endian. The same drawing with its reasons is {@code docs/formats/wal.md}.
 *
 * <pre>
 * segment   | header sector | batch | batch | ... | mark | zeros or bytes of an earlier life |
 * batch     | record | record | ... | zeros | trailer |     starts and ends on a 512-byte sector
 *
 * header     0  8  magic "AXOLWAL\0"
 *            8  4  format version, 1
 *           12  4  flags: bit 0 = the log starts here
 *           16  8  segment number
 *           24  8  term of the entry before the first record
 *           32  8  index of that entry
 *           40  8  size of the file
 *           48  4  link: checksum of the seal of the segment before, 0 if the log starts here
 *           52  8  zeros
 *           60  4  checksum of [0, 60)
 *           64 448 zeros, not covered
 *
 * record     0  4  checksum of [4, 32 + n)
 *            4  4  link: checksum of the record, trailer or header before
 *            8  4  n, length of the payload
 *           12  1  type, 1
 *           13  1  kind of the entry
 *           14  2  zeros
 *           16  8  term
 *           24  8  index
 *           32  n  payload
 *
 * trailer    0  4  checksum of [4, 64)       the last 64 bytes of the first sector that has room for it after the
 *            4  4  link                      last record
 *            8  4  magic "AXTR"
 *           12  1  type: 2 batch, 3 seal, 4 mark
 *           13  3  zeros
 *           16  8  offset of this trailer in its file
 *           24  8  known synced: segment number
 *           32  8  known synced: offset
 *           40  8  term of the last record before it
 *           48  8  index of that record
 *           56  4  number of records in the batch
 *           60  4  zeros
 * </pre>
 *
 * <p>A checksum is CRC32C, exclusive-or the mask of the segment. The mask is a one-to-one function of the segment's
 * number, so no two segments share one: bytes that verified in one life of a file cannot verify in the next.
 *
 * <p>An object holds a checksum calculator and is confined to one thread.
 */
final class WalFormat {
    static final int VERSION = 1;

    /** What a disk writes wholly or not at all. Batches start on one, so a torn write never touches synced bytes. */
    static final int SECTOR_BYTES = 512;

    static final int HEADER_BYTES = SECTOR_BYTES;
    static final int RECORD_HEADER_BYTES = 32;
    static final int TRAILER_BYTES = 64;

    private static final long HEADER_MAGIC = 0x41584F4C57414C00L;
    private static final int TRAILER_MAGIC = 0x41585452;
    private static final int HEADER_FIELDS_BYTES = 64;
    private static final int FLAG_START = 1;
    private static final byte TYPE_ENTRY = 1;

    private final CRC32C crc = new CRC32C();

    /** Where the trailer of a batch is whose last record ends at {@code offset}. */
    static long trailerOffset(long offset) {
        return batchEnd(offset) - TRAILER_BYTES;
    }

    /** Where a batch ends whose last record ends at {@code offset}. */
    static long batchEnd(long offset) {
        return (offset + TRAILER_BYTES + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    }

    /** The size of a segment that can hold a record of this many bytes: header, batch, and the mark behind it. */
    static long segmentBytesFor(long recordBytes) {
        return batchEnd(HEADER_BYTES + recordBytes) + SECTOR_BYTES;
    }

    static int recordBytes(Entry entry) {
        return RECORD_HEADER_BYTES + entry.payload().length;
    }

    /** One-to-one in the low 32 bits of the segment number: no two of four billion successive segments share a mask. */
    static int mask(long segment) {
        int x = (int) segment;
        x ^= x >>> 16;
        x *= 0x7feb352d;
        x ^= x >>> 15;
        x *= 0x846ca68b;
        x ^= x >>> 16;
        return x;
    }

    /**
     * Writes the header sector at the buffer's position.
     *
     * @return its checksum, the link of what follows
     */
    int putHeader(ByteBuffer out, SegmentHeader header) {
        int at = out.position();
        out.putLong(HEADER_MAGIC);
        out.putInt(VERSION);
        out.putInt(header.isStart() ? FLAG_START : 0);
        out.putLong(header.sequence());
        out.putLong(header.previous().term());
        out.putLong(header.previous().index());
        out.putLong(header.sizeBytes());
        out.putInt(header.link());
        out.putLong(0);
        int checksum = checksum(out, at, at + 60, header.sequence());
        out.putInt(checksum);
        zeroTo(out, at + HEADER_BYTES);
        return checksum;
    }

    /**
     * The header at {@code at}, or null if what is there does not verify as the header of this segment.
     *
     * @throws NewerFormatException if it verifies and is of a version unknown here
     * @throws WalCorruptedException if it verifies and says what no log has
     */
    @Nullable SegmentHeader header(ByteBuffer in, int at, long segment, Path path) {
        if (in.getLong(at) != HEADER_MAGIC || in.getInt(at + 60) != checksum(in, at, at + 60, segment)) {
            return null;
        }
        int version = in.getInt(at + 8);
        if (version != VERSION) {
            throw new NewerFormatException(path, version, VERSION);
        }
        long term = in.getLong(at + 24);
        long index = in.getLong(at + 32);
        if (term < 0 || index < 0) {
            throw new WalCorruptedException(
                    path, at, 0, "its header says that it follows entry " + index + " of term " + term);
        }
        return new SegmentHeader(
                in.getLong(at + 16),
                (in.getInt(at + 12) & FLAG_START) != 0,
                new EntryId(term, index),
                in.getLong(at + 40),
                in.getInt(at + 48));
    }

    /** The checksum of a header that has verified: what the first record links to. */
    static int headerChecksum(ByteBuffer in, int at) {
        return in.getInt(at + HEADER_FIELDS_BYTES - 4);
    }

    /**
     * Writes a record at the buffer's position.
     *
     * @return its checksum, the link of what follows
     */
    int putRecord(ByteBuffer out, Entry entry, int link, long segment) {
        int at = out.position();
        byte[] payload = entry.payload();
        out.position(at + 4);
        out.putInt(link);
        out.putInt(payload.length);
        out.put(TYPE_ENTRY);
        out.put((byte) entry.kind().code());
        out.putShort((short) 0);
        out.putLong(entry.term());
        out.putLong(entry.index());
        out.put(payload);
        int checksum = checksum(out, at + 4, out.position(), segment);
        out.putInt(at, checksum);
        return checksum;
    }

    /** Whether the 32 bytes at {@code at} look like the start of a record. Only {@link #isRecord} proves it. */
    static boolean looksLikeRecord(ByteBuffer in, int at) {
        return in.get(at + 12) == TYPE_ENTRY && in.getInt(at + 8) >= 0;
    }

    static int recordChecksum(ByteBuffer in, int at) {
        return in.getInt(at);
    }

    static int recordLink(ByteBuffer in, int at) {
        return in.getInt(at + 4);
    }

    static int recordPayloadBytes(ByteBuffer in, int at) {
        return in.getInt(at + 8);
    }

    static int recordKind(ByteBuffer in, int at) {
        return in.get(at + 13);
    }

    static long recordTerm(ByteBuffer in, int at) {
        return in.getLong(at + 16);
    }

    static long recordIndex(ByteBuffer in, int at) {
        return in.getLong(at + 24);
    }

    /** Whether the whole record at {@code at} verifies. Its bytes must be in the buffer. */
    boolean isRecord(ByteBuffer in, int at, long segment) {
        int end = at + RECORD_HEADER_BYTES + recordPayloadBytes(in, at);
        return recordChecksum(in, at) == checksum(in, at + 4, end, segment);
    }

    /**
     * The entry of a record that has verified.
     *
     * @throws IllegalArgumentException if its kind is unknown here
     */
    static Entry entry(ByteBuffer in, int at) {
        byte[] payload = new byte[recordPayloadBytes(in, at)];
        in.get(at + RECORD_HEADER_BYTES, payload);
        return new Entry(
                new EntryId(recordTerm(in, at), recordIndex(in, at)), Entry.Kind.ofCode(recordKind(in, at)), payload);
    }

    /**
     * Writes a trailer at the buffer's position, which must be its place in the file.
     *
     * @param offset that place
     * @return its checksum, the link of what follows
     */
    int putTrailer(ByteBuffer out, BatchTrailer trailer, long segment, long offset) {
        int at = out.position();
        out.position(at + 4);
        out.putInt(trailer.link());
        out.putInt(TRAILER_MAGIC);
        out.put((byte) trailer.kind().code());
        out.put((byte) 0);
        out.putShort((short) 0);
        out.putLong(offset);
        out.putLong(trailer.synced().segment());
        out.putLong(trailer.synced().offset());
        out.putLong(trailer.last().term());
        out.putLong(trailer.last().index());
        out.putInt(trailer.records());
        out.putInt(0);
        int checksum = checksum(out, at + 4, at + TRAILER_BYTES, segment);
        out.putInt(at, checksum);
        return checksum;
    }

    /**
     * The trailer at {@code at}, which is {@code offset} in the file of {@code segment}, or null if there is none. What says of
     * itself what no log writes is none either: a value that somebody made look like one must not be taken for damage.
     */
    @Nullable BatchTrailer trailer(ByteBuffer in, int at, long segment, long offset) {
        if (in.getInt(at + 8) != TRAILER_MAGIC
                || in.getLong(at + 16) != offset
                || in.getInt(at) != checksum(in, at + 4, at + TRAILER_BYTES, segment)) {
            return null;
        }
        long term = in.getLong(at + 40);
        long index = in.getLong(at + 48);
        int records = in.getInt(at + 56);
        if (term < 0 || index < 0 || records < 0) {
            return null;
        }
        int code = in.get(at + 12);
        for (BatchTrailer.Kind kind : BatchTrailer.Kind.values()) {
            if (kind.code() == code) {
                return new BatchTrailer(
                        kind,
                        in.getInt(at + 4),
                        new LogPosition(in.getLong(at + 24), in.getLong(at + 32)),
                        new EntryId(term, index),
                        records);
            }
        }
        return null;
    }

    /** The checksum of a trailer that has verified. */
    static int trailerChecksum(ByteBuffer in, int at) {
        return in.getInt(at);
    }

    /** Writes zeros from the buffer's position to {@code end}. */
    static void zeroTo(ByteBuffer out, int end) {
        while (out.position() + Long.BYTES <= end) {
            out.putLong(0);
        }
        while (out.position() < end) {
            out.put((byte) 0);
        }
    }

    private int checksum(ByteBuffer bytes, int from, int to, long segment) {
        int position = bytes.position();
        int limit = bytes.limit();
        bytes.limit(to).position(from);
        crc.reset();
        crc.update(bytes);
        bytes.limit(limit).position(position);
        return (int) crc.getValue() ^ mask(segment);
    }
}
