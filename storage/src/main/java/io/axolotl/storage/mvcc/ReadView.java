package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.Space;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The store between two runs: data, revision and compaction floor that belong together, so that no reader ever sees half
 * a run. Borrowed from {@link MvccStore#borrowView} and given back by {@link #close}; the last to give it back lets go of
 * the engine's view.
 *
 * <p>Safe for all threads while borrowed.
 */
public final class ReadView extends Keyspace implements AutoCloseable {
    /** What a key takes in memory beside its bytes, roughly. */
    private static final long KEY_BYTES = 48;

    private final EngineView engine;
    private final StoreState state;
    /** Borrowers, and one for the store while this is the newest view. */
    private final AtomicInteger holders = new AtomicInteger(1);

    ReadView(EngineView engine, StoreState state) {
        this.engine = engine;
        this.state = state;
    }

    @Override
    public long revision() {
        return state.revision();
    }

    @Override
    public long compactRevision() {
        return state.compactRevision();
    }

    StoreState state() {
        return state;
    }

    EngineView engine() {
        return engine;
    }

    /** The keys that hang on a lease, in order. What {@code meter} throws ends the read. */
    public List<byte[]> attachedKeys(long lease, ReadMeter meter) {
        List<byte[]> keys = new ArrayList<>();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.attachedFrom(lease), MetaKeys.attachedTo(lease))) {
            while (cursor.next()) {
                byte[] key = MetaKeys.attachedKeyOf(cursor.key());
                meter.holds(KEY_BYTES + key.length);
                keys.add(key);
            }
        }
        return keys;
    }

    /**
     * Whether a key of a range hangs on a lease, without a look at its others.
     *
     * @param to exclusive; null for no end
     */
    public boolean isAnyAttached(long lease, byte[] from, byte @Nullable [] to) {
        byte[] end = to == null ? MetaKeys.attachedTo(lease) : MetaKeys.attached(lease, to);
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.attached(lease, from), end)) {
            return cursor.next();
        }
    }

    /** False if everybody has let go of it already. */
    boolean tryBorrow() {
        while (true) {
            int now = holders.get();
            if (now == 0) {
                return false;
            }
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Gives the view back. Once per borrowing. */
    @Override
    public void close() {
        int left = holders.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("a view was given back more often than it was borrowed");
        }
        if (left == 0) {
            engine.close();
        }
    }

    @Override
    @Nullable IndexRecord index(byte[] key) {
        byte[] stored = engine.get(Space.IDX, key);
        return stored == null ? null : IndexRecord.decode(stored);
    }

    @Override
    IndexCursor indexes(KeyRange range) {
        return IndexCursor.over(engine.scan(Space.IDX, range.from(), range.toExclusive()));
    }

    @Override
    @Nullable EventRecord event(Revision revision) {
        byte[] stored = engine.get(Space.REV, revision.toKey());
        return stored == null ? null : EventRecord.decode(revision, stored);
    }
}
