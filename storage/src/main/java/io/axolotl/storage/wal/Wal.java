package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.storage.disk.Disk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log.
 *
 * <p>{@link #append} gathers, {@link #sync} makes durable and only then shows to readers. Any failure of the disk in
 * between ends the use of this object (pitfall 54): later calls that write throw {@link WalFailedException}, while what
 * had been synced before stays readable. The process then ends, and the next start finds out what is there.
 *
 * <p>Thread rule: {@code append}, {@code sync}, {@code truncatePrefix}, {@code reset} and {@code close} are confined to
 * the log-writer thread; the methods of {@link LogReader}, {@code sizeBytes}, {@code bytesAfter} and {@code lastSyncNanos} are safe for all
 * threads; {@code prepareNextSegment} may run on a helper thread.
 */
public final class Wal implements LogReader, AutoCloseable {
    private final Path folder;
    private final SegmentSupply supply;
    private final LogIndex index;
    private final StagedIndex staged;
    private final BatchBuffer batch;

    /** The segment that records go to. */
    private WalSegment active;

    private @Nullable Throwable failure;
    private volatile long lastSyncNanos;

    /** Goes on where a scan has found the end of the log, which has been made durable. */
    Wal(Path folder, SegmentSupply supply, LogIndex index, BatchBuffer batch) {
        this.folder = folder;
        this.supply = supply;
        this.index = index;
        this.staged = new StagedIndex(index.last());
        this.active = index.lastSegment();
        this.batch = batch;
    }

    /**
     * Makes an empty log in a folder that does not exist yet, durably. A crash leaves either the whole log or no
     * folder of this name, so an existing folder without segments is known to be damaged (fault D17).
     */
    public static void create(Disk disk, Path folder, WalOptions options) {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the log needs a folder that has a parent, got " + folder);
        }
        Path unfinished = folder.resolveSibling(folder.getFileName() + ".new");
        disk.deleteTree(unfinished);
        disk.createDirectory(unfinished);
        SegmentSupply supply = new SegmentSupply(disk, unfinished, options, 1, null, List.of());
        SegmentFile first = supply.take(options.segmentSizeBytes());
        ByteBuffer header = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        new WalFormat()
                .putHeader(
                        header, new SegmentHeader(first.sequence(), true, EntryId.ZERO, options.segmentSizeBytes(), 0));
        first.file().write(header.flip(), 0);
        first.file().sync();
        first.retire();
        disk.rename(unfinished, folder);
        disk.syncDirectory(parent);
    }

    /**
     * Opens the log after whatever happened to it. Everything that was synced is there, or the log is refused; what was
     * not synced is there wholly up to some entry, and is durable now.
     *
     * @param floor the last entry that is contained in the durable state: the snapshot or the applied index. If the log
     *     ends before it, or holds another entry at its index, a crash came between the install of a snapshot and
     *     {@link #reset}; the reset is done now
     * @throws WalCorruptedException if synced bytes are damaged or missing; nothing has been changed
     * @throws WalGapException if the log begins after the floor; nothing has been changed
     * @throws io.axolotl.storage.disk.NewerFormatException if a newer release wrote the log
     */
    public static WalRecovery open(Disk disk, Path folder, WalOptions options, EntryId floor) {
        return new WalOpening(disk, folder, options, floor).open();
    }

    /**
     * Adds entries to the current batch. If the first index is not after the last one, the log is cut there first;
     * both become durable together, by the next {@link #sync}: after a crash before it the log holds some prefix of
     * these entries over what they replace, or still all that they replace.
     *
     * @param entries contiguous, terms not falling; their first index at most one past {@link #last} and after
     *     {@link #previous}. May be empty
     * @throws IllegalArgumentException if they are not; nothing has been appended
     * @throws WalFailedException if an earlier call has failed
     * @throws io.axolotl.storage.disk.DiskException if the disk fails, which ends the use of this log
     */
    public void append(List<Entry> entries) {
        requireUsable();
        if (entries.isEmpty()) {
            return;
        }
        EntryId before = requireContinuation(entries);
        try {
            if (before.index() < staged.last().index()) {
                staged.cutAfter(before);
                if (before.index() < active.previous().index()) {
                    // Records of a segment come after its previous, so that the segments below can be dropped alone.
                    roll(0);
                }
            }
            for (Entry entry : entries) {
                put(entry);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /**
     * Makes all appended entries durable and visible to readers. Does nothing if there are none.
     *
     * @throws WalFailedException if an earlier call has failed
     * @throws io.axolotl.storage.disk.DiskException if the disk fails, which ends the use of this log
     */
    public void sync() {
        requireUsable();
        if (!batch.hasRecords()) {
            return;
        }
        try {
            finishBatch(BatchTrailer.Kind.BATCH);
            batch.writeMark();
            index.publish(staged);
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /**
     * Drops segments all of whose entries are at or before {@code throughIndex}, oldest first. Entries that share a
     * segment with later ones stay readable: {@link #previous} then is before {@code throughIndex}.
     *
     * @param throughIndex contained in a durable snapshot or in flushed state (pitfall 46)
     * @throws IllegalArgumentException if the log ends before {@code throughIndex}
     */
    public void truncatePrefix(long throughIndex) {
        requireUsable();
        if (throughIndex > index.last().index()) {
            throw new IllegalArgumentException(
                    "cannot drop entries through " + throughIndex + ": the log ends at " + index.last());
        }
        try {
            supply.retire(index.retireThrough(throughIndex));
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /**
     * A snapshot has replaced all that this log led to: drops everything, appended or synced, and begins anew after
     * {@code newPrevious}. Durable on return; after a crash the log is the old one or the new one.
     */
    public void reset(EntryId newPrevious) {
        requireUsable();
        try {
            List<SegmentFile> old = new ArrayList<>();
            SegmentFile next = supply.take(WalFormat.segmentBytesFor(0));
            batch.begin(next, true, newPrevious);
            batch.write();
            syncActive(next);
            List<WalSegment> unused = staged.discard(newPrevious);
            active = new WalSegment(next, newPrevious);
            old.addAll(index.replaceAll(active));
            unused.forEach(segment -> old.add(segment.file()));
            batch.writeMark();
            supply.retire(old);
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /**
     * Makes the next segment file ready, unless it is, so that an append need not wait for it. For a helper thread. Does
     * nothing once the log is closed.
     *
     * @throws io.axolotl.storage.disk.DiskFullException if there is no space: the log still takes what fits into the
     *     current segment, and this may be tried again. Any other exception means that the process should stop
     */
    public void prepareNextSegment() {
        supply.prepare();
    }

    /**
     * Reads every segment that is full again and holds it against its checksums, one after the other; those that are
     * dropped meanwhile are left out. Slow; for a quiet thread. Safe for all threads.
     *
     * @param read told how many bytes were read, after each part; may wait
     * @throws WalCorruptedException if something does not verify
     */
    public void verifySealed(LongConsumer read) {
        WalSegment segment = index.pinSealedAfter(0);
        while (segment != null) {
            SegmentFile file = segment.file();
            try {
                LogScan.verifySealed(segment, read);
            } finally {
                file.unpin();
            }
            segment = index.pinSealedAfter(file.sequence());
        }
    }

    /** How long the last sync took; 0 before the first one. */
    public long lastSyncNanos() {
        return lastSyncNanos;
    }

    /** Bytes of the segment files that make up the log, their unused room included. */
    public long sizeBytes() {
        return index.sizeBytes();
    }

    /**
     * About how many bytes of the log the synced entries after {@code index} take: right to some 64 entries or 16 KiB of
     * them, whichever is more. An index outside the log counts as its nearer end.
     */
    public long bytesAfter(long index) {
        return this.index.bytesAfter(index);
    }

    @Override
    public EntryId previous() {
        return index.previous();
    }

    /** The last synced entry. */
    @Override
    public EntryId last() {
        return index.last();
    }

    @Override
    public long term(long entryIndex) {
        return index.term(entryIndex);
    }

    /**
     * {@inheritDoc}
     *
     * @throws WalCorruptedException if an entry does not verify any more
     */
    @Override
    public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
        return EntryReader.read(index, fromIndex, toIndexExclusive, maxBytes);
    }

    @Override
    public List<Entry> membershipEntries() {
        return index.memberships();
    }

    /**
     * Closes the files. Entries that were appended but not synced are given up. If all went well, the mark behind the
     * last batch is synced too, so that damage to that batch while the process is down is told from a torn write.
     */
    @Override
    public void close() {
        try {
            if (failure == null) {
                active.file().file().sync();
            }
        } finally {
            failure = failure == null ? new IllegalStateException("the log was closed") : failure;
            index.files().forEach(SegmentFile::retire);
            staged.discard(index.last()).forEach(segment -> segment.file().retire());
            supply.close();
        }
    }

    /** What readers see. */
    LogIndex index() {
        return index;
    }

    private void put(Entry entry) {
        int recordBytes = WalFormat.recordBytes(entry);
        if (!batch.fits(recordBytes)) {
            roll(recordBytes);
        }
        long offset = batch.put(entry);
        staged.add(entry.id(), new LogPosition(active.file().sequence(), offset), recordBytes);
        if (entry.kind() == Entry.Kind.MEMBERSHIP) {
            staged.addMembership(entry);
        }
        if (batch.isFull()) {
            batch.write();
        }
    }

    /** Goes on in the next segment. The name of that is durable before this one's seal says that it exists. */
    private void roll(int recordBytes) {
        SegmentFile next = supply.take(WalFormat.segmentBytesFor(recordBytes));
        finishBatch(BatchTrailer.Kind.SEAL);
        active = new WalSegment(next, staged.last());
        staged.add(active);
        batch.begin(next, false, active.previous());
    }

    private void finishBatch(BatchTrailer.Kind kind) {
        batch.putTrailer(kind);
        batch.write();
        syncActive(active.file());
    }

    private void syncActive(SegmentFile file) {
        long start = System.nanoTime();
        file.file().sync();
        lastSyncNanos = System.nanoTime() - start;
        batch.markSynced();
    }

    private void requireUsable() {
        if (failure != null) {
            throw new WalFailedException(folder, failure);
        }
    }

    /** @return the entry before the first of them */
    private EntryId requireContinuation(List<Entry> entries) {
        long first = entries.get(0).index();
        EntryId previous = index.previous();
        if (first > staged.last().index() + 1 || first <= previous.index()) {
            throw new IllegalArgumentException("entry " + entries.get(0).id()
                    + " does not continue the log, which holds those after " + previous + " up to " + staged.last());
        }
        EntryId before = idAt(first - 1);
        EntryId at = before;
        for (Entry entry : entries) {
            if (entry.index() != at.index() + 1 || entry.term() < at.term()) {
                throw new IllegalArgumentException("entry " + entry.id() + " cannot follow entry " + at);
            }
            at = entry.id();
        }
        return before;
    }

    private EntryId idAt(long entryIndex) {
        long term = staged.holds(entryIndex) ? staged.term(entryIndex) : index.term(entryIndex);
        return new EntryId(term, entryIndex);
    }
}
