package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a damaged log still says, and how a sound one is made of it. The damaged files are only read; what is kept is
 * written into a new folder, which takes the place of the old one by renames, and the old one stays beside it under another
 * name until its owner says that nothing of it is needed any more (fault D11: never repaired by dropping what may have been
 * acknowledged).
 *
 * <pre>
 *        head                        lost                     tail
 *   [ok][ok][ok][ok]  [ x ][ok but its chain is broken][ok][ok][ok][mark]
 *   previous .. a      cannot be vouched for            p .. knownLast
 * </pre>
 *
 * <p>The <i>head</i> is what verifies from the beginning on. The <i>tail</i> is what verifies from some trailer or header
 * behind the damage to the end of the log, if a mark proves where that is: then the last entry of the log is known for
 * certain, and if the durable state reaches to the beginning of the tail, nothing was lost at all.
 *
 * <p>Used once, by one thread.
 */
public final class WalSalvage implements AutoCloseable {
    private static final int COPY_BYTES = 1 << 20;
    private static final int READ_AHEAD_BYTES = 1 << 20;
    private static final String REPAIRED = ".repaired";
    private static final String DAMAGED = ".damaged";

    private final Disk disk;
    private final Path folder;
    private final WalOptions options;
    private final EntryId floor;
    private final List<SegmentCandidate> found = new ArrayList<>();

    /** Null if not even the beginning of the log can be read. */
    private @Nullable LogIndex head;

    private @Nullable LogIndex tail;

    /** Up to here the scan of the head has got; the tail is sought behind. */
    private LogPosition searched = LogPosition.NONE;

    private WalSalvage(Disk disk, Path folder, WalOptions options, EntryId floor) {
        this.disk = disk;
        this.folder = folder;
        this.options = options;
        this.floor = floor;
    }

    /**
     * What became of a damaged log.
     *
     * @param isComplete whether nothing of it is missing that the durable state does not contain
     * @param keptPrevious the entry before the first that was kept
     * @param keptLast the last entry that was kept
     * @param knownLast the last entry before the damage, or null if that cannot be told
     */
    public record Outcome(
            boolean isComplete,
            EntryId keptPrevious,
            EntryId keptLast,
            @Nullable EntryId knownLast) {}

    /**
     * Finishes a change of folders that a crash has cut short, and throws away a new log that was not finished. To be
     * called before the log is looked for.
     */
    public static void finishSwap(Disk disk, Path folder) {
        Path repaired = beside(folder, REPAIRED);
        disk.deleteTree(beside(folder, REPAIRED + ".new"));
        if (!disk.exists(repaired)) {
            return;
        }
        if (disk.exists(folder)) {
            disk.deleteTree(repaired);
        } else {
            // As in swap: the new log does not come before the old one was set aside for good.
            lastDamaged(disk, folder).ifPresent(disk::nameAnew);
            disk.rename(repaired, folder);
        }
        disk.syncDirectory(parent(folder));
    }

    private static Optional<Path> lastDamaged(Disk disk, Path folder) {
        Path last = null;
        for (int number = 1; disk.exists(beside(folder, DAMAGED + number)); number++) {
            last = beside(folder, DAMAGED + number);
        }
        return Optional.ofNullable(last);
    }

    /** Gives back the room of all damaged logs that were set aside. A crash may have left any of them. */
    public static void dropDamaged(Disk disk, Path folder) {
        String prefix = folder.getFileName() + DAMAGED;
        for (Path path : disk.list(parent(folder))) {
            if (String.valueOf(path.getFileName()).startsWith(prefix)) {
                disk.deleteTree(path);
            }
        }
        disk.syncDirectory(parent(folder));
    }

    /**
     * Reads what can be read. Changes nothing.
     *
     * @param floor the last entry that is contained in the durable state
     */
    public static WalSalvage inspect(Disk disk, Path folder, WalOptions options, EntryId floor) {
        WalSalvage salvage = new WalSalvage(disk, folder, options, floor);
        boolean isDone = false;
        try {
            salvage.openFiles();
            salvage.readHead();
            salvage.findTail();
            isDone = true;
            return salvage;
        } finally {
            if (!isDone) {
                salvage.close();
            }
        }
    }

    /** What {@link #rebuild} will come to. */
    public Outcome outcome() {
        LogIndex source = source();
        EntryId knownLast = tail == null ? null : tail.last();
        boolean endsInState = knownLast != null && knownLast.index() <= floor.index();
        return new Outcome(
                endsInState || (source != null && source == tail),
                source == null ? floor : source.previous(),
                source == null ? floor : source.last(),
                knownLast);
    }

    /**
     * Makes the new log and puts it in place, durably. A crash leaves the old log or the new one, after {@link #finishSwap}.
     *
     * @return where the damaged one is now
     */
    public Path rebuild() {
        Path repaired = beside(folder, REPAIRED);
        disk.deleteTree(repaired);
        Wal.create(disk, repaired, options);
        copyInto(repaired);
        return swap();
    }

    /** Lets go of the damaged files. */
    @Override
    public void close() {
        found.forEach(candidate -> candidate.file().retire());
        found.clear();
    }

    private void copyInto(Path repaired) {
        LogIndex source = source();
        EntryId previous = source == null ? floor : source.previous();
        Wal wal = Wal.open(disk, repaired, options, EntryId.ZERO).wal();
        try (wal) {
            if (previous.index() > 0) {
                wal.reset(previous);
            }
            for (long at = previous.index() + 1;
                    source != null && at <= source.last().index(); ) {
                List<Entry> entries = EntryReader.read(source, at, source.last().index() + 1, COPY_BYTES);
                wal.append(entries);
                wal.sync();
                at += entries.size();
            }
        }
    }

    private Path swap() {
        int number = 1;
        while (disk.exists(beside(folder, DAMAGED + number))) {
            number++;
        }
        Path aside = beside(folder, DAMAGED + number);
        if (disk.exists(folder)) {
            disk.rename(folder, aside);
            // Durable by itself: a crash must not leave the new log without the old one having been set aside.
            disk.syncDirectory(parent(folder));
        }
        disk.rename(beside(folder, REPAIRED), folder);
        disk.syncDirectory(parent(folder));
        return aside;
    }

    /** What is copied: the tail if the durable state reaches to it, else the head if it reaches to the state. */
    private @Nullable LogIndex source() {
        if (meetsFloor(tail)) {
            return tail;
        }
        return meetsFloor(head) ? head : null;
    }

    private boolean meetsFloor(@Nullable LogIndex part) {
        return part != null
                && part.previous().index() <= floor.index()
                && floor.index() <= part.last().index()
                && part.term(floor.index()) == floor.term();
    }

    private void openFiles() {
        if (!disk.exists(folder)) {
            return;
        }
        for (Map.Entry<Long, Path> segment :
                WalFolder.list(disk, folder).segments().entrySet()) {
            try {
                found.add(SegmentCandidate.open(disk, segment.getKey(), segment.getValue()));
            } catch (WalCorruptedException wrongSize) {
                // Left out: the hole that it leaves in the numbers tells what was before it from what is behind it.
            }
        }
    }

    /** Reads from the last beginning on, else from the oldest file, as far as the numbers have no hole. */
    private void readHead() {
        int first = 0;
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i).isStart()) {
                first = i;
            }
        }
        if (found.isEmpty()) {
            return;
        }
        SegmentHeader header = found.get(first).header();
        searched = new LogPosition(found.get(first).file().sequence(), 0);
        if (header != null) {
            LogScan scan = LogScan.from(run(first), header);
            boolean isSound = scan.tryToEnd();
            head = scan.index();
            searched = scan.end();
            // It may be refused for where it begins only.
            tail = isSound && scan.hasMark() ? head : null;
        }
    }

    /** Candidates from {@code first} on, up to the first hole in their numbers. */
    private List<SegmentCandidate> run(int first) {
        int end = first + 1;
        while (end < found.size()
                && found.get(end).file().sequence() == found.get(end - 1).file().sequence() + 1) {
            end++;
        }
        return found.subList(first, end);
    }

    private void findTail() {
        for (int i = 0; i < found.size() && tail == null; i++) {
            SegmentCandidate candidate = found.get(i);
            SegmentFile file = candidate.file();
            SegmentHeader header = candidate.header();
            if (header != null && new LogPosition(file.sequence(), 0).isAfter(searched)) {
                take(LogScan.from(run(i), header));
            }
            ReadWindow window = new ReadWindow(file.file(), file.sizeBytes(), READ_AHEAD_BYTES);
            for (long sector = 0; sector < file.sizeBytes() && tail == null; sector += WalFormat.SECTOR_BYTES) {
                LogPosition behind = new LogPosition(file.sequence(), sector + WalFormat.SECTOR_BYTES);
                if (behind.isAfter(searched)) {
                    LogScan scan = LogScan.behindTrailer(run(i), window, sector);
                    if (scan != null) {
                        take(scan);
                    }
                }
            }
        }
    }

    /** Follows the chain from some place behind the damage; it counts only if it leads to the mark at the end. */
    private void take(LogScan scan) {
        boolean isSound = scan.tryToEnd();
        searched = LogPosition.max(searched, scan.end());
        if (isSound && scan.hasMark()) {
            tail = scan.index();
        }
    }

    private static Path beside(Path folder, String suffix) {
        return folder.resolveSibling(folder.getFileName() + suffix);
    }

    private static Path parent(Path folder) {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the log needs a folder that has a parent, got " + folder);
        }
        return parent;
    }
}
