package io.axolotl.storage.snapshot;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of one member: takes them, finds them, keeps them from being deleted while they are read, and takes in
 * those that a leader sends. See the package for the layout.
 *
 * <p>Safe for all threads. Taking and receiving may each be done by one thread at a time; both are slow and belong on a
 * thread that has nothing urgent to do.
 */
public final class SnapshotStore {
    static final String MANIFEST = "manifest";
    private static final String CREATING = ".creating";
    private static final String RECEIVING = ".receiving";

    private static final Pattern NAME = Pattern.compile("([0-7][0-9a-f]{15})-([0-7][0-9a-f]{15})");
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final Disk disk;
    private final Path folder;
    private final long clusterId;

    /** How many hold each snapshot, by folder. Guarded by this. */
    private final Map<Path, Integer> pins = new HashMap<>();

    /** Guarded by this. */
    private @Nullable SnapshotReceiver receiving;

    /**
     * Checksums of immutable files of the state machine that the last snapshot was taken of. While a database is open it
     * gives no file number twice, so a name alone tells the content; another state machine starts anew. Guarded by {@link
     * #creating}.
     */
    private final Map<String, FileEntry> known = new HashMap<>();

    private WeakReference<KvStateMachine> knownOf = new WeakReference<>(null);
    private final Object creating = new Object();

    /**
     * @param folder must exist
     * @param clusterId snapshots of another cluster are refused
     */
    public SnapshotStore(Disk disk, Path folder, long clusterId) {
        this.disk = disk;
        this.folder = folder;
        this.clusterId = clusterId;
    }

    /** Throws away what was not finished when the process last ended. To be called once, before anything else. */
    public void dropPartial() {
        for (Path path : disk.list(folder)) {
            String name = nameOf(path);
            if (name.endsWith(CREATING) || name.endsWith(RECEIVING)) {
                disk.deleteTree(path);
            }
        }
        disk.syncDirectory(folder);
    }

    /**
     * Takes a snapshot of what the state machine has applied. Runs are held up only while the engine makes its links; the
     * checksums are computed beside them. On return the snapshot survives a power cut, and so does everything it stands
     * for: the log may be cut up to its last entry.
     */
    public Snapshot create(KvStateMachine stateMachine) {
        synchronized (creating) {
            Path partial = folder.resolve("next" + CREATING);
            disk.deleteTree(partial);
            disk.createDirectory(partial);
            Path files = filesOf(partial);
            SnapshotMetadata metadata = stateMachine.checkpoint(files);
            if (knownOf.get() != stateMachine) {
                known.clear();
                knownOf = new WeakReference<>(stateMachine);
            }
            List<FileEntry> entries = new ArrayList<>();
            for (Path file : disk.list(files)) {
                entries.add(entryOf(file));
            }
            known.keySet().retainAll(entries.stream().map(FileEntry::name).toList());
            entries.sort(Comparator.comparing(FileEntry::name));
            return publish(partial, new SnapshotManifest(metadata, clusterId, entries));
        }
    }

    private FileEntry entryOf(Path file) {
        String name = nameOf(file);
        FileEntry entry = known.get(name);
        if (entry == null) {
            entry = FileChecksum.entryOf(disk, file);
            try (DiskFile opened = disk.open(file)) {
                opened.sync();
            }
            if (FileChecksum.isImmutable(name)) {
                known.put(name, entry);
            }
        }
        return entry;
    }

    /**
     * Gives a complete, synced set of files its manifest and its name. If there is an intact snapshot of this name, that
     * one stays: while it were being replaced a crash would leave neither, and the log may have been cut up to it. Only a
     * damaged one is replaced.
     */
    Snapshot publish(Path partial, SnapshotManifest manifest) {
        Path whole = folder.resolve(nameOf(manifest.last()));
        synchronized (this) {
            if (pins.containsKey(whole) || isIntact(whole)) {
                disk.deleteTree(partial);
                return pin(whole, readManifest(whole).orElseThrow(), false);
            }
            remove(whole);
            disk.syncDirectory(filesOf(partial));
            try (DiskFile file = disk.create(partial.resolve(MANIFEST))) {
                file.write(ByteBuffer.wrap(manifest.encode()), 0);
                file.sync();
            }
            disk.syncDirectory(partial);
            disk.rename(partial, whole);
            disk.syncDirectory(folder);
            return pin(whole, manifest, true);
        }
    }

    private boolean isIntact(Path whole) {
        Optional<SnapshotManifest> manifest = disk.exists(whole) ? readManifest(whole) : Optional.empty();
        if (manifest.isEmpty()) {
            return false;
        }
        try {
            for (FileEntry file : manifest.get().files()) {
                Snapshot.verify(disk, filesOf(whole).resolve(file.name()), file);
            }
            return true;
        } catch (SnapshotDamagedException e) {
            LOG.warn("A damaged snapshot is replaced: {}", e.getMessage());
            return false;
        }
    }

    /** The newest snapshot that is whole, for the caller to close. */
    public Optional<Snapshot> newest() {
        List<SnapshotManifest> all = all();
        return all.isEmpty() ? Optional.empty() : open(all.get(0).last());
    }

    /** The snapshot that ends with this entry, for the caller to close. */
    public synchronized Optional<Snapshot> open(EntryId last) {
        Path path = folder.resolve(nameOf(last));
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        return readManifest(path).map(manifest -> pin(path, manifest, false));
    }

    /** What all whole snapshots stand for, the newest first. One whose manifest is damaged is logged and left out. */
    public synchronized List<SnapshotManifest> all() {
        List<SnapshotManifest> found = new ArrayList<>();
        for (Path path : wholeOnes().values()) {
            readManifest(path).ifPresent(found::add);
        }
        return found;
    }

    /** Folders with final names, the newest first. */
    private Map<EntryId, Path> wholeOnes() {
        Map<EntryId, Path> found = new TreeMap<>(Comparator.comparingLong(EntryId::index)
                .thenComparing(Comparator.naturalOrder())
                .reversed());
        for (Path path : disk.list(folder)) {
            Matcher name = NAME.matcher(nameOf(path));
            if (name.matches()) {
                found.put(new EntryId(Long.parseLong(name.group(2), 16), Long.parseLong(name.group(1), 16)), path);
            }
        }
        return found;
    }

    private Optional<SnapshotManifest> readManifest(Path snapshot) {
        Path file = snapshot.resolve(MANIFEST);
        try {
            if (!disk.exists(file)) {
                throw new SnapshotDamagedException(file, "it is missing", "Delete " + snapshot + ".");
            }
            return Optional.of(SnapshotManifest.decode(disk.readAll(file), file));
        } catch (SnapshotDamagedException e) {
            // A snapshot is a second copy: without it the member has its live state, and the one before.
            LOG.error("A snapshot is passed over: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Deletes all but the newest {@code keep} snapshots, and none that somebody holds.
     *
     * @param keep at least 1
     */
    public synchronized void deleteOlderThanNewest(int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("at least one snapshot is kept, got " + keep);
        }
        int kept = 0;
        for (Path path : wholeOnes().values()) {
            if (kept < keep && readManifest(path).isPresent()) {
                kept++;
            } else if (kept >= keep && !pins.containsKey(path)) {
                remove(path);
            }
        }
        disk.syncDirectory(folder);
    }

    /** Under a partial name first: a crash in the middle must not leave half of it under its own. */
    private void remove(Path whole) {
        if (disk.exists(whole)) {
            Path doomed = folder.resolve(nameOf(whole) + CREATING);
            disk.rename(whole, doomed);
            disk.syncDirectory(folder);
            disk.deleteTree(doomed);
        }
    }

    /**
     * Begins to take in a snapshot, or goes on with it: as long as the manifest is the same, what has been received stays
     * (pitfall 44). Another manifest throws the unfinished one away.
     *
     * @throws IllegalArgumentException if it is of another cluster
     */
    public synchronized SnapshotReceiver receive(SnapshotManifest manifest) {
        if (manifest.clusterId() != clusterId) {
            throw new IllegalArgumentException("a snapshot of cluster " + Long.toHexString(manifest.clusterId())
                    + " was offered to a member of cluster " + Long.toHexString(clusterId));
        }
        SnapshotReceiver current = receiving;
        if (current != null && !current.isOver() && current.manifest().equals(manifest)) {
            return current;
        }
        if (current != null) {
            current.abandon();
        }
        Path partial = folder.resolve(nameOf(manifest.last()) + RECEIVING);
        disk.deleteTree(partial);
        disk.createDirectory(partial);
        disk.createDirectory(filesOf(partial));
        SnapshotReceiver started = new SnapshotReceiver(this, disk, partial, manifest);
        started.reuse(wholeOnes().values());
        receiving = started;
        return started;
    }

    Optional<SnapshotManifest> manifestOf(Path snapshot) {
        return readManifest(snapshot);
    }

    private Snapshot pin(Path path, SnapshotManifest manifest, boolean isVerified) {
        pins.merge(path, 1, Integer::sum);
        return new Snapshot(this, disk, path, manifest, isVerified);
    }

    synchronized void unpin(Path path) {
        pins.computeIfPresent(path, (p, count) -> count == 1 ? null : count - 1);
    }

    static Path filesOf(Path snapshot) {
        return snapshot.resolve("db");
    }

    private static String nameOf(EntryId last) {
        return String.format("%016x-%016x", last.index(), last.term());
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }
}
