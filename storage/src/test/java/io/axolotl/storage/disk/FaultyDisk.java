package io.axolotl.storage.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that keeps no promise it has not made.
 *
 * <p>It knows what the operating system shows (everything written) and what a power cut would leave: bytes that were
 * synced, names whose directory was synced, and of all the rest any part. {@link #crash} draws one legal outcome: bytes
 * survive or not by 512-byte sectors, renames, creations and deletions one by one, and a rename is never half done. A
 * file whose name is lost is gone with its bytes.
 *
 * <p>Faults are set by the methods in the second half: a failed sync (after which the data or names that were to be synced are
 * shown but never reach the disk, as Linux does it, unless they are written or renamed anew), a failed write, of which a part is there, a full disk, flipped bits, overwritten ranges, unreadable ranges,
 * and a hook that runs before each operation and may throw {@link SimulatedCrash}.
 *
 * <p>Deterministic: all chance comes from the {@link Random} that the caller passes. Safe for all threads.
 */
public final class FaultyDisk implements Disk {
    private static final int SECTOR_BYTES = 512;

    /** What an operation is, for hooks. */
    public enum Operation {
        CREATE,
        OPEN,
        READ,
        WRITE,
        SYNC,
        TRUNCATE,
        RENAME,
        LINK,
        DELETE,
        CREATE_DIRECTORY,
        SYNC_DIRECTORY,
        LIST,
        LOCK;

        /** Whether a crash just before it can differ from one just after it. */
        public boolean isChange() {
            return this != OPEN && this != READ && this != LIST && this != LOCK;
        }
    }

    /** Runs before each operation; may throw to keep it from happening. */
    public interface Hook {
        void before(Operation operation, Path path);
    }

    /** How a power cut treats what was not synced. */
    public enum Outcome {
        /** Nothing of it survives. */
        LOST,
        /** Everything up to some moment survives, the write at that moment in part. */
        TORN,
        /** Any part survives, whatever came first. */
        REORDERED
    }

    private static final Hook NO_HOOK = (operation, path) -> {};

    /** A file or directory apart from its names: what the operating system shows, and what a power cut leaves. */
    private static final class Node {
        final boolean isDirectory;

        /** The names in a directory. */
        final Map<String, Node> shownNames = new TreeMap<>();

        final Map<String, Node> durableNames = new TreeMap<>();

        /** The content of a file. */
        byte[] shown = new byte[0];

        byte[] durable = new byte[0];

        /** Changes of the content since the last sync, oldest first. */
        final List<Change> unsynced = new ArrayList<>();

        Node(boolean isDirectory) {
            this.isDirectory = isDirectory;
        }

        void makeDurable() {
            for (Change change : unsynced) {
                durable = FaultyDisk.apply(durable, change);
            }
            unsynced.clear();
        }

        Map<String, Node> names(boolean isDurable) {
            return isDurable ? durableNames : shownNames;
        }
    }

    /** A name in a directory. */
    private record Place(Node directory, String name) {}

    /** A write, or a truncation if {@code bytes} is null. */
    private record Change(long offset, byte @Nullable [] bytes) {}

    /** A change of names: {@code from} no longer leads to the node, {@code to} does. Either may be absent. */
    private record Renaming(@Nullable Place from, @Nullable Place to, Node node) {
        /** Whether a sync of this directory makes it durable. */
        boolean isIn(Node directory) {
            Place place = to != null ? to : from;
            return place != null && place.directory() == directory;
        }

        void apply(boolean isDurable) {
            if (from != null) {
                Map<String, Node> names = from.directory().names(isDurable);
                if (names.get(from.name()) != node) {
                    // The node never came there: what brought it there was lost.
                    return;
                }
                names.remove(from.name());
            }
            if (to != null) {
                to.directory().names(isDurable).put(to.name(), node);
            }
        }

        /**
         * Makes it durable by a sync of its directory that succeeds. Then the new name holds even if what gave the old one
         * was lost to a sync that failed: its entry was written after that. The names that the file had before go with it.
         */
        void settle() {
            if (from == null || to == null) {
                apply(true);
                return;
            }
            Node left = from.directory();
            left.durableNames
                    .entrySet()
                    .removeIf(entry -> entry.getValue() == node
                            && (entry.getKey().equals(from.name()) || left.shownNames.get(entry.getKey()) != node));
            to.directory().durableNames.put(to.name(), node);
        }
    }

    private record Damage(Path path, long from, long to) {}

    private final Node root;
    private final List<Renaming> unsynced = new ArrayList<>();
    private final Set<Path> locked = new HashSet<>();
    private final List<Damage> unreadable = new ArrayList<>();

    private Hook hook = NO_HOOK;
    private Predicate<Path> failingSyncs = path -> false;
    private Predicate<Path> failingWrites = path -> false;
    private long limitBytes = Long.MAX_VALUE;
    private long changes;
    private int openFiles;

    /** Counts crashes and kills: handles of an earlier life are dead. */
    private int life;

    private boolean isDown;

    public FaultyDisk() {
        this(new Node(true));
    }

    private FaultyDisk(Node root) {
        this.root = root;
    }

    // ---- Disk

    @Override
    public synchronized DiskFile create(Path file) {
        Path path = begin(Operation.CREATE, file);
        Node node = new Node(false);
        change(null, freePlace("create", path), node);
        return new FaultyFile(path, node);
    }

    @Override
    public synchronized DiskFile open(Path file) {
        Path path = begin(Operation.OPEN, file);
        Node node = require("open", path);
        if (node.isDirectory) {
            throw new DiskException(path, "open", "is a directory");
        }
        return new FaultyFile(path, node);
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        Path source = begin(Operation.RENAME, from);
        Node node = require("rename", source);
        Node replaced = find(absolute(to));
        if (replaced != null && !replaced.shownNames.isEmpty()) {
            throw new DiskException(source, "rename", to + " is not empty");
        }
        change(place("rename", source), place("rename", absolute(to)), node);
    }

    @Override
    public synchronized void link(Path existing, Path link) {
        Path target = begin(Operation.LINK, link);
        Node node = require("link", absolute(existing));
        change(null, freePlace("link", target), node);
    }

    @Override
    public synchronized void delete(Path path) {
        Path target = begin(Operation.DELETE, path);
        Node node = require("delete", target);
        if (!node.shownNames.isEmpty()) {
            throw new DiskException(target, "delete", "directory is not empty");
        }
        change(place("delete", target), null, node);
    }

    @Override
    public synchronized void createDirectory(Path directory) {
        Path path = begin(Operation.CREATE_DIRECTORY, directory);
        change(null, freePlace("create directory", path), new Node(true));
    }

    @Override
    public synchronized void syncDirectory(Path directory) {
        Path path = begin(Operation.SYNC_DIRECTORY, directory);
        Node node = require("sync directory", path);
        boolean isFailing = failingSyncs.test(path);
        for (Renaming renaming : unsynced) {
            if (renaming.isIn(node) && !isFailing) {
                renaming.settle();
            }
        }
        unsynced.removeIf(renaming -> renaming.isIn(node));
        if (isFailing) {
            throw new DiskException(path, "sync directory", "Input/output error");
        }
    }

    @Override
    public synchronized List<Path> list(Path directory) {
        Path path = begin(Operation.LIST, directory);
        Node node = require("list", path);
        if (!node.isDirectory) {
            throw new DiskException(path, "list", "is not a directory");
        }
        return node.shownNames.keySet().stream().map(path::resolve).toList();
    }

    @Override
    public synchronized boolean exists(Path path) {
        requireUp();
        return find(absolute(path)) != null;
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        requireUp();
        Node node = find(absolute(path));
        return node != null && node.isDirectory;
    }

    @Override
    public synchronized long usableBytes(Path path) {
        requireUp();
        return Math.max(0, limitBytes - usedBytes());
    }

    @Override
    public synchronized FolderLock lock(Path folder) {
        Path path = begin(Operation.LOCK, folder);
        require("lock folder", path);
        if (!locked.add(path)) {
            throw new FolderLockedException(path);
        }
        int lifeOfLock = life;
        return () -> {
            synchronized (this) {
                if (lifeOfLock == life) {
                    locked.remove(path);
                }
            }
        };
    }

    // ---- Faults

    /** The power is cut, with an outcome drawn at random, and the machine starts again. */
    public synchronized void crash(Random random) {
        Outcome[] outcomes = Outcome.values();
        crash(outcomes[random.nextInt(outcomes.length)], random);
    }

    /** The power is cut: what was not synced meets this outcome. Every handle and lock ends. */
    public synchronized void crash(Outcome outcome, Random random) {
        restart();
        survivors(unsynced, outcome, random).forEach(Renaming::settle);
        unsynced.clear();
        crash(root, outcome, random, new HashSet<>());
    }

    /** The process is killed; the operating system lives on and shows all that was written. */
    public synchronized void kill() {
        restart();
    }

    /** Runs {@code newHook} before each operation from now on. */
    public synchronized void before(Hook newHook) {
        hook = newHook;
    }

    /** Lets {@code count} more changes happen; the operation after them throws {@link SimulatedCrash}. */
    public synchronized void crashAfter(long count) {
        long limit = changes + count;
        hook = (operation, path) -> {
            if (operation.isChange() && changes > limit) {
                throw new SimulatedCrash();
            }
        };
    }

    /** How many operations have changed something since this disk was made. */
    public synchronized long changes() {
        return changes;
    }

    /**
     * From now on syncs of these files and directories fail. What they were to make durable is still shown, but a later
     * sync that succeeds does not make it durable either. A name that is given after that, it does.
     */
    public synchronized void failSyncs(Predicate<Path> paths) {
        failingSyncs = paths;
    }

    /** From now on writes to these files fail, each with the first half of its bytes written: asked once for each write. */
    public synchronized void failWrites(Predicate<Path> paths) {
        failingWrites = paths;
    }

    /** The disk holds this many bytes of files, no more. */
    public synchronized void limitBytes(long bytes) {
        limitBytes = bytes;
    }

    /** Handles that have been opened and not closed. */
    public synchronized int openFiles() {
        return openFiles;
    }

    /** Bytes of all files. */
    public synchronized long usedBytes() {
        return usedBytes(root, new HashSet<>());
    }

    /** One bit of the file is not what it was; bit 0 is the lowest bit of the byte. */
    public synchronized void flipBit(Path path, long offset, int bit) {
        Node node = require("flip", absolute(path));
        node.shown[(int) offset] ^= (byte) (1 << bit);
        if (offset < node.durable.length) {
            node.durable[(int) offset] ^= (byte) (1 << bit);
        }
    }

    /** Bytes of the file are not what they were. */
    public synchronized void overwrite(Path path, long offset, byte[] bytes) {
        Node node = require("overwrite", absolute(path));
        System.arraycopy(bytes, 0, node.shown, (int) offset, bytes.length);
        int durableLength = (int) Math.min(bytes.length, node.durable.length - offset);
        if (durableLength > 0) {
            System.arraycopy(bytes, 0, node.durable, (int) offset, durableLength);
        }
    }

    /** The operating system writes what it still holds of the file, as it does at some time unasked. */
    public synchronized void writeBack(Path path) {
        Node node = require("write back", absolute(path));
        node.makeDurable();
    }

    /** The whole content of the file as the operating system shows it. */
    public synchronized byte[] content(Path path) {
        return require("read", absolute(path)).shown.clone();
    }

    /** Reads that touch bytes {@code [from, to)} of the file fail from now on. */
    public synchronized void failReads(Path path, long from, long to) {
        unreadable.add(new Damage(absolute(path), from, to));
    }

    /** A second disk with the same content, all of it durable, and no fault set. */
    public synchronized FaultyDisk copy() {
        return new FaultyDisk(copy(root, new HashMap<>()));
    }

    // ---- Names

    private void change(@Nullable Place from, @Nullable Place to, Node node) {
        Renaming renaming = new Renaming(from, to, node);
        renaming.apply(false);
        unsynced.add(renaming);
    }

    private @Nullable Node find(Path path) {
        Node node = root;
        for (Path name : path) {
            Node below = node.shownNames.get(name.toString());
            if (below == null) {
                return null;
            }
            node = below;
        }
        return node;
    }

    private Node require(String what, Path path) {
        Node node = find(path);
        if (node == null) {
            throw new DiskException(path, what, "No such file or directory");
        }
        return node;
    }

    private Place place(String what, Path path) {
        Path parent = path.getParent();
        Node directory = parent == null ? null : find(parent);
        if (directory == null || !directory.isDirectory) {
            throw new DiskException(path, what, "No such file or directory");
        }
        return new Place(directory, path.getFileName().toString());
    }

    private Place freePlace(String what, Path path) {
        if (find(path) != null) {
            throw new DiskException(path, what, "File exists");
        }
        return place(what, path);
    }

    private static Node copy(Node node, Map<Node, Node> copies) {
        Node known = copies.get(node);
        if (known != null) {
            return known;
        }
        Node copy = new Node(node.isDirectory);
        copies.put(node, copy);
        copy.shown = node.shown.clone();
        copy.durable = node.shown.clone();
        node.shownNames.forEach((name, below) -> {
            Node twin = copy(below, copies);
            copy.shownNames.put(name, twin);
            copy.durableNames.put(name, twin);
        });
        return copy;
    }

    private static long usedBytes(Node node, Set<Node> counted) {
        if (!counted.add(node)) {
            return 0;
        }
        long sum = node.shown.length;
        for (Node below : node.shownNames.values()) {
            sum += usedBytes(below, counted);
        }
        return sum;
    }

    private static <T> List<T> survivors(List<T> all, Outcome outcome, Random random) {
        return switch (outcome) {
            case LOST -> List.of();
            case TORN -> List.copyOf(all.subList(0, random.nextInt(all.size() + 1)));
            case REORDERED -> all.stream().filter(one -> random.nextBoolean()).toList();
        };
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    // ---- Life and death

    private Path begin(Operation operation, Path path) {
        requireUp();
        Path absolute = absolute(path);
        if (operation.isChange()) {
            changes++;
        }
        try {
            hook.before(operation, absolute);
        } catch (SimulatedCrash e) {
            isDown = true;
            throw e;
        }
        return absolute;
    }

    private void requireUp() {
        if (isDown) {
            throw new SimulatedCrash();
        }
    }

    private void restart() {
        life++;
        isDown = false;
        hook = NO_HOOK;
        failingSyncs = path -> false;
        failingWrites = path -> false;
        locked.clear();
    }

    // ---- Content

    private static void crash(Node node, Outcome outcome, Random random, Set<Node> done) {
        if (!done.add(node)) {
            return;
        }
        node.durable = switch (outcome) {
            case LOST -> node.durable;
            case TORN -> torn(node, random);
            case REORDERED -> reordered(node, random);
        };
        node.unsynced.clear();
        node.shown = node.durable.clone();
        node.shownNames.clear();
        node.shownNames.putAll(node.durableNames);
        node.shownNames.values().forEach(below -> crash(below, outcome, random, done));
    }

    private static byte[] torn(Node node, Random random) {
        byte[] left = node.durable;
        int whole = random.nextInt(node.unsynced.size() + 1);
        for (int i = 0; i < whole; i++) {
            left = apply(left, node.unsynced.get(i));
        }
        boolean isCut = whole < node.unsynced.size();
        return isCut ? applySectors(left, node.unsynced.get(whole), random, true) : left;
    }

    private static byte[] reordered(Node node, Random random) {
        byte[] left = node.durable;
        for (Change change : node.unsynced) {
            left = applySectors(left, change, random, false);
        }
        return left;
    }

    /** Changes {@code content} in place unless its length changes. */
    private static byte[] apply(byte[] content, Change change) {
        byte[] bytes = change.bytes();
        if (bytes == null) {
            return Arrays.copyOf(content, (int) change.offset());
        }
        int end = (int) change.offset() + bytes.length;
        byte[] left = end > content.length ? Arrays.copyOf(content, end) : content;
        System.arraycopy(bytes, 0, left, (int) change.offset(), bytes.length);
        return left;
    }

    /** Applies some sectors of a write: the first few of them, or any. The file may grow without its bytes. */
    private static byte[] applySectors(byte[] content, Change change, Random random, boolean isPrefix) {
        byte[] bytes = change.bytes();
        if (bytes == null) {
            return random.nextBoolean() ? apply(content, change) : content;
        }
        int end = (int) change.offset() + bytes.length;
        byte[] left = content;
        if (end > left.length && random.nextBoolean()) {
            left = Arrays.copyOf(left, end);
        }
        int at = 0;
        while (at < bytes.length) {
            int sectorEnd = ((int) (change.offset() + at) / SECTOR_BYTES + 1) * SECTOR_BYTES - (int) change.offset();
            int to = Math.min(sectorEnd, bytes.length);
            if (random.nextBoolean()) {
                Change piece = new Change(change.offset() + at, Arrays.copyOfRange(bytes, at, to));
                left = apply(left, piece);
            } else if (isPrefix) {
                break;
            }
            at = to;
        }
        return left;
    }

    private final class FaultyFile implements DiskFile {
        private final Path path;
        private final Node node;
        private final int lifeOfFile = life;
        private boolean isClosed;

        FaultyFile(Path path, Node node) {
            this.path = path;
            this.node = node;
            openFiles++;
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            synchronized (FaultyDisk.this) {
                beginFile(Operation.READ);
                int length = (int) Math.max(0, Math.min(target.remaining(), node.shown.length - offset));
                for (Damage damage : unreadable) {
                    if (damage.path().equals(path) && damage.from() < offset + length && offset < damage.to()) {
                        throw new DiskException(path, "read", "Input/output error");
                    }
                }
                target.put(node.shown, (int) Math.min(offset, node.shown.length), length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            synchronized (FaultyDisk.this) {
                beginFile(Operation.WRITE);
                long room = limitBytes == Long.MAX_VALUE
                        ? Long.MAX_VALUE
                        : limitBytes - usedBytes() + node.shown.length - offset;
                boolean isFull = offset + source.remaining() > node.shown.length && source.remaining() > room;
                boolean isFailing = failingWrites.test(path);
                int fitting = isFull ? (int) Math.max(0, room) : source.remaining();
                byte[] bytes = new byte[isFailing ? fitting / 2 : fitting];
                source.get(bytes);
                if (bytes.length > 0) {
                    Change change = new Change(offset, bytes);
                    node.unsynced.add(change);
                    node.shown = FaultyDisk.apply(node.shown, change);
                }
                if (isFailing) {
                    throw new DiskException(path, "write", "Input/output error");
                }
                if (isFull) {
                    throw new DiskFullException(path, "write");
                }
            }
        }

        @Override
        public void sync() {
            synchronized (FaultyDisk.this) {
                beginFile(Operation.SYNC);
                boolean isFailing = failingSyncs.test(path);
                if (!isFailing) {
                    node.makeDurable();
                }
                node.unsynced.clear();
                if (isFailing) {
                    throw new DiskException(path, "sync", "Input/output error");
                }
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            synchronized (FaultyDisk.this) {
                beginFile(Operation.TRUNCATE);
                Change change = new Change(sizeBytes, null);
                node.unsynced.add(change);
                node.shown = FaultyDisk.apply(node.shown, change);
            }
        }

        @Override
        public long size() {
            synchronized (FaultyDisk.this) {
                requireAlive();
                return node.shown.length;
            }
        }

        @Override
        public void close() {
            synchronized (FaultyDisk.this) {
                if (!isClosed && lifeOfFile == life) {
                    openFiles--;
                }
                isClosed = true;
            }
        }

        private void beginFile(Operation operation) {
            requireAlive();
            begin(operation, path);
        }

        private void requireAlive() {
            if (lifeOfFile != life) {
                throw new SimulatedCrash();
            }
        }
    }
}
