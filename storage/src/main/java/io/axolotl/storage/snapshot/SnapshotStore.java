package io.axolotl.storage.snapshot;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
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
    private static final String REPLACING = ".replacing";
    private static final String DAMAGED = ".damaged";

    private static final String HEX = "([0-7][0-9a-f]{15})";
    private static final Pattern NAME = Pattern.compile(HEX + "-" + HEX);
    private static final Pattern NAME_OF_DAMAGED = Pattern.compile(HEX + "-" + HEX + "\\.damaged[0-9]+");
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final Disk disk;
    private final Path folder;
    private final long clusterId;

    /** How many hold each snapshot, by folder. Guarded by this. */
    private final Map<Path, Integer> pins = new HashMap<>();

    /** Ends of the snapshots that were received and that the live state has not reached. Guarded by this. */
    private final Set<EntryId> awaitingInstall = new HashSet<>();

    /** Ends of the snapshots of which a file has turned out to be damaged. Guarded by this. */
    private final Set<EntryId> condemned = new HashSet<>();

    /** Guarded by this. */
    private @Nullable SnapshotReceiver receiving;

    /**
     * Checksums of immutable files of the state machine that the last snapshot was taken of. While a database is open it
     * gives no file number twice, so a name alone tells the content; another state machine starts anew. Guarded by {@link
     * #creating}.
     */
    private final Map<String, FileEntry> known = new HashMap<>();

    private WeakReference<KvStateMachine> knownOf = new WeakReference<>(null);

    /** A snapshot was condemned since the last was taken, so {@link #known} is held against the disk. Guarded likewise. */
    private boolean isKnownInDoubt;

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

    /**
     * Throws away what was not finished when the process last ended, and goes on with what was about to take a damaged
     * one's place. To be called once, before anything else.
     */
    public void dropPartial() {
        List<Path> replacements = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            String name = nameOf(path);
            if (name.endsWith(CREATING) || name.endsWith(RECEIVING)) {
                disk.deleteTree(path);
            } else if (name.endsWith(REPLACING)) {
                replacements.add(path);
            }
        }
        replacements.forEach(this::finishReplacing);
        disk.syncDirectory(folder);
    }

    /**
     * Takes a snapshot of what the state machine has applied. Runs are held up only while the engine makes its links; the
     * checksums are computed beside them. On return the snapshot survives a power cut, and so does everything it stands
     * for: the log may be cut up to its last entry.
     *
     * @throws DiskFullException if there is no room for it; nothing of it is left then, and it may be tried again
     * @throws SnapshotDamagedException if a damaged one stands for the same entry and somebody still holds it; likewise
     * @throws EngineException that tells of damage if a file of the database itself does not hold what was written: one
     *     that no snapshot had yet, or any after a snapshot was condemned
     */
    public Snapshot create(KvStateMachine stateMachine) {
        synchronized (creating) {
            Path partial = folder.resolve("next" + CREATING);
            disk.deleteTree(partial);
            try {
                disk.createDirectory(partial);
                Snapshot created = publish(partial, checkpoint(stateMachine, filesOf(partial)));
                reached(created.manifest().last());
                return created;
            } catch (DiskFullException e) {
                disk.deleteTree(partial);
                throw e;
            } catch (EngineFullException e) {
                disk.deleteTree(partial);
                throw new DiskFullException(partial, "make a checkpoint", e);
            }
        }
    }

    private SnapshotManifest checkpoint(KvStateMachine stateMachine, Path files) {
        SnapshotMetadata metadata = stateMachine.checkpoint(files);
        if (knownOf.get() != stateMachine) {
            known.clear();
            knownOf = new WeakReference<>(stateMachine);
        }
        List<FileEntry> entries = new ArrayList<>();
        for (Path file : disk.list(files)) {
            entries.add(entryOf(file, stateMachine));
        }
        known.keySet().retainAll(entries.stream().map(FileEntry::name).toList());
        isKnownInDoubt = false;
        entries.sort(Comparator.comparing(FileEntry::name));
        return new SnapshotManifest(metadata, clusterId, entries);
    }

    private FileEntry entryOf(Path file, KvStateMachine stateMachine) {
        String name = nameOf(file);
        FileEntry entry = known.get(name);
        if (entry != null && isKnownInDoubt) {
            requireUnchanged(file, entry);
        }
        if (entry == null) {
            if (KvEngine.isImmutable(name)) {
                // It may have rotted before its first checksum here, which would vouch for that.
                stateMachine.verifyFile(file);
            }
            entry = FileChecksum.entryOf(disk, file);
            try (DiskFile opened = disk.open(file)) {
                opened.sync();
            }
            if (KvEngine.isImmutable(name)) {
                known.put(name, entry);
            }
        }
        return entry;
    }

    /** The file is one with that of the database: what is wrong with it is wrong with the live state. */
    private void requireUnchanged(Path file, FileEntry entry) {
        FileEntry found = FileChecksum.entryOf(disk, file);
        if (!found.equals(entry)) {
            throw new EngineException(
                    "the file " + entry.name() + " of the database is damaged: it has "
                            + found.sizeBytes() + " bytes with checksum " + Integer.toHexString(found.crc32c())
                            + " and was written with "
                            + entry.sizeBytes() + " and " + Integer.toHexString(entry.crc32c())
                            + ". The next start makes the state anew.",
                    null,
                    true);
        }
    }

    /**
     * A file of this snapshot has turned out to be damaged. From now on it is given to nobody and linked from by nobody,
     * and the next one that is taken trusts no checksum of before. Its files go once a newer one is whole, or with one
     * that takes its place.
     */
    public void condemn(EntryId last) {
        synchronized (creating) {
            isKnownInDoubt = true;
        }
        synchronized (this) {
            condemned.add(last);
        }
    }

    /** As {@link #publish}; and it is kept until the live state has reached it, though nobody may hold it meanwhile. */
    Snapshot publishReceived(Path partial, SnapshotManifest manifest) {
        synchronized (this) {
            awaitingInstall.add(manifest.last());
        }
        return publish(partial, manifest);
    }

    /**
     * Gives a complete, synced set of files its manifest and its name. If a whole snapshot has this name already, that
     * one is as good, for it stands for the same entry, and it is used; a damaged one is replaced.
     *
     * @throws SnapshotDamagedException if a damaged one has this name and somebody still holds it
     */
    private Snapshot publish(Path partial, SnapshotManifest manifest) {
        Optional<Snapshot> already = openWhole(manifest.last());
        if (already.isPresent()) {
            disk.deleteTree(partial);
            return already.get();
        }
        Path whole = folder.resolve(nameOf(manifest.last()));
        synchronized (this) {
            if (pins.containsKey(whole)) {
                disk.deleteTree(partial);
                throw new SnapshotDamagedException(
                        whole,
                        "it is to be replaced, but it is still being read",
                        "It is replaced when it is taken or received again.");
            }
            disk.syncDirectory(filesOf(partial));
            try (DiskFile file = disk.create(partial.resolve(MANIFEST))) {
                file.write(ByteBuffer.wrap(manifest.encode()), 0);
                file.sync();
            }
            disk.syncDirectory(partial);
            if (disk.exists(whole)) {
                Path replacing = folder.resolve(nameOf(whole) + REPLACING);
                disk.rename(partial, replacing);
                disk.syncDirectory(folder);
                finishReplacing(replacing);
            } else {
                disk.rename(partial, whole);
                disk.syncDirectory(folder);
            }
            condemned.remove(manifest.last());
            return pin(whole, manifest, true);
        }
    }

    /** The snapshot that ends with this entry, if every file of it is what it should be. */
    private Optional<Snapshot> openWhole(EntryId last) {
        Optional<Snapshot> found = open(last);
        boolean isWhole = false;
        try {
            found.ifPresent(Snapshot::verify);
            isWhole = true;
        } catch (SnapshotDamagedException e) {
            LOG.warn("a snapshot is to be replaced: {}", e.getMessage());
        } finally {
            if (!isWhole) {
                found.ifPresent(Snapshot::close);
            }
        }
        return isWhole ? found : Optional.empty();
    }

    /** The damaged one goes only after the whole one has a durable name that survives {@link #dropPartial}. */
    private void finishReplacing(Path replacing) {
        String name = nameOf(replacing);
        Path whole = folder.resolve(name.substring(0, name.length() - REPLACING.length()));
        remove(whole);
        disk.rename(replacing, whole);
        disk.syncDirectory(folder);
    }

    /** The live state stands at this entry or behind it: no snapshot that ends before will be installed any more. */
    synchronized void reached(EntryId live) {
        awaitingInstall.removeIf(last -> last.index() <= live.index());
    }

    /** The newest snapshot that is whole, for the caller to close. */
    public Optional<Snapshot> newest() {
        List<SnapshotManifest> all = all();
        return all.isEmpty() ? Optional.empty() : open(all.get(0).last());
    }

    /** The snapshot that ends with this entry, for the caller to close; not if it was condemned. */
    public synchronized Optional<Snapshot> open(EntryId last) {
        return open(last, false);
    }

    /**
     * As {@link #open}, to be put in place of the live state. One that was received since the start has been held against
     * its manifest as it came in, and is not read a second time.
     */
    public synchronized Optional<Snapshot> openToInstall(EntryId last) {
        return open(last, awaitingInstall.contains(last));
    }

    private Optional<Snapshot> open(EntryId last, boolean isVerified) {
        Path path = folder.resolve(nameOf(last));
        if (condemned.contains(last) || !disk.exists(path)) {
            return Optional.empty();
        }
        return readManifest(path).map(manifest -> pin(path, manifest, isVerified));
    }

    /**
     * What all whole snapshots stand for, the newest first. One that was condemned is left out, and so is, with a word in
     * the log, one whose manifest is damaged.
     */
    public synchronized List<SnapshotManifest> all() {
        List<SnapshotManifest> found = new ArrayList<>();
        for (Path path : soundOnes()) {
            readManifest(path).ifPresent(found::add);
        }
        return found;
    }

    private List<Path> soundOnes() {
        Map<EntryId, Path> sound = wholeOnes();
        sound.keySet().removeAll(condemned);
        return List.copyOf(sound.values());
    }

    /**
     * Reads every snapshot again, and sets those aside that are not what they were.
     *
     * @param read told how many bytes were read, after each part; may wait
     * @return what was wrong, for people
     */
    public List<String> verifyAll(LongConsumer read) {
        List<String> damages = new ArrayList<>();
        for (EntryId last : List.copyOf(wholeOnes().keySet())) {
            String damage = damageOf(last, read);
            if (damage != null) {
                damages.add(damage + (setAside(last) ? "" : " It is still being read, and stays for now."));
            }
        }
        return damages;
    }

    private @Nullable String damageOf(EntryId last, LongConsumer read) {
        try (Snapshot snapshot = open(last).orElse(null)) {
            if (snapshot != null) {
                snapshot.verify(read);
                return null;
            }
            Path path = folder.resolve(nameOf(last));
            return disk.exists(path) ? path + " is damaged: its manifest cannot be read." : null;
        } catch (SnapshotDamagedException e) {
            return String.valueOf(e.getMessage());
        }
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
     * Deletes all but the newest {@code keep} snapshots, and none that somebody holds or that was received and waits to be
     * installed. Damaged ones that were set aside go when they are older than one that is kept: for when the newest has just
     * been taken, or installed.
     *
     * @param keep at least 1
     */
    public synchronized void deleteOlderThanNewest(int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("at least one snapshot is kept, got " + keep);
        }
        int kept = 0;
        long newest = 0;
        for (Map.Entry<EntryId, Path> each : wholeOnes().entrySet()) {
            Path path = each.getValue();
            if (kept < keep
                    && !condemned.contains(each.getKey())
                    && readManifest(path).isPresent()) {
                kept++;
                newest = Math.max(newest, each.getKey().index());
            } else if (kept >= keep && !pins.containsKey(path) && !awaitingInstall.contains(each.getKey())) {
                remove(path);
            }
        }
        for (Path path : damaged()) {
            Matcher name = NAME_OF_DAMAGED.matcher(nameOf(path));
            if (name.matches() && Long.parseLong(name.group(1), 16) <= newest) {
                disk.deleteTree(path);
            }
        }
        disk.syncDirectory(folder);
    }

    /** Damaged snapshots that were set aside and that no newer one has replaced. */
    public List<Path> damaged() {
        return disk.list(folder).stream()
                .filter(path -> NAME_OF_DAMAGED.matcher(nameOf(path)).matches())
                .toList();
    }

    /**
     * Takes a damaged snapshot out of use, durably. Its files, which may be the last copy of something, go once a newer one
     * is whole; another one of the same entry may be taken or received.
     *
     * @return false if somebody still reads it: then it stays, and whoever receives it will refuse it
     */
    public synchronized boolean setAside(EntryId last) {
        Path whole = folder.resolve(nameOf(last));
        if (pins.containsKey(whole)) {
            return false;
        }
        if (disk.exists(whole)) {
            int number = 1;
            while (disk.exists(folder.resolve(nameOf(last) + DAMAGED + number))) {
                number++;
            }
            disk.rename(whole, folder.resolve(nameOf(last) + DAMAGED + number));
            disk.syncDirectory(folder);
        }
        awaitingInstall.remove(last);
        return true;
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
     * (pitfall 44). Another manifest ends the unfinished one and takes over the files that both name; files that older
     * snapshots have in common with it are linked in.
     *
     * @throws IllegalArgumentException if it is of another cluster
     * @throws DiskFullException if there is no room for what is to be sent; nothing is kept then, for what has arrived would
     *     only keep the disk full
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
        Path partial = folder.resolve(nameOf(manifest.last()) + RECEIVING);
        if (current != null && current.manifest().last().equals(manifest.last())) {
            // Two of one name: there is no place to take anything over to.
            current.abandon();
            current = null;
        }
        disk.deleteTree(partial);
        disk.createDirectory(partial);
        disk.createDirectory(filesOf(partial));
        SnapshotReceiver started = new SnapshotReceiver(this, disk, partial, manifest);
        started.reuse(soundOnes());
        if (current != null) {
            started.takeOver(current);
            current.abandon();
        }
        long missingBytes = manifest.totalBytes() - started.receivedBytes();
        if (disk.usableBytes(folder) < missingBytes) {
            started.abandon();
            throw new DiskFullException(partial, "receive " + missingBytes + " bytes of a snapshot into");
        }
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
