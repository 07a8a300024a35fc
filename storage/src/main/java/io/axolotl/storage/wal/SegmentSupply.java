package io.axolotl.storage.wal;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskFullException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where the log's files come from and where they go. Makes the next segment ahead of time, by recycling a spare or by
 * filling a new file with zeros, so that an append needs neither space nor metadata. A file gets its final name, and
 * that name is synced, before it is given out (pitfall 6).
 *
 * <p>{@link #prepare} may run on a helper thread beside the others, which are for the log-writer thread.
 */
final class SegmentSupply {
    private static final int ZEROS_BYTES = 1 << 20;

    private final Disk disk;
    private final Path folder;
    private final WalOptions options;
    private final Queue<Path> spares = new ConcurrentLinkedQueue<>();

    /** Guards what follows; held while a file is made. Retiring files does not need it, so it does not wait. */
    private final Object making = new Object();

    private @Nullable SegmentFile prepared;
    private long nextSequence;
    private boolean isClosed;

    /** A failure that leaves the disk in an unknown state; a full disk does not. */
    private @Nullable Throwable failure;

    /** @param prepared a segment that is ready and has the number before {@code nextSequence}, or null */
    SegmentSupply(
            Disk disk,
            Path folder,
            WalOptions options,
            long nextSequence,
            @Nullable SegmentFile prepared,
            List<Path> spares) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
        this.nextSequence = nextSequence;
        this.prepared = prepared;
        this.spares.addAll(spares);
    }

    /** Makes the next segment if it is not ready yet. A full disk changes nothing; after any other failure, no more. */
    void prepare() {
        synchronized (making) {
            if (prepared == null && !isClosed) {
                prepared = makeOnce();
            }
        }
    }

    /** The next segment, with at least this many bytes; made now if it was not ready. */
    SegmentFile take(long minimumBytes) {
        synchronized (making) {
            SegmentFile taken = prepared == null ? makeOnce() : prepared;
            prepared = taken;
            if (taken.sizeBytes() < minimumBytes) {
                taken = enlarge(taken, minimumBytes);
            }
            prepared = null;
            return taken;
        }
    }

    /**
     * Takes segments out of the log for good, oldest first: some to be recycled, the others deleted. A crash in between
     * leaves some of them; those that are not needed are dropped by the next start.
     */
    void retire(List<SegmentFile> retired) {
        if (retired.isEmpty()) {
            return;
        }
        for (SegmentFile segment : retired) {
            boolean isUnread = segment.retire();
            boolean isWanted =
                    spares.size() < options.maxSpareSegments() && segment.sizeBytes() == options.segmentSizeBytes();
            if (isUnread && isWanted) {
                Path spare = WalFolder.spare(folder, segment.sequence());
                disk.rename(segment.path(), spare);
                spares.add(spare);
            } else {
                disk.delete(segment.path());
            }
        }
        disk.syncDirectory(folder);
    }

    /** Ends the making of files: a helper thread that comes later finds nothing to do. */
    void close() {
        synchronized (making) {
            isClosed = true;
            if (prepared != null) {
                prepared.retire();
                prepared = null;
            }
        }
    }

    private SegmentFile makeOnce() {
        if (failure != null) {
            throw new WalFailedException(folder, failure);
        }
        try {
            return make();
        } catch (DiskFullException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    private SegmentFile make() {
        Path path = WalFolder.segment(folder, nextSequence);
        Path spare = spares.poll();
        if (spare != null) {
            disk.rename(spare, path);
        } else {
            Path temporary = WalFolder.temporary(folder, nextSequence);
            fill(temporary);
            disk.rename(temporary, path);
        }
        disk.syncDirectory(folder);
        SegmentFile made = SegmentFile.open(disk, nextSequence, path);
        nextSequence++;
        return made;
    }

    private void fill(Path temporary) {
        if (disk.exists(temporary)) {
            disk.delete(temporary);
        }
        try (DiskFile file = disk.create(temporary)) {
            writeZeros(file, 0, options.segmentSizeBytes());
            file.sync();
        } catch (DiskException e) {
            deleteAfter(e, temporary);
            throw e;
        }
    }

    /** What was written so far would only take the space that is missing. */
    private void deleteAfter(DiskException failure, Path temporary) {
        try {
            if (disk.exists(temporary)) {
                disk.delete(temporary);
            }
        } catch (DiskException e) {
            failure.addSuppressed(e);
        }
    }

    private SegmentFile enlarge(SegmentFile segment, long minimumBytes) {
        writeZeros(segment.file(), segment.sizeBytes(), minimumBytes);
        segment.file().sync();
        segment.retire();
        SegmentFile enlarged = SegmentFile.open(disk, segment.sequence(), segment.path());
        prepared = enlarged;
        return enlarged;
    }

    private static void writeZeros(DiskFile file, long from, long to) {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, to - from));
        for (long at = from; at < to; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
            file.write(zeros, at);
        }
    }
}
