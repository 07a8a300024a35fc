package io.axolotl.jepsen.chaos.planted;

import io.axolotl.jepsen.front.CursorInFront;
import io.axolotl.jepsen.front.EngineInFront;
import io.axolotl.jepsen.front.ViewInFront;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Engines that hold what they were given, and show wrongly what lies in a range. Threads as the engine's. */
final class RangeBugs {
    private RangeBugs() {}

    /** A range of keys ends one key too early. */
    static final class EndsRangesEarly extends EngineInFront {
        EndsRangesEarly(KvEngine engine) {
            super(engine);
        }

        @Override
        public EngineView view() {
            return new ViewInFront(engine.view()) {
                @Override
                public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
                    EngineCursor cursor = view.scan(space, from, toExclusive);
                    return space == Space.IDX && toExclusive != null ? new WithoutLast(cursor) : cursor;
                }
            };
        }
    }

    /** Is one step ahead of whoever reads it. */
    private static final class WithoutLast extends CursorInFront {
        private byte[] key = {};
        private byte[] value = {};
        private boolean isBegun;

        WithoutLast(EngineCursor cursor) {
            super(cursor);
        }

        @Override
        public boolean next() {
            if (!isBegun && !cursor.next()) {
                return false;
            }
            isBegun = true;
            key = cursor.key();
            value = cursor.value();
            return cursor.next();
        }

        @Override
        public byte[] key() {
            return key.clone();
        }

        @Override
        public byte[] value() {
            return value.clone();
        }

        @Override
        public int firstValueByte() {
            return Byte.toUnsignedInt(value[0]);
        }
    }

    /** The second half of a range of keys is as it was when the range was last read. */
    static final class KeepsHalfOfRanges extends EngineInFront {
        private final Map<Range, Found> read = new ConcurrentHashMap<>();
        private long views;

        KeepsHalfOfRanges(KvEngine engine) {
            super(engine);
        }

        @Override
        public EngineView view() {
            long number;
            EngineView fresh;
            synchronized (this) {
                number = ++views;
                fresh = engine.view();
            }
            return new ViewInFront(fresh) {
                @Override
                public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
                    EngineCursor cursor = view.scan(space, from, toExclusive);
                    return space == Space.IDX && toExclusive != null
                            ? new Mixed(cursor, mixed(new Range(from, toExclusive), number, cursor))
                            : cursor;
                }
            };
        }

        /** What is read with one of a later view would point to history that this view does not have, which a member notices. */
        private List<Entry> mixed(Range range, long number, EngineCursor cursor) {
            List<Entry> now = new ArrayList<>();
            while (cursor.next()) {
                now.add(new Entry(cursor.key(), cursor.value()));
            }
            Found before = read.get(range);
            if (before != null && before.view > number) {
                return now;
            }
            read.put(range, new Found(number, now));
            if (before == null || before.entries.size() != now.size()) {
                return now;
            }
            List<Entry> both = new ArrayList<>(now.subList(0, now.size() / 2));
            both.addAll(before.entries.subList(now.size() / 2, now.size()));
            return both;
        }
    }

    private record Found(long view, List<Entry> entries) {}

    private record Entry(byte[] key, byte[] value) {}

    private record Range(ByteBuffer from, ByteBuffer toExclusive) {
        Range(byte[] from, byte[] toExclusive) {
            this(ByteBuffer.wrap(from.clone()), ByteBuffer.wrap(toExclusive.clone()));
        }
    }

    private static final class Mixed extends CursorInFront {
        private final List<Entry> entries;
        private int place = -1;

        Mixed(EngineCursor cursor, List<Entry> entries) {
            super(cursor);
            this.entries = entries;
        }

        @Override
        public boolean next() {
            if (place + 1 >= entries.size()) {
                return false;
            }
            place++;
            return true;
        }

        @Override
        public byte[] key() {
            return entries.get(place).key.clone();
        }

        @Override
        public byte[] value() {
            return entries.get(place).value.clone();
        }

        @Override
        public int firstValueByte() {
            return Byte.toUnsignedInt(entries.get(place).value[0]);
        }
    }
}
