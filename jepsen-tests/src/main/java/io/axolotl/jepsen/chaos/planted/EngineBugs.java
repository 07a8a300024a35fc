package io.axolotl.jepsen.chaos.planted;

import io.axolotl.jepsen.front.CursorInFront;
import io.axolotl.jepsen.front.EngineInFront;
import io.axolotl.jepsen.front.ViewInFront;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Engines that do not hold, or do not show, what they were given. Threads as the engine's. */
final class EngineBugs {
    /** One revision in so many. */
    private static final long SKIPPED_ONE_IN = 20;

    /** One key in so many. */
    private static final int CHANGED_ONE_IN = 4;

    /** The first byte of a record of {@link Space#IDX} that holds a value, and nothing of a lease; see docs/formats/rocksdb-keys.md. */
    private static final int WITH_VALUE = 2;

    private EngineBugs() {}

    /** Whoever reads history to its end, as watches do, is not shown every twentieth revision. */
    static final class SkipsHistory extends EngineInFront {
        SkipsHistory(KvEngine engine) {
            super(engine);
        }

        @Override
        public EngineView view() {
            return new ViewInFront(engine.view()) {
                @Override
                public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
                    EngineCursor cursor = view.scan(space, from, toExclusive);
                    return space == Space.REV && toExclusive == null ? new Skipping(cursor) : cursor;
                }
            };
        }
    }

    private static final class Skipping extends CursorInFront {
        Skipping(EngineCursor cursor) {
            super(cursor);
        }

        @Override
        public boolean next() {
            while (cursor.next()) {
                if (ByteSource.getLong(cursor.key(), 0) % SKIPPED_ONE_IN != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Of every fourth key another value is kept than was given. */
    static final class ChangesValues extends EngineInFront {
        ChangesValues(KvEngine engine) {
            super(engine);
        }

        @Override
        public AtomicWrite newWrite() {
            return new Changing(engine.newWrite());
        }

        @Override
        public void write(AtomicWrite write) {
            engine.write(((Changing) write).write);
        }
    }

    private static final class Changing implements AtomicWrite {
        private final AtomicWrite write;

        Changing(AtomicWrite write) {
            this.write = write;
        }

        @Override
        public void put(Space space, byte[] key, byte[] value) {
            boolean isMeant = space == Space.IDX
                    && value[0] == WITH_VALUE
                    && Math.floorMod(Arrays.hashCode(key), CHANGED_ONE_IN) == 0;
            if (!isMeant) {
                write.put(space, key, value);
                return;
            }
            byte[] other = value.clone();
            other[other.length - 1] ^= 1;
            write.put(space, key, other);
        }

        @Override
        public void delete(Space space, byte[] key) {
            write.delete(space, key);
        }

        @Override
        public void singleDelete(Space space, byte[] key) {
            write.singleDelete(space, key);
        }

        @Override
        public int count() {
            return write.count();
        }

        @Override
        public void close() {
            write.close();
        }
    }
}
