package io.axolotl.storage.engine;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskFullException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The engine port in memory, for tests and for the simulator: a write is volatile, a flush is durable, and a crash loses
 * the rest.
 *
 * <p>In one of two forms. {@link #inMemory()} keeps what was flushed in memory, and {@link #crash()} gives the engine that
 * a restart would find. {@link #open(Disk, Path)} keeps it in a file of a {@link Disk}, which may be a faulty one: after a
 * crash of the disk, open again.
 *
 * <p>It is stricter than RocksDB where that helps to find bugs: a single delete of a key that was put twice, or that is
 * not there, fails.
 */
public final class MemoryEngine implements KvEngine {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final String FILE = "MEMORY";

    private final LongAdder reads = new LongAdder();

    private final @Nullable Disk disk;
    private final @Nullable Path folder;
    private final Gate gate = new Gate("the memory engine");
    private volatile Map<Space, SortedBytes> now;
    private Map<Space, SortedBytes> flushed;
    private volatile @Nullable Encoded last;
    private volatile @Nullable RuntimeException nextWriteFailure;
    private volatile boolean isPoisoned;
    private volatile boolean hasNoRoom;
    private final AtomicLong reclaims = new AtomicLong();

    private MemoryEngine(@Nullable Disk disk, @Nullable Path folder, Map<Space, SortedBytes> content) {
        this.disk = disk;
        this.folder = folder;
        this.now = content;
        this.flushed = content;
    }

    /** An empty engine that keeps even its durable part in memory. */
    public static MemoryEngine inMemory() {
        return new MemoryEngine(null, null, empty());
    }

    /** Opens what was flushed in {@code folder}, which must exist; empty if nothing was. */
    public static MemoryEngine open(Disk disk, Path folder) {
        Path file = folder.resolve(FILE);
        return new MemoryEngine(disk, folder, disk.exists(file) ? decode(file, disk.readAll(file)) : empty());
    }

    private static Map<Space, SortedBytes> empty() {
        Map<Space, SortedBytes> spaces = new EnumMap<>(Space.class);
        for (Space space : Space.values()) {
            spaces.put(space, SortedBytes.EMPTY);
        }
        return spaces;
    }

    /** The engine that a restart finds after a power cut now. This one can no longer be used. */
    public MemoryEngine crash() {
        isPoisoned = true;
        return new MemoryEngine(disk, folder, flushed);
    }

    /** Lets the next write fail, as a full disk would. */
    public void failNextWrite(RuntimeException failure) {
        nextWriteFailure = failure;
    }

    /** Whether writes find no room from now on. */
    public void leaveNoRoom(boolean itHasNone) {
        hasNoRoom = itHasNone;
    }

    @Override
    public AtomicWrite newWrite() {
        return new MemoryWrite();
    }

    @Override
    public void write(AtomicWrite write) {
        inside(() -> {
            if (hasNoRoom) {
                throw new EngineFullException(
                        "there is no room to write", new IllegalStateException("no room is left"));
            }
            RuntimeException failure = nextWriteFailure;
            if (failure != null) {
                isPoisoned = true;
                throw new EngineException("could not write: " + failure.getMessage(), failure);
            }
            MemoryWrite changes = (MemoryWrite) write;
            Map<Space, SortedBytes> next = new EnumMap<>(now);
            for (Change change : changes.changes) {
                SortedBytes before = in(next, change.space);
                if (change.value != null) {
                    if (change.space == Space.REV && before.get(change.key) != null) {
                        throw new AssertionError("a key of REV was put twice: " + Arrays.toString(change.key));
                    }
                    next.put(change.space, before.with(change.key, change.value));
                } else {
                    if (change.isSingle && before.get(change.key) == null) {
                        throw new AssertionError("a single delete of nothing: " + Arrays.toString(change.key));
                    }
                    next.put(change.space, before.without(change.key));
                }
            }
            now = next;
            changes.changes.clear();
            return null;
        });
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        if (space == Space.REV) {
            reads.increment();
        }
        return inside(() -> copy(in(now, space).get(key)));
    }

    /** How many changes were read one by one, with their values, outside of views. */
    public long reads() {
        return reads.sum();
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        gate.enter();
        return new Cursor(in(now, space), from, toExclusive, true);
    }

    @Override
    public EngineView view() {
        gate.enter();
        return new View(now);
    }

    @Override
    public void flush() {
        inside(() -> {
            Map<Space, SortedBytes> content = now;
            if (disk != null && folder != null) {
                try {
                    disk.replace(folder.resolve(FILE), encoded(content));
                } catch (DiskFullException e) {
                    throw new EngineFullException("there is no room to flush " + folder, e);
                }
            }
            flushed = content;
            return null;
        });
    }

    @Override
    public void checkpoint(Path target) {
        flush();
        if (disk == null) {
            throw new IllegalStateException("an engine without a disk makes no checkpoints");
        }
        disk.createDirectory(target);
        try (DiskFile file = disk.create(target.resolve(FILE))) {
            file.write(ByteBuffer.wrap(encoded(flushed)), 0);
            file.sync();
        }
        disk.syncDirectory(target);
    }

    @Override
    public void reclaim() {
        inside(reclaims::incrementAndGet);
    }

    @Override
    public void defragment() {
        reclaim();
    }

    @Override
    public void verifyFiles(LongConsumer read) {
        inside(() -> {
            if (disk != null && folder != null && disk.exists(folder.resolve(FILE))) {
                byte[] bytes = disk.readAll(folder.resolve(FILE));
                decode(folder.resolve(FILE), bytes);
                read.accept(bytes.length);
            }
            return null;
        });
    }

    /** None of its files is ever linked. */
    @Override
    public void verifyFile(Path file) {
        throw new AssertionError("asked to verify " + file);
    }

    /** How often it was told to give room back. */
    public long reclaims() {
        return reclaims.get();
    }

    @Override
    public long sizeBytes() {
        return inside(() -> {
            long sum = 0;
            for (SortedBytes space : now.values()) {
                SortedBytes.Walk walk = space.walk();
                for (SortedBytes.Node node = walk.next(); node != null; node = walk.next()) {
                    sum += node.key().length + node.value().length;
                }
            }
            return sum;
        });
    }

    @Override
    public long liveBytes() {
        return sizeBytes();
    }

    @Override
    public void close() {
        gate.shut(isPoisoned ? 0 : PATIENCE_NANOS);
    }

    private <T> T inside(Supplier<T> work) {
        gate.enter();
        try {
            if (isPoisoned) {
                throw new EngineException("this engine has failed before and must be reopened");
            }
            return work.get();
        } finally {
            gate.leave();
        }
    }

    private static SortedBytes in(Map<Space, SortedBytes> content, Space space) {
        return Objects.requireNonNull(content.get(space));
    }

    private static byte @Nullable [] copy(byte @Nullable [] bytes) {
        return bytes == null ? null : bytes.clone();
    }

    private byte[] encoded(Map<Space, SortedBytes> content) {
        Encoded known = last;
        if (known == null || known.content() != content) {
            known = new Encoded(content, encode(content));
            last = known;
        }
        return known.bytes();
    }

    private static byte[] encode(Map<Space, SortedBytes> content) {
        ByteSink counting = ByteSink.counting();
        write(counting, content);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, content);
        byte[] bytes = Arrays.copyOf(out.toArray(), counting.count() + Integer.BYTES);
        ByteSink.putInt(bytes, counting.count(), crcOf(bytes));
        return bytes;
    }

    private static void write(ByteSink out, Map<Space, SortedBytes> content) {
        for (SortedBytes space : content.values()) {
            SortedBytes.Walk walk = space.walk();
            for (SortedBytes.Node node = walk.next(); node != null; node = walk.next()) {
                out.u8(1);
                out.bytes(node.key());
                out.bytes(node.value());
            }
            out.u8(0);
        }
    }

    private static Map<Space, SortedBytes> decode(Path file, byte[] bytes) {
        if (bytes.length < Integer.BYTES || crcOf(bytes) != ByteSource.getInt(bytes, bytes.length - Integer.BYTES)) {
            throw new EngineException(file + " is damaged: its checksum does not match", null, true);
        }
        ByteSource in = new ByteSource(bytes);
        Map<Space, SortedBytes> content = empty();
        for (Space space : Space.values()) {
            while (in.u8() == 1) {
                byte[] key = in.bytes();
                content.put(space, in(content, space).with(key, in.bytes()));
            }
        }
        return content;
    }

    private static int crcOf(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** A content, which never changes, and the file that holds it. */
    private record Encoded(Map<Space, SortedBytes> content, byte[] bytes) {}

    private record Change(Space space, byte[] key, byte @Nullable [] value, boolean isSingle) {}

    private static final class MemoryWrite implements AtomicWrite {
        private final List<Change> changes = new ArrayList<>();

        @Override
        public void put(Space space, byte[] key, byte[] value) {
            if (value.length == 0) {
                throw new AssertionError("values are never empty");
            }
            changes.add(new Change(space, key.clone(), value.clone(), false));
        }

        @Override
        public void delete(Space space, byte[] key) {
            changes.add(new Change(space, key.clone(), null, false));
        }

        @Override
        public void singleDelete(Space space, byte[] key) {
            if (space != Space.REV) {
                throw new AssertionError("keys of " + space + " may be put twice, so they cannot be single-deleted");
            }
            changes.add(new Change(space, key.clone(), null, true));
        }

        @Override
        public int count() {
            return changes.size();
        }

        @Override
        public void close() {
            changes.clear();
        }
    }

    private final class View implements EngineView {
        private final Map<Space, SortedBytes> content;
        private volatile boolean isClosed;

        View(Map<Space, SortedBytes> content) {
            this.content = content;
        }

        @Override
        public byte @Nullable [] get(Space space, byte[] key) {
            refuseIfClosed();
            return copy(in(content, space).get(key));
        }

        @Override
        public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
            refuseIfClosed();
            return new Cursor(in(content, space), from, toExclusive, false);
        }

        private void refuseIfClosed() {
            if (isClosed) {
                throw new IllegalStateException("this view is closed");
            }
        }

        @Override
        public void close() {
            if (!isClosed) {
                isClosed = true;
                gate.leave();
            }
        }
    }

    private final class Cursor implements EngineCursor {
        private final SortedBytes.Walk walk;
        private final byte @Nullable [] to;
        private final boolean isGuest;
        private SortedBytes.@Nullable Node current;
        private boolean isOver;
        private boolean isClosed;

        Cursor(SortedBytes content, byte[] from, byte @Nullable [] to, boolean isGuest) {
            this.walk = content.from(from);
            this.to = to;
            this.isGuest = isGuest;
        }

        @Override
        public boolean next() {
            if (isClosed) {
                throw new IllegalStateException("this cursor is closed");
            }
            if (isOver) {
                throw new IllegalStateException("this cursor has come to its end");
            }
            SortedBytes.Node node = walk.next();
            boolean isInside = node != null && (to == null || Arrays.compareUnsigned(node.key(), to) < 0);
            current = isInside ? node : null;
            isOver = !isInside;
            return isInside;
        }

        private SortedBytes.Node here() {
            SortedBytes.Node node = current;
            if (node == null || isClosed) {
                throw new IllegalStateException("this cursor stands on no entry or is closed");
            }
            return node;
        }

        @Override
        public byte[] key() {
            return here().key().clone();
        }

        @Override
        public byte[] value() {
            return here().value().clone();
        }

        @Override
        public int firstValueByte() {
            return here().value()[0] & 0xff;
        }

        @Override
        public void close() {
            if (!isClosed) {
                isClosed = true;
                if (isGuest) {
                    gate.leave();
                }
            }
        }
    }
}
