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
 * <p>Faults are set by the methods in the second half: a failed sync (after which the data that was to be synced is
 * shown but never reaches the disk, as Linux does it), a full disk, flipped bits, overwritten ranges, unreadable ranges,
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

    /** A file or directory apart from its names. */
    private static final class Node {
        final boolean isDirectory;

        /** What the operating system shows. */
        byte[] shown = new byte[0];

        /** What a power cut leaves. */
        byte[] durable = new byte[0];

        /** Changes of the content since the last sync, oldest first. */
        final List<Change> unsynced = new ArrayList<>();

        Node(boolean isDirectory) {
            this.isDirectory = isDirectory;
        }
    }

    /** A write, or a truncation if {@code bytes} is null. */
    private record Change(long offset, byte @Nullable [] bytes) {}

    /** A change of names: {@code from} no longer leads to the node, {@code to} does. Either may be absent. */
    private record Renaming(@Nullable Path from, @Nullable Path to, Node node) {
        /** The directory whose sync makes it durable. */
        @Nullable Path directory() {
            Path name = to != null ? to : from;
            return name == null ? null : name.getParent();
        }
    }

    private record Damage(Path path, long from, long to) {}

    private final Map<Path, Node> shown = new TreeMap<>();
    private final Map<Path, Node> durable = new TreeMap<>();
    private final List<Renaming> unsynced = new ArrayList<>();
    private final Set<Path> locked = new HashSet<>();
    private final List<Damage> unreadable = new ArrayList<>();

    private Hook hook = NO_HOOK;
    private Predicate<Path> failingSyncs = path -> false;
    private long limitBytes = Long.MAX_VALUE;
    private long changes;

    /** Counts crashes and kills: handles of an earlier life are dead. */
    private int life;

    private boolean isDown;

    public FaultyDisk() {
        Node root = new Node(true);
        shown.put(Path.of("/"), root);
        durable.put(Path.of("/"), root);
    }

    // ---- Disk

    @Override
    public synchronized DiskFile create(Path file) {
        Path path = begin(Operation.CREATE, file);
        requireAbsent("create", path);
        Node node = new Node(false);
        rename(null, path, node);
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
        Path target = absolute(to);
        Node node = require("rename", source);
        requireParent("rename", target);
        Node replaced = shown.get(target);
        if (replaced != null && replaced.isDirectory && !children(target).isEmpty()) {
            throw new DiskException(source, "rename", target + " is not empty");
        }
        rename(source, target, node);
    }

    @Override
    public synchronized void link(Path existing, Path link) {
        Path target = begin(Operation.LINK, link);
        Node node = require("link", absolute(existing));
        requireAbsent("link", target);
        rename(null, target, node);
    }

    @Override
    public synchronized void delete(Path path) {
        Path target = begin(Operation.DELETE, path);
        Node node = require("delete", target);
        if (!children(target).isEmpty()) {
            throw new DiskException(target, "delete", "directory is not empty");
        }
        rename(target, null, node);
    }

    @Override
    public synchronized void createDirectory(Path directory) {
        Path path = begin(Operation.CREATE_DIRECTORY, directory);
        requireAbsent("create directory", path);
        rename(null, path, new Node(true));
    }

    @Override
    public synchronized void syncDirectory(Path directory) {
        Path path = begin(Operation.SYNC_DIRECTORY, directory);
        Node node = require("sync directory", path);
        boolean isFailing = failingSyncs.test(path);
        List<Renaming> kept = new ArrayList<>();
        for (Renaming renaming : unsynced) {
            Path of = renaming.directory();
            if (of == null || shown.get(of) != node) {
                kept.add(renaming);
            } else if (!isFailing) {
                apply(durable, renaming);
            }
        }
        unsynced.clear();
        unsynced.addAll(kept);
        if (isFailing) {
            throw new DiskException(path, "sync directory", "Input/output error");
        }
    }

    @Override
    public synchronized List<Path> list(Path directory) {
        Path path = begin(Operation.LIST, directory);
        if (!require("list", path).isDirectory) {
            throw new DiskException(path, "list", "is not a directory");
        }
        return children(path);
    }

    @Override
    public synchronized boolean exists(Path path) {
        requireUp();
        return shown.containsKey(absolute(path));
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        requireUp();
        Node node = shown.get(absolute(path));
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
        for (Renaming renaming : survivors(unsynced, outcome, random)) {
            apply(durable, renaming);
        }
        unsynced.clear();
        durable.keySet().removeIf(path -> !isReachable(path));
        Set<Node> done = new HashSet<>();
        for (Node node : durable.values()) {
            if (done.add(node)) {
                crash(node, outcome, random);
            }
        }
        shown.clear();
        shown.putAll(durable);
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
     * sync that succeeds does not make it durable either.
     */
    public synchronized void failSyncs(Predicate<Path> paths) {
        failingSyncs = paths;
    }

    /** The disk holds this many bytes of files, no more. */
    public synchronized void limitBytes(long bytes) {
        limitBytes = bytes;
    }

    /** Bytes of all files. */
    public synchronized long usedBytes() {
        long sum = 0;
        Set<Node> counted = new HashSet<>();
        for (Node node : shown.values()) {
            if (counted.add(node)) {
                sum += node.shown.length;
            }
        }
        return sum;
    }

    /** One bit of the file is not what it was. @param bit 0 is the lowest bit of the byte */
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
        FaultyDisk copy = new FaultyDisk();
        Map<Node, Node> nodes = new HashMap<>();
        shown.forEach((path, node) -> {
            Node twin = nodes.computeIfAbsent(node, original -> {
                Node made = new Node(original.isDirectory);
                made.shown = original.shown.clone();
                made.durable = original.shown.clone();
                return made;
            });
            copy.shown.put(path, twin);
            copy.durable.put(path, twin);
        });
        return copy;
    }

    // ---- Names

    private void rename(@Nullable Path from, @Nullable Path to, Node node) {
        if (to != null) {
            requireParent("create", to);
        }
        Renaming renaming = new Renaming(from, to, node);
        apply(shown, renaming);
        unsynced.add(renaming);
    }

    /** A directory takes everything below it along. */
    private static void apply(Map<Path, Node> names, Renaming renaming) {
        Path from = renaming.from();
        Path to = renaming.to();
        boolean isThere = from != null && names.get(from) == renaming.node();
        if (from != null && !isThere) {
            return;
        }
        Map<Path, Node> moved = new TreeMap<>();
        if (from != null) {
            for (Path path : List.copyOf(names.keySet())) {
                if (path.startsWith(from)) {
                    Node node = names.remove(path);
                    moved.put(from.relativize(path), node);
                }
            }
        } else {
            moved.put(Path.of(""), renaming.node());
        }
        if (to != null) {
            names.keySet().removeIf(path -> path.startsWith(to));
            moved.forEach((below, node) -> names.put(below.toString().isEmpty() ? to : to.resolve(below), node));
        }
    }

    private boolean isReachable(Path path) {
        Path parent = path.getParent();
        return parent == null || (durable.containsKey(parent) && isReachable(parent));
    }

    private static <T> List<T> survivors(List<T> all, Outcome outcome, Random random) {
        switch (outcome) {
            case LOST:
                return List.of();
            case TORN:
                return List.copyOf(all.subList(0, random.nextInt(all.size() + 1)));
            default:
                List<T> some = new ArrayList<>();
                for (T one : all) {
                    if (random.nextBoolean()) {
                        some.add(one);
                    }
                }
                return some;
        }
    }

    private List<Path> children(Path directory) {
        List<Path> children = new ArrayList<>();
        for (Path path : shown.keySet()) {
            if (directory.equals(path.getParent())) {
                children.add(path);
            }
        }
        return children;
    }

    private Node require(String what, Path path) {
        Node node = shown.get(path);
        if (node == null) {
            throw new DiskException(path, what, "No such file or directory");
        }
        return node;
    }

    private void requireAbsent(String what, Path path) {
        if (shown.containsKey(path)) {
            throw new DiskException(path, what, "File exists");
        }
    }

    private void requireParent(String what, Path path) {
        Path parent = path.getParent();
        Node node = parent == null ? null : shown.get(parent);
        if (node == null || !node.isDirectory) {
            throw new DiskException(path, what, "No such file or directory");
        }
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
        locked.clear();
    }

    // ---- Content

    private static void crash(Node node, Outcome outcome, Random random) {
        byte[] left = node.durable;
        switch (outcome) {
            case LOST:
                break;
            case TORN:
                int whole = random.nextInt(node.unsynced.size() + 1);
                for (int i = 0; i < whole; i++) {
                    left = apply(left, node.unsynced.get(i));
                }
                if (whole < node.unsynced.size()) {
                    left = applySectors(left, node.unsynced.get(whole), random, true);
                }
                break;
            default:
                for (Change change : node.unsynced) {
                    left = applySectors(left, change, random, false);
                }
        }
        node.unsynced.clear();
        node.durable = left;
        node.shown = left.clone();
    }

    private static byte[] apply(byte[] content, Change change) {
        byte[] bytes = change.bytes();
        if (bytes == null) {
            return Arrays.copyOf(content, (int) change.offset());
        }
        int end = (int) change.offset() + bytes.length;
        byte[] grown = end > content.length ? Arrays.copyOf(content, end) : content.clone();
        System.arraycopy(bytes, 0, grown, (int) change.offset(), bytes.length);
        return grown;
    }

    /** Applies some sectors of a write: the first few of them, or any. The file may grow without its bytes. */
    private static byte[] applySectors(byte[] content, Change change, Random random, boolean isPrefix) {
        byte[] bytes = change.bytes();
        if (bytes == null) {
            return random.nextBoolean() ? apply(content, change) : content;
        }
        int end = (int) change.offset() + bytes.length;
        byte[] left = content.clone();
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

        FaultyFile(Path path, Node node) {
            this.path = path;
            this.node = node;
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
                long room = limitBytes - usedBytes() + node.shown.length - offset;
                boolean isFull = offset + source.remaining() > node.shown.length && source.remaining() > room;
                byte[] bytes = new byte[isFull ? (int) Math.max(0, room) : source.remaining()];
                source.get(bytes);
                if (bytes.length > 0) {
                    Change change = new Change(offset, bytes);
                    node.unsynced.add(change);
                    node.shown = FaultyDisk.apply(node.shown, change);
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
                    for (Change change : node.unsynced) {
                        node.durable = FaultyDisk.apply(node.durable, change);
                    }
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
        public void close() {}

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
