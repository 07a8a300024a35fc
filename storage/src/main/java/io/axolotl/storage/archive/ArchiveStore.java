package io.axolotl.storage.archive;

import io.axolotl.storage.archive.ArchiveHeader.PackedFile;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.StateSummary;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes archives of a member's state, a few at a time: each holds on to files that the state may have left behind.
 *
 * <p>Safe for all threads.
 */
public final class ArchiveStore {
    /** Most archives that are read at a time. */
    public static final int MOST = 4;

    private final Disk disk;
    private final Path folder;
    private final long clusterId;
    private final long memberId;
    private final Semaphore free = new Semaphore(MOST);
    private final AtomicLong next = new AtomicLong(1);

    /** @param folder on the file system of the state; made when it is needed, and of no use after the process has ended */
    public ArchiveStore(Disk disk, Path folder, long clusterId, long memberId) {
        this.disk = disk;
        this.folder = folder;
        this.clusterId = clusterId;
        this.memberId = memberId;
    }

    /** Throws away what was being read when the process last ended. To be called once, before anything else. */
    public void dropAll() {
        disk.deleteTree(folder);
    }

    /**
     * The whole state as of now, for the caller to read and close. Runs are held up only while the engine makes its links.
     * The files that are linked are read once before that, for the archive's checksum would vouch for whatever is in them.
     *
     * @return empty if too many are being read
     * @throws DiskFullException if there is no room; nothing is left of it then
     * @throws io.axolotl.storage.engine.EngineException which tells of damage, and names the file, if one has rotted; nothing
     *     is left of it then
     * @throws ClosedException if the state machine is closed
     */
    public Optional<StateArchive> make(KvStateMachine state) {
        if (!free.tryAcquire()) {
            return Optional.empty();
        }
        Path own = folder.resolve(Long.toString(next.getAndIncrement()));
        boolean isMade = false;
        try {
            disk.createDirectories(folder);
            StateSummary summary = state.export(own);
            List<Path> found = disk.list(own);
            found.stream().filter(ArchiveStore::isLinked).forEach(state::verifyFile);
            List<PackedFile> files = found.stream()
                    .map(file -> new PackedFile(String.valueOf(file.getFileName()), sizeOf(file)))
                    .sorted(Comparator.comparing(PackedFile::name))
                    .toList();
            ArchiveHeader header = new ArchiveHeader(clusterId, memberId, System.currentTimeMillis(), summary, files);
            StateArchive made = new StateArchive(disk, own, header, free::release);
            isMade = true;
            return Optional.of(made);
        } catch (EngineFullException e) {
            throw new DiskFullException(own, "make a checkpoint", e);
        } finally {
            if (!isMade) {
                disk.deleteTree(own);
                free.release();
            }
        }
    }

    private static boolean isLinked(Path file) {
        return KvEngine.isImmutable(String.valueOf(file.getFileName()));
    }

    private long sizeOf(Path file) {
        try (DiskFile opened = disk.open(file)) {
            return opened.size();
        }
    }
}
