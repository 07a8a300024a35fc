package io.axolotl.storage.wal;

import io.axolotl.raft.HardState;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Term, vote and commit index on disk (Raft Figure 2), in two slots.
 *
 * <p>A vote that is forgotten can be given twice, so the file must never fall back to an older state: not by a crash at
 * any moment, nor by damage at rest (pitfalls 1, 5; fault D15). Each state is written to the first slot and synced, and
 * then to the second and synced, before {@link #write} returns. It follows that
 *
 * <ul>
 *   <li>a state that was acknowledged is in <em>both</em> slots, so losing either leaves it in the other;
 *   <li>at most one slot is being written at any time, so a crash, however badly it tears that write, leaves the other
 *       slot whole: with the state before if it was the first slot (the new one was never acknowledged), with the new
 *       one if it was the second.
 * </ul>
 *
 * <p>So the valid slot of the higher sequence is right whenever one slot is damaged, for whichever reason, and there is
 * no need to know the reason. Two damaged slots are refused. Slots alternating by state would save the second sync, but
 * then a damaged newest slot could be a torn write that nobody was told of, or a vote that was acknowledged and rotted,
 * and nothing could tell. Votes are rare; the second sync is not missed.
 *
 * <pre>
 * slot    at byte 0 and at byte 4096 of a file of 8192 bytes; all numbers big-endian
 *          0  8  magic "AXOLHARD"
 *          8  4  format version, 1
 *         12  4  number of the slot, 0 or 1: a misdirected write does not verify (fault D18)
 *         16  8  sequence, one more with each state
 *         24  8  term
 *         32  8  vote in that term, 0 for none
 *         40  8  commit index
 *         48  8  zeros
 *         56  4  zeros
 *         60  4  CRC32C of [0, 60)
 *         64     zeros up to 4096, not covered
 * </pre>
 *
 * <p>Confined to the log-writer thread.
 */
public final class HardStateFile implements AutoCloseable {
    private static final long MAGIC = 0x41584F4C48415244L;
    private static final int VERSION = 1;
    private static final int SLOT_BYTES = 4096;
    private static final int FIELDS_BYTES = 64;
    private static final int CHECKSUM_AT = 60;
    private static final int SLOTS = 2;

    private final Path path;
    private final DiskFile file;
    private long sequence;
    private HardState state;
    private @Nullable Throwable failure;

    private HardStateFile(Path path, DiskFile file, long sequence, HardState state) {
        this.path = path;
        this.file = file;
        this.sequence = sequence;
        this.state = state;
    }

    /** A valid slot. Immutable. */
    private record Slot(long sequence, HardState state) {}

    /** Makes the file of a node that has never taken part, durably and at once. */
    public static void create(Disk disk, Path path) {
        ByteBuffer both = ByteBuffer.allocate(SLOTS * SLOT_BYTES);
        for (int slot = 0; slot < SLOTS; slot++) {
            encode(both, slot * SLOT_BYTES, slot, 1, HardState.INITIAL);
        }
        disk.replace(path, both.array());
    }

    /**
     * Opens the file and brings both slots up to the newer one.
     *
     * @throws HardStateLostException if the file is missing or neither slot verifies; nothing has been changed
     * @throws NewerFormatException if a newer release wrote it
     */
    public static HardStateFile open(Disk disk, Path path) {
        if (!disk.exists(path)) {
            throw new HardStateLostException(path, "the file is missing");
        }
        DiskFile file = disk.open(path);
        boolean isOpen = false;
        try {
            ByteBuffer both = ByteBuffer.allocate(SLOTS * SLOT_BYTES);
            file.read(both, 0);
            Slot first = decode(both, 0, path);
            Slot second = decode(both, 1, path);
            Slot newest = second == null || (first != null && first.sequence() >= second.sequence()) ? first : second;
            if (newest == null) {
                throw new HardStateLostException(path, "both copies in it are damaged");
            }
            HardStateFile opened = new HardStateFile(path, file, newest.sequence(), newest.state());
            // The slot that may be the only good one is not touched before the other has been synced. Both are written
            // even if they look right: what the system shows may never have reached the disk (pitfall 54).
            int newestSlot = newest.equals(first) ? 0 : 1;
            opened.writeSlot(1 - newestSlot);
            opened.writeSlot(newestSlot);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                file.close();
            }
        }
    }

    /** What was read or written last. */
    public HardState state() {
        return state;
    }

    /**
     * Makes {@code newState} durable. After a crash in the meantime the file holds it or the state before.
     *
     * @throws IllegalArgumentException if the term falls, or the vote changes within a term (pitfall 2)
     * @throws WalFailedException if an earlier write has failed
     * @throws io.axolotl.storage.disk.DiskException if the disk fails, which ends the use of this object (pitfall 54)
     */
    public void write(HardState newState) {
        if (failure != null) {
            throw new WalFailedException(path, failure);
        }
        boolean isSameTerm = newState.term() == state.term();
        if (newState.term() < state.term()
                || (isSameTerm && state.votedFor() != null && !state.votedFor().equals(newState.votedFor()))) {
            throw new IllegalArgumentException("a node that is at " + state + " cannot go to " + newState
                    + ": terms never fall, and there is one vote in each");
        }
        try {
            sequence++;
            state = newState;
            writeSlot(0);
            writeSlot(1);
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void close() {
        file.close();
    }

    private void writeSlot(int slot) {
        ByteBuffer bytes = ByteBuffer.allocate(FIELDS_BYTES);
        encode(bytes, 0, slot, sequence, state);
        file.write(bytes, (long) slot * SLOT_BYTES);
        file.sync();
    }

    private static void encode(ByteBuffer out, int at, int slot, long sequence, HardState state) {
        NodeId votedFor = state.votedFor();
        out.putLong(at, MAGIC);
        out.putInt(at + 8, VERSION);
        out.putInt(at + 12, slot);
        out.putLong(at + 16, sequence);
        out.putLong(at + 24, state.term());
        out.putLong(at + 32, votedFor == null ? 0 : votedFor.value());
        out.putLong(at + 40, state.commitIndex());
        out.putInt(at + CHECKSUM_AT, checksum(out, at));
    }

    private static @Nullable Slot decode(ByteBuffer in, int slot, Path path) {
        int at = slot * SLOT_BYTES;
        if (in.getLong(at) != MAGIC || in.getInt(at + CHECKSUM_AT) != checksum(in, at) || in.getInt(at + 12) != slot) {
            return null;
        }
        int version = in.getInt(at + 8);
        if (version != VERSION) {
            throw new NewerFormatException(path, version, VERSION);
        }
        long vote = in.getLong(at + 32);
        return new Slot(
                in.getLong(at + 16),
                new HardState(in.getLong(at + 24), vote == 0 ? null : new NodeId(vote), in.getLong(at + 40)));
    }

    private static int checksum(ByteBuffer bytes, int at) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().position(at).limit(at + CHECKSUM_AT));
        return (int) crc.getValue();
    }
}
