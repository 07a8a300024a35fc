package io.axolotl.jepsen.simulation;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine below the state machine: what RocksDB is in production, with its log off. A crash takes it back to the last
 * flush, all spaces together; a flush, a view and a copy cost nothing.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedEngine implements KvEngine {
    /** All spaces at one moment. Immutable. */
    record Image(PersistentMap meta, PersistentMap idx, PersistentMap rev) {
        static final Image EMPTY = new Image(PersistentMap.EMPTY, PersistentMap.EMPTY, PersistentMap.EMPTY);

        PersistentMap space(Space space) {
            return switch (space) {
                case META -> meta;
                case IDX -> idx;
                case REV -> rev;
            };
        }

        /** For a planted bug: the data of this image, the description of another. */
        Image withMetaOf(Image other) {
            return other.equals(EMPTY) ? this : new Image(other.meta, idx, rev);
        }

        private Image with(Space space, PersistentMap map) {
            return switch (space) {
                case META -> new Image(map, idx, rev);
                case IDX -> new Image(meta, map, rev);
                case REV -> new Image(meta, idx, map);
            };
        }
    }

    private final Consumer<Image> durable;
    private Image current;

    /**
     * @param found what a crash has left
     * @param durable is given what would survive a crash, each time that changes
     */
    SimulatedEngine(Image found, Consumer<Image> durable) {
        this.current = found;
        this.durable = durable;
    }

    /** The state as of the last write. */
    Image image() {
        return current;
    }

    @Override
    public AtomicWrite newWrite() {
        return new Write();
    }

    @Override
    public void write(AtomicWrite write) {
        Write ours = (Write) write;
        current = ours.applied(current);
        ours.clear();
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        return copy(current.space(space).get(key));
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        return new Cursor(current.space(space).walk(from), toExclusive);
    }

    @Override
    public EngineView view() {
        Image seen = current;
        return new EngineView() {
            @Override
            public byte @Nullable [] get(Space space, byte[] key) {
                return copy(seen.space(space).get(key));
            }

            @Override
            public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
                return new Cursor(seen.space(space).walk(from), toExclusive);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void flush() {
        durable.accept(current);
    }

    @Override
    public void checkpoint(Path target) {
        throw new UnsupportedOperationException("the simulator copies images, not folders");
    }

    @Override
    public void reclaim() {}

    @Override
    public long sizeBytes() {
        return 1;
    }

    @Override
    public long liveBytes() {
        return 1;
    }

    @Override
    public void close() {}

    private static byte @Nullable [] copy(byte @Nullable [] bytes) {
        return bytes == null ? null : bytes.clone();
    }

    /** Collects changes as a list of steps, to be taken on whatever the engine holds when it is written. */
    private static final class Write implements AtomicWrite {
        private record Change(Space space, byte[] key, byte @Nullable [] value) {}

        private final List<Change> changes = new ArrayList<>();

        @Override
        public void put(Space space, byte[] key, byte[] value) {
            changes.add(new Change(space, key.clone(), value.clone()));
        }

        @Override
        public void delete(Space space, byte[] key) {
            changes.add(new Change(space, key.clone(), null));
        }

        @Override
        public void singleDelete(Space space, byte[] key) {
            delete(space, key);
        }

        Image applied(Image before) {
            Image after = before;
            for (Change change : changes) {
                PersistentMap map = after.space(change.space());
                byte[] value = change.value();
                after = after.with(
                        change.space(), value == null ? map.delete(change.key()) : map.put(change.key(), value));
            }
            return after;
        }

        void clear() {
            changes.clear();
        }

        @Override
        public int count() {
            return changes.size();
        }

        @Override
        public void close() {}
    }

    private static final class Cursor implements EngineCursor {
        private final PersistentMap.Walk walk;
        private final byte @Nullable [] toExclusive;

        Cursor(PersistentMap.Walk walk, byte @Nullable [] toExclusive) {
            this.walk = walk;
            this.toExclusive = toExclusive;
        }

        @Override
        public boolean next() {
            return walk.next() && (toExclusive == null || Arrays.compareUnsigned(walk.key(), toExclusive) < 0);
        }

        @Override
        public byte[] key() {
            return walk.key().clone();
        }

        @Override
        public byte[] value() {
            return walk.value().clone();
        }

        @Override
        public int firstValueByte() {
            return walk.value()[0] & 0xff;
        }

        @Override
        public void close() {}
    }
}
