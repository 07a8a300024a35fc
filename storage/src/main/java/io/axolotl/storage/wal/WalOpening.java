package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens a log, step by step. Steps 1 to 4 only read, so a refusal leaves everything as it was. Used once, by one
 * thread.
 */
final class WalOpening {
    private static final int REWRITE_BYTES = 1 << 20;

    private final Disk disk;
    private final Path folder;
    private final WalOptions options;
    private final EntryId floor;

    /** Every file that has been opened, in the order of their numbers. */
    private final List<SegmentCandidate> found = new ArrayList<>();

    WalOpening(Disk disk, Path folder, WalOptions options, EntryId floor) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
        this.floor = floor;
    }

    WalRecovery open() {
        boolean isOpen = false;
        try {
            WalRecovery recovery = openFiles();
            isOpen = true;
            return recovery;
        } finally {
            if (!isOpen) {
                found.forEach(candidate -> candidate.file().retire());
            }
        }
    }

    private WalRecovery openFiles() {
        long start = System.nanoTime();
        // 1. What is there?
        WalFolder names = listFolder();
        for (Map.Entry<Long, Path> segment : names.segments().entrySet()) {
            found.add(SegmentCandidate.open(disk, segment.getKey(), segment.getValue()));
        }
        // 2. Where does the log begin?
        int first = firstOfLog();
        SegmentHeader firstHeader = found.get(first).header();
        if (firstHeader == null) {
            throw new WalCorruptedException(
                    found.get(first).file().path(), 0, 1, "the header of the first segment does not verify");
        }
        // 3. Where does it end, and is anything damaged?
        LogScan.Result scan = LogScan.run(found.subList(first, found.size()), firstHeader);
        // 4. Does it continue the durable state?
        LogIndex index = scan.index();
        EntryId foundLast = index.last();
        if (index.previous().index() > floor.index()) {
            throw new WalGapException(folder, index.previous(), floor);
        }
        // 5. What was found is durable from here on.
        BatchBuffer batch = settleTail(scan);
        // 6. Drop what the log does not need.
        SegmentSupply supply = dropRest(names, first, scan.active());
        Wal wal = new Wal(folder, supply, index, batch);
        // 7. A snapshot was installed and the process ended before the log could follow.
        boolean isReset = floor.index() > foundLast.index() || index.term(floor.index()) != floor.term();
        if (isReset) {
            wal.reset(floor);
        }
        return new WalRecovery(
                wal,
                found.size() - first,
                scan.entries(),
                scan.bytes(),
                scan.tornBytes(),
                first,
                foundLast,
                isReset,
                System.nanoTime() - start);
    }

    private WalFolder listFolder() {
        if (!disk.exists(folder)) {
            throw new WalCorruptedException(folder, 0, 1, "the whole folder is missing");
        }
        WalFolder names = WalFolder.list(disk, folder);
        if (names.segments().isEmpty()) {
            throw new WalCorruptedException(folder, 0, 1, "all segment files are missing");
        }
        return names;
    }

    /**
     * The log begins with the last segment that says so, else with the oldest. But segments are dropped oldest first,
     * and a crash may undo any of these deletions. So the log begins later if a file is missing in between, or if a
     * segment continues an entry that lies before the oldest segment (it cut the log, and what it cut was dropped up to
     * there). That is harmless if the durable state reaches as far, and damage otherwise.
     */
    private int firstOfLog() {
        int start = 0;
        int hole = 0;
        for (int i = 1; i < found.size(); i++) {
            if (found.get(i).isStart()) {
                start = i;
                hole = i;
            } else if (found.get(i).file().sequence() != found.get(i - 1).file().sequence() + 1) {
                hole = i;
            }
        }
        int first = hole;
        for (int i = hole + 1; i < found.size(); i++) {
            if (previousOf(i) < previousOf(first)) {
                first = i;
            }
        }
        if (hole > start && previousOf(first) > floor.index()) {
            long missing = found.get(hole).file().sequence() - 1;
            throw new WalCorruptedException(
                    WalFolder.segment(folder, missing), 0, floor.index() + 1, "the file is missing");
        }
        return previousOf(first) <= floor.index() ? first : start;
    }

    /** Index of the entry that the segment continues; the largest number if its header does not verify. */
    private long previousOf(int number) {
        SegmentHeader header = found.get(number).header();
        return header == null ? Long.MAX_VALUE : header.previous().index();
    }

    /** Makes the tail durable and ready to be continued. */
    private BatchBuffer settleTail(LogScan.Result scan) {
        if (!scan.isVouched()) {
            rewrite(scan.lastWrite());
        }
        SegmentFile active = scan.active();
        EntryId last = scan.index().last();
        BatchBuffer batch =
                new BatchBuffer(options.bufferBytes(), active, scan.end().offset(), scan.link(), last);
        if (scan.end().offset() == 0) {
            batch.begin(active, false, last);
            batch.write();
            active.file().sync();
            batch.markSynced();
            scan.index().add(new WalSegment(active, last));
            batch.writeMark();
        } else if (!scan.hasMark()) {
            batch.writeMark();
        }
        return batch;
    }

    /**
     * Writes bytes over themselves and syncs them. Nobody vouches for them, so the sync that was to cover them may have
     * failed, and after that the system may show bytes that it will never write, while a mere sync would find nothing
     * to do and succeed (pitfall 54).
     */
    private static void rewrite(LogScan.WrittenBytes written) {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(REWRITE_BYTES, written.to() - written.from()));
        for (long at = written.from(); at < written.to(); at += bytes.limit()) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), written.to() - at));
            written.file().file().read(bytes, at);
            written.file().file().write(bytes.flip(), at);
        }
        written.file().file().sync();
    }

    private SegmentSupply dropRest(WalFolder names, int first, SegmentFile active) {
        SegmentFile prepared = dropBehind(active);
        List<Path> spares = new ArrayList<>();
        List<Path> remains = new ArrayList<>();
        // One of them may just have been the name in between of the segment that is ready.
        names.temporaries().stream().filter(disk::exists).forEach(remains::add);
        for (Path spare : names.spares()) {
            (spares.size() < options.maxSpareSegments() && isRecyclable(spare) ? spares : remains).add(spare);
        }
        for (SegmentCandidate before : found.subList(0, first)) {
            before.file().retire();
            remains.add(before.file().path());
        }
        if (!remains.isEmpty()) {
            remains.forEach(disk::delete);
            disk.syncDirectory(folder);
        }
        long next = active.sequence() + (prepared == null ? 1 : 2);
        return new SegmentSupply(disk, folder, options, next, prepared, spares);
    }

    /**
     * Of the segments behind the end of the log the next one is kept, ready to be used, if it has the right size. The others go
     * one by one, the last one first: a crash leaves no hole, which would look like a file that is missing.
     */
    private @Nullable SegmentFile dropBehind(SegmentFile active) {
        SegmentFile prepared = null;
        for (int i = found.size() - 1; i >= 0 && found.get(i).file().sequence() > active.sequence(); i--) {
            SegmentFile file = found.get(i).file();
            if (file.sequence() == active.sequence() + 1 && file.sizeBytes() == options.segmentSizeBytes()) {
                prepared = file;
                nameAnew(file);
            } else {
                file.retire();
                disk.delete(file.path());
                disk.syncDirectory(folder);
            }
        }
        return prepared;
    }

    /**
     * The sync of the name of a segment that was only made ready may have failed, and a name that is merely shown must not hold
     * what is synced later (pitfalls 6 and 54). After a crash in between, the file is one of the temporary ones.
     */
    private void nameAnew(SegmentFile prepared) {
        Path temporary = WalFolder.temporary(folder, prepared.sequence());
        disk.rename(prepared.path(), temporary);
        disk.rename(temporary, prepared.path());
        disk.syncDirectory(folder);
    }

    private boolean isRecyclable(Path spare) {
        try (DiskFile file = disk.open(spare)) {
            return file.size() == options.segmentSizeBytes();
        }
    }
}
