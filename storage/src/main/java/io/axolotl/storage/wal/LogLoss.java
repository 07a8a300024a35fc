package io.axolotl.storage.wal;

import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a loss: written, durably, before the first byte of a damaged log is set aside, and deleted only when the
 * others have made up for it. While it is there the member does not vote freely, through any number of restarts.
 *
 * <pre>
 * loss    all numbers big-endian
 *          0  8  magic "AXOLLOSS"
 *          8  4  format version, 1
 *         12  8  term: what was lost was acknowledged in it or before
 *         20  1  1 if the last entry of the log before the damage is known, else 0
 *         21  8  term  of that entry
 *         29  8  index of it
 *         37  8  the first index that was lost
 *         45  4  length n of the text
 *         49  n  UTF-8: file, byte and entry of the damage, for people
 *     49 + n  4  CRC32C of everything before
 * </pre>
 *
 * <p>Immutable.
 *
 * @param firstLostIndex all from here on may be missing
 * @param place which file is damaged where
 */
public record LogLoss(VoteEmbargo embargo, long firstLostIndex, String place) {
    private static final long MAGIC = 0x41584F4C4C4F5353L;
    private static final int VERSION = 1;
    private static final int FIELDS_BYTES = 49;
    private static final int CHECKSUM_BYTES = 4;

    /**
     * The loss that is remembered in {@code file}, if it exists.
     *
     * @param term the member's term: should the memory itself be damaged, then whatever it was about was of this term or
     *     before, and how far it went is not known
     */
    public static Optional<LogLoss> read(Disk disk, Path file, long term) {
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        byte[] bytes = disk.readAll(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean isWhole = bytes.length >= FIELDS_BYTES + CHECKSUM_BYTES
                && in.getLong(0) == MAGIC
                && in.getInt(bytes.length - CHECKSUM_BYTES) == checksum(bytes)
                && bytes.length == FIELDS_BYTES + in.getInt(45) + CHECKSUM_BYTES;
        if (!isWhole) {
            return Optional.of(new LogLoss(new VoteEmbargo(term, null), 1, file + ", which is damaged itself"));
        }
        if (in.getInt(8) != VERSION) {
            throw new NewerFormatException(file, in.getInt(8), VERSION);
        }
        EntryId last = in.get(20) == 1 ? new EntryId(in.getLong(21), in.getLong(29)) : null;
        String place = new String(bytes, FIELDS_BYTES, in.getInt(45), StandardCharsets.UTF_8);
        return Optional.of(new LogLoss(new VoteEmbargo(in.getLong(12), last), in.getLong(37), place));
    }

    /** Makes {@code file} remember this, durably and at once. */
    public void write(Disk disk, Path file) {
        byte[] text = place.getBytes(StandardCharsets.UTF_8);
        EntryId last = embargo.knownLast();
        ByteBuffer out = ByteBuffer.allocate(FIELDS_BYTES + text.length + CHECKSUM_BYTES);
        out.putLong(MAGIC).putInt(VERSION).putLong(embargo.throughTerm());
        out.put((byte) (last == null ? 0 : 1));
        out.putLong(last == null ? 0 : last.term()).putLong(last == null ? 0 : last.index());
        out.putLong(firstLostIndex).putInt(text.length).put(text);
        out.putInt(checksum(out.array()));
        disk.replace(file, out.array());
    }

    /** The loss has been made up for; durable on return. */
    public static void forget(Disk disk, Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && disk.exists(file)) {
            disk.delete(file);
            disk.syncDirectory(directory);
        }
    }

    /** This loss and another that was not made up for: what is bound by either is bound by both. */
    public LogLoss and(LogLoss earlier) {
        VoteEmbargo other = earlier.embargo;
        EntryId last = newer(embargo.knownLast(), other.knownLast());
        return new LogLoss(
                new VoteEmbargo(Math.max(embargo.throughTerm(), other.throughTerm()), last),
                Math.min(firstLostIndex, earlier.firstLostIndex),
                place.equals(earlier.place) ? place : place + "; and " + earlier.place);
    }

    private static @Nullable EntryId newer(@Nullable EntryId a, @Nullable EntryId b) {
        if (a == null || b == null) {
            return null;
        }
        return a.compareTo(b) < 0 ? b : a;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }
}
